// Passkeys: ask the browser for one, put its answer into the form, send the form. Without this there is no button.
(() => {
  "use strict";

  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const NEW_CHALLENGE_MS = 4 * 60 * 1000; // the server forgets a challenge after five minutes

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // The server speaks JSON; the browser wants bytes.
  function readable(options) {
    const read = { ...options, challenge: toBytes(options.challenge) };
    const each = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));
    if (options.user) read.user = { ...options.user, id: toBytes(options.user.id) };
    if (options.allowCredentials) read.allowCredentials = each(options.allowCredentials);
    if (options.excludeCredentials) read.excludeCredentials = each(options.excludeCredentials);
    return read;
  }

  function written(credential) {
    const from = credential.response;
    const response = { clientDataJSON: toText(from.clientDataJSON) };
    if (from.attestationObject) response.attestationObject = toText(from.attestationObject);
    if (from.authenticatorData) response.authenticatorData = toText(from.authenticatorData);
    if (from.signature) response.signature = toText(from.signature);
    if (from.userHandle) response.userHandle = toText(from.userHandle);
    return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response });
  }

  async function ask(form, more) {
    const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no options");
    const publicKey = readable((await answer.json()).publicKey);
    const act = form.dataset.passkey === "create" ? "create" : "get";
    return navigator.credentials[act]({ publicKey, ...more });
  }

  function send(form, credential) {
    form.elements.answer.value = written(credential);
    form.submit();
  }

  // What went wrong, as the server shows it: a summary on top that takes the focus, and a title that says so.
  function show(form, words) {
    const { error, problem } = form.dataset;
    const shown = document.querySelector(".govuk-error-summary");
    if (shown) shown.remove();
    const title = document.title.startsWith(error) ? document.title.slice(error.length).trimStart() : document.title;
    document.title = words ? `${error} ${title}` : title;
    if (!words) return;
    const made = summary(problem, words, form.querySelector("button"));
    document.querySelector("main h1").before(made);
    made.focus();
  }

  function summary(problem, words, button) {
    const inside = (parent, tag, name) => {
      const made = parent.appendChild(document.createElement(tag));
      made.className = name;
      return made;
    };
    const whole = document.createElement("div");
    whole.className = "govuk-error-summary";
    whole.tabIndex = -1;
    const alert = inside(whole, "div", "");
    alert.setAttribute("role", "alert");
    inside(alert, "h2", "govuk-error-summary__title").textContent = problem;
    const list = inside(inside(alert, "div", "govuk-error-summary__body"), "ul", "govuk-list govuk-error-summary__list");
    const link = inside(inside(list, "li", ""), "a", "");
    link.href = `#${button.id}`;
    link.textContent = words;
    link.addEventListener("click", () => button.focus());
    return whole;
  }

  // The browser offers passkeys where the e-mail address is typed, for as long as the page is open.
  async function offerWhileTyping(form, waiting) {
    const known = PublicKeyCredential.isConditionalMediationAvailable;
    if (!known || !(await known.call(PublicKeyCredential))) return;
    while (!waiting.over) {
      waiting.round = new AbortController();
      const timer = setTimeout((round) => round.abort(), NEW_CHALLENGE_MS, waiting.round);
      try {
        send(form, await ask(form, { mediation: "conditional", signal: waiting.round.signal }));
        return;
      } catch (error) {
        if (error.name !== "AbortError") return;
      } finally {
        clearTimeout(timer);
      }
    }
  }

  function prepare(form) {
    const waiting = { over: false, round: null };
    const button = form.querySelector("button");
    const named = form.elements.name;
    form.hidden = false;
    button.addEventListener("click", async () => {
      if (named && !named.value.trim()) {
        form.submit(); // the server says what is missing
        return;
      }
      waiting.over = true;
      if (waiting.round) waiting.round.abort();
      show(form, "");
      button.disabled = true;
      try {
        send(form, await ask(form, {}));
      } catch (error) {
        show(form, error.name === "InvalidStateError" ? form.dataset.known : form.dataset.failed);
      } finally {
        button.disabled = false;
      }
    });
    if (form.dataset.conditional) offerWhileTyping(form, waiting);
  }

  document.querySelectorAll("form[data-passkey]").forEach(prepare);
  document.querySelectorAll("[data-without-passkeys]").forEach((each) => { each.hidden = true; });
})();
