// `openid-client`, a certified relying party, as its own documents use it, against our provider.
//
// One argument: JSON with `issuer`, `client_id`, `redirect_uri`, `scope`, and either `secret` with `method` or `jwk`;
// `pushed` and `signed` ask for PAR and JAR. Prints the address for the browser, reads the callback's address from
// its input, and prints what it then got as one line of JSON. Whatever openid-client finds wrong ends it with status 1.
import { createInterface } from "node:readline/promises";
import { importJWK } from "jose";
import * as client from "openid-client";

const given = JSON.parse(process.argv[2]);
const key = given.jwk && { key: await importJWK(given.jwk, given.jwk.alg), kid: given.jwk.kid };
const proof = key
  ? client.PrivateKeyJwt(key)
  : { basic: client.ClientSecretBasic, post: client.ClientSecretPost }[given.method](given.secret);
const config = await client.discovery(new URL(given.issuer), given.client_id, given.metadata ?? {}, proof, {
  execute: [client.allowInsecureRequests],
});

const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const parameters = {
  redirect_uri: given.redirect_uri,
  scope: given.scope,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
  ...given.more,
};
let address;
if (given.pushed) address = await client.buildAuthorizationUrlWithPAR(config, parameters);
else if (given.signed) address = await client.buildAuthorizationUrlWithJAR(config, parameters, key);
else address = client.buildAuthorizationUrl(config, parameters);
console.log(`ready ${address}`);

const lines = createInterface({ input: process.stdin });
const back = await new Promise((resolve) => lines.once("line", resolve));
lines.close();
const tokens = await client.authorizationCodeGrant(config, new URL(back), {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
  maxAge: given.more?.max_age && Number(given.more.max_age),
});
const claims = tokens.claims();
const got = { claims, userinfo: await client.fetchUserInfo(config, tokens.access_token, claims.sub) };
if (tokens.refresh_token) {
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
  got.refreshed = { claims: renewed.claims(), rotated: renewed.refresh_token !== tokens.refresh_token };
  await client.tokenRevocation(config, renewed.refresh_token);
  got.after_revocation = await client
    .refreshTokenGrant(config, renewed.refresh_token)
    .then(() => "taken", (error) => error.error);
}
got.end_session = client.buildEndSessionUrl(config, {
  id_token_hint: tokens.id_token,
  post_logout_redirect_uri: given.post_logout_redirect_uri,
}).href;
console.log(JSON.stringify(got));
