// A tool library: an application that is no part of the portal, in a language that is not the portal's. Residents sign
// in with the council's provider, borrow a ladder, and find that on their home at the portal. Plain Node 20 or newer.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { Portal } from "./portal.mjs";
import { NotGood, Provider } from "./sign_in.mjs";

const { PORT, URL: OURS, ISSUER, CLIENT_ID, CLIENT_SECRET, PORTAL, TOKEN, EVERY_SECONDS = "60" } = process.env;
const provider = new Provider({
  issuer: ISSUER,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  callback: `${OURS}/callback`,
});
const portal = new Portal({ address: PORTAL, token: TOKEN });
const DAY = 86_400_000;

// A real application keeps these in its database.
const signingIn = new Map(); // by state: what must be remembered until a browser comes back from the provider
const sessions = new Map(); // by the cookie's value: { sub, sid, name, resident }
const loans = new Map(); // by the provider's subject: { resident, due }

const pages = {
  "GET /": async ({ session }) => {
    if (!session) return leadTo("/sign-in"); // whoever is signed in at the portal is asked for nothing there
    const loan = loans.get(session.sub);
    const form = loan ? ["return", "Bring the ladder back"] : ["borrow", "Borrow the ladder"];
    return page(`Hello ${session.name}`, [
      `<p>${loan ? `You have the ladder until ${loan.due}.` : "You have borrowed nothing."}</p>`,
      `<form method="post" action="/${form[0]}"><button>${form[1]}</button></form>`,
      `<p><a href="${escaped(PORTAL)}/home">Your home at the council</a></p>`,
    ]);
  },

  "GET /sign-in": async () => {
    const pending = await provider.begin();
    while (signingIn.size >= 1000) signingIn.delete(signingIn.keys().next().value);
    signingIn.set(pending.state, pending);
    return leadTo(pending.address, cookie("tools_signing_in", pending.state));
  },

  "GET /callback": async ({ query, cookies }) => {
    const pending = signingIn.get(cookies.tools_signing_in); // the browser that began, and once
    if (!pending) throw new NotGood("nobody of this browser is signing in");
    signingIn.delete(pending.state);
    const { idToken, claims } = await provider.finish(query, pending);
    const resident = await portal.know(idToken).catch(() => null);
    const value = randomBytes(32).toString("base64url");
    sessions.set(value, { sub: claims.sub, sid: claims.sid, name: claims.name, resident });
    return leadTo("/", cookie("tools_session", value));
  },

  "POST /borrow": async ({ session }) => {
    if (!session) return leadTo("/sign-in");
    const due = new Date(Date.now() + 7 * DAY).toISOString().slice(0, 10);
    loans.set(session.sub, { resident: session.resident, due });
    await tell(session, "You borrowed the ladder", "Fe wnaethoch chi fenthyg yr ysgol");
    return leadTo("/");
  },

  "POST /return": async ({ session }) => {
    if (!session) return leadTo("/sign-in");
    loans.delete(session.sub);
    await tell(session, "You brought the ladder back", "Daethoch chi â’r ysgol yn ôl");
    return leadTo("/");
  },

  // Called by the provider when somebody has signed out anywhere: their sessions here end too.
  "POST /signed-out": async ({ form }) => {
    const { sub, sid } = await provider.signedOut(form.get("logout_token"));
    for (const [value, each] of sessions) if (sid ? each.sid === sid : each.sub === sub) sessions.delete(value);
    return { status: 200, headers: { "Cache-Control": "no-store" } };
  },
};

// What stands at the resident's home now: a card, a task while the ladder is out, and what has just happened.
async function tell({ resident, sub }, happened, happenedInWelsh) {
  if (!resident) return;
  const [loan, now, url] = [loans.get(sub), new Date().toISOString(), `${OURS}/`];
  const of = `/residents/${resident}`;
  portal.send("PUT", `${of}/cards/loans`, {
    title: loan ? "1 tool on loan" : "No tools on loan",
    title_cy: loan ? "1 offeryn ar fenthyg" : "Dim offer ar fenthyg",
    tag: loan ? "On loan" : "",
    tag_cy: loan ? "Ar fenthyg" : "",
    tag_colour: "blue",
    action_needed: Boolean(loan),
    as_of: now,
    url,
  });
  portal.send("PUT", `${of}/tasks/ladder`, {
    title: "Bring the ladder back",
    title_cy: "Dewch â’r ysgol yn ôl",
    due_on: loan?.due ?? null,
    done: !loan,
    url,
  });
  await portal.send("POST", `${of}/activity`, { key: now.replaceAll(":", "."), title: happened, title_cy: happenedInWelsh, at: now, url });
}

function forget(resident) {
  for (const [sub, loan] of loans) if (loan.resident === resident) loans.delete(sub);
  for (const [value, each] of sessions) if (each.resident === resident) sessions.delete(value);
  console.log(`forgot ${resident}`);
}

async function answer(request) {
  const { pathname, searchParams: query } = new URL(request.url, OURS);
  const view = pages[`${request.method} ${pathname}`];
  if (!view) return { status: 404 };
  const isProvider = pathname === "/signed-out"; // which has no cookie, and brings a token of its own
  if (request.method === "POST" && !isProvider && request.headers.origin !== OURS) return { status: 403 };
  const cookies = Object.fromEntries((request.headers.cookie ?? "").split("; ").map((each) => each.split("=")));
  const form = request.method === "POST" ? new URLSearchParams(await bodyOf(request)) : null;
  return view({ query, form, cookies, session: sessions.get(cookies.tools_session) });
}

async function bodyOf(request) {
  let body = "";
  for await (const part of request) if ((body += part).length > 16_384) throw new NotGood("too long");
  return body;
}

function page(title, parts) {
  const html = `<!doctype html><html lang="en"><title>Tool library</title><h1>${escaped(title)}</h1>${parts.join("")}`;
  return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: html };
}

function leadTo(address, setCookie) {
  return { status: 303, headers: { Location: address, ...(setCookie && { "Set-Cookie": setCookie }) } };
}

function cookie(name, value) {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${OURS.startsWith("https:") ? "; Secure" : ""}`;
}

function escaped(text) {
  return String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

createServer(async (request, response) => {
  let said;
  try {
    said = await answer(request);
  } catch (error) {
    if (!(error instanceof NotGood)) console.error(error);
    said = { status: error instanceof NotGood ? 400 : 500, body: "This did not work. Go back and try again." };
  }
  const safe = { "Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff" };
  response.writeHead(said.status, { ...safe, ...said.headers }).end(said.body);
}).listen(Number(PORT), "localhost", () => console.log("ready"));

setInterval(() => {
  portal.flush();
  portal.forgetErased(forget).catch(() => {}); // the portal is away: next time
}, EVERY_SECONDS * 1000);
