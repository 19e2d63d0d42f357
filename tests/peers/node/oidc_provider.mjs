// `oidc-provider`, a certified provider, as its own documents set it up: the tests' portal is its only client.
//
// One argument: JSON with `port`, `clients` and `rotate` (a refresh token is good once). Says "ready" when it listens.
// Its own pages for development ask for a name and for consent; any name is somebody there.
import { generateKeyPair, exportJWK } from "jose";
import Provider from "oidc-provider";

const given = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${given.port}`;

async function key(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: "sig", kid: `peer-${alg}` };
}

const provider = new Provider(issuer, {
  clients: given.clients,
  jwks: { keys: [await key("RS256"), await key("ES256")] },
  cookies: { keys: ["a-key-for-cookies-of-a-test-only"] },
  pkce: { required: () => true },
  scopes: ["openid", "offline_access"],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "given_name", "family_name"] },
  // Its own guard refuses to call loopback, where the portal under test is.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  rotateRefreshToken: given.rotate ?? true,
  // Our request says `prompt=consent` where the settings have it so: without, the scope is dropped (Core 11).
  issueRefreshToken: async (ctx, client, code) =>
    client.grantTypeAllowed("refresh_token") && code.scopes.has("offline_access"),
  features: {
    backchannelLogout: { enabled: true },
    requestObjects: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    revocation: { enabled: true },
    ...given.features,
  },
  findAccount: (ctx, sub) => ({
    accountId: sub,
    claims: () => ({
      sub,
      email: `${sub}@example.org`,
      email_verified: true,
      name: "Priya Shah",
      given_name: "Priya",
      family_name: "Shah",
    }),
  }),
});
for (const event of given.quiet ? [] : ["grant.success", "backchannel.success", "backchannel.error", "grant.error", "authorization.error"])
  provider.on(event, (ctx, a, b) =>
    console.log(`${event} ${ctx?.oidc?.params?.grant_type ?? ""} ${(a?.message ?? "")} ${a?.error_detail ?? a?.error_description ?? ""}`),
  );
provider.on("server_error", (ctx, error) => console.log("server_error", error));
provider.listen(given.port, "127.0.0.1", () => console.log("ready"));
