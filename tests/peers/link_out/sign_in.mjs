// Signing residents in with the council's OpenID Provider, and hearing that they have signed out. Nothing but Node.
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";

const LEEWAY = 30; // seconds that two clocks may differ by
const SIGNATURES = {
  ES256: { hash: "sha256", kty: "EC", options: { dsaEncoding: "ieee-p1363" } },
  RS256: { hash: "sha256", kty: "RSA", options: {} },
};
const LOGOUT = "http://schemas.openid.net/event/backchannel-logout";
const secret = () => randomBytes(32).toString("base64url");

export class NotGood extends Error {}

export class Provider {
  constructor({ issuer, clientId, clientSecret, callback }) {
    Object.assign(this, { issuer, clientId, clientSecret, callback, keys: [], used: new Map() });
  }

  async metadata() {
    this.known ??= await json(await fetch(`${this.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`));
    if (this.known.issuer !== this.issuer) throw new NotGood("another issuer");
    return this.known;
  }

  // The address to send a browser to, and what must be remembered of it until it comes back.
  async begin() {
    const [state, nonce, verifier] = [secret(), secret(), secret()];
    const { authorization_endpoint } = await this.metadata();
    const asked = new URLSearchParams({
      response_type: "code",
      client_id: this.clientId,
      redirect_uri: this.callback,
      scope: "openid profile",
      state,
      nonce,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    });
    return { address: `${authorization_endpoint}?${asked}`, state, nonce, verifier };
  }

  // The ID token, and its claims with those of userinfo, for what the browser came back with. `pending` is what begin() gave.
  async finish(answer, pending) {
    if (answer.get("state") !== pending.state) throw new NotGood("another state");
    if (answer.get("iss") !== this.issuer) throw new NotGood("another provider's answer"); // RFC 9207
    if (answer.has("error")) throw new NotGood("the provider said no");
    const { token_endpoint, userinfo_endpoint } = await this.metadata();
    const proof = [this.clientId, this.clientSecret].map(encodeURIComponent).join(":");
    const tokens = await json(
      await fetch(token_endpoint, {
        method: "POST",
        headers: { Authorization: `Basic ${Buffer.from(proof).toString("base64")}` },
        body: new URLSearchParams({
          grant_type: "authorization_code",
          code: answer.get("code"),
          redirect_uri: this.callback,
          code_verifier: pending.verifier,
        }),
      }),
    );
    const { claims } = await this.verified(tokens.id_token, ["JWT"]);
    if (claims.nonce !== pending.nonce) throw new NotGood("another nonce");
    const headers = { Authorization: `Bearer ${tokens.access_token}` };
    const about = await json(await fetch(userinfo_endpoint, { headers }));
    if (about.sub !== claims.sub) throw new NotGood("userinfo of somebody else");
    return { idToken: tokens.id_token, claims: { ...about, ...claims } };
  }

  // Who has signed out, by a logout token (OpenID Connect Back-Channel Logout 1.0): { sub, sid }.
  async signedOut(token) {
    const { claims } = await this.verified(token, ["LOGOUT+JWT", "JWT"]);
    if (!claims.events?.[LOGOUT] || "nonce" in claims) throw new NotGood("no logout token");
    const now = Date.now() / 1000;
    for (const [jti, until] of this.used) if (until < now) this.used.delete(jti);
    if (!claims.jti || this.used.has(claims.jti)) throw new NotGood("used before");
    this.used.set(claims.jti, claims.exp + LEEWAY);
    return claims;
  }

  async verified(token, types) {
    const [head, payload, signature] = String(token).split(".");
    const header = decoded(head);
    const how = Object.hasOwn(SIGNATURES, header.alg) && SIGNATURES[header.alg]; // never `none`, never a shared secret
    if (!how || header.crit || !types.includes((header.typ ?? "JWT").toUpperCase())) throw new NotGood("header");
    const key = { key: await this.key(header.kid, how.kty), ...how.options };
    const good = verify(how.hash, Buffer.from(`${head}.${payload}`), key, Buffer.from(signature ?? "", "base64url"));
    if (!good) throw new NotGood("signature");
    const claims = decoded(payload);
    const now = Date.now() / 1000;
    const audience = [claims.aud].flat();
    if (claims.iss !== this.issuer) throw new NotGood("iss");
    if (audience.length !== 1 || audience[0] !== this.clientId) throw new NotGood("aud");
    if (!(claims.exp + LEEWAY > now) || !(claims.iat - LEEWAY <= now)) throw new NotGood("time");
    return { claims };
  }

  // The provider's key of that name. One that is not known is asked for once: the provider may have made a new one.
  async key(kid, kty) {
    const find = () => this.keys.find((each) => each.kid === kid && each.kty === kty);
    if (!find()) this.keys = (await json(await fetch((await this.metadata()).jwks_uri))).keys;
    if (!find()) throw new NotGood("unknown key");
    return createPublicKey({ key: find(), format: "jwk" });
  }
}

function decoded(part) {
  try {
    return JSON.parse(Buffer.from(part ?? "", "base64url"));
  } catch {
    throw new NotGood("form");
  }
}

async function json(response) {
  if (!response.ok) throw new NotGood(`${new URL(response.url).pathname} answered ${response.status}`);
  return response.json();
}
