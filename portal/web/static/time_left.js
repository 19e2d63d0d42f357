// Warns before a session ends. The server alone knows when that is: it is asked before the warning and at the end, so
// that tabs agree, clocks may be wrong and a laptop may have slept. Without this, the bar that CSS shows does the work.
(() => {
  "use strict";

  const part = document.querySelector("[data-time-left]");
  const dialog = part && part.querySelector("[data-time-dialog]");
  if (!dialog || !dialog.showModal || !window.fetch) return;

  const SECOND = 1000;
  const MINUTE = 60 * SECOND;
  const RETRY = 10 * SECOND;
  const find = (name) => part.querySelector(`[data-time-${name}]`);
  const stayButton = find("stay");
  const spoken = find("spoken");
  const sentences = JSON.parse(spoken.dataset.minutes);
  const warn = Number(part.dataset.warn) * SECOND;
  const channel = window.BroadcastChannel ? new BroadcastChannel("moothall-time-left") : null;

  let endsAt = Date.now() + Number(part.dataset.seconds) * SECOND;
  let canStay = part.dataset.canStay === "true";
  let asking = false;
  let askAgainAt = 0;
  let waved = false;  // the warning was read, and the end cannot be moved
  let touched = null;  // the form that was last typed in
  let cameFrom = null;

  part.querySelector("[data-time-soon]").hidden = true;

  function know(answer) {
    endsAt = Date.now() + answer.seconds * SECOND;
    canStay = answer.can_stay;
    if (answer.until) find("until").textContent = answer.until;
    if (endsAt - Date.now() > warn) {
      waved = false;
      hide();
    }
  }

  // What the server says is left: an answer, or null when it could not be reached.
  async function ask() {
    try {
      const answer = await fetch(part.dataset.ask, { cache: "no-store", credentials: "same-origin" });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  function tell(answer) {
    if (channel) channel.postMessage({ mark: part.dataset.mark, answer, at: Date.now() });
  }

  function show() {
    if (dialog.open) return;
    cameFrom = document.activeElement;
    find("can-stay").hidden = !canStay;
    find("cannot-stay").hidden = canStay;
    stayButton.textContent = canStay ? stayButton.dataset.wordsStay : stayButton.dataset.wordsGoOn;
    spoken.textContent = "";
    dialog.showModal();
    stayButton.focus();
  }

  function hide() {
    if (!dialog.open) return;
    dialog.close();
    if (cameFrom && cameFrom.isConnected) cameFrom.focus({ preventScroll: true });
  }

  // Seen each second, heard each minute and half a minute before the end.
  function count(left) {
    const seconds = Math.max(0, Math.ceil(left / SECOND));
    find("clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const sentence = seconds > 30 ? sentences[Math.min(Math.ceil(seconds / 60), sentences.length - 1)] : sentences[0];
    if (spoken.textContent !== sentence) spoken.textContent = sentence;
  }

  async function stay() {
    if (!canStay) {
      waved = true;
      hide();
      return;
    }
    hide();
    asking = true;
    try {
      await fetch(part.dataset.stay, { cache: "no-store", credentials: "same-origin" });
    } catch {
      // Not reached: the answer below fails too, and the warning comes again.
    }
    const answer = await ask();
    asking = false;
    askAgainAt = Date.now() + RETRY;
    if (!answer) return;
    know(answer);
    tell(answer);
    if (endsAt > Date.now() && endsAt - Date.now() <= warn) show();
  }

  // What was typed is sent to where it was going: the server keeps it, and gives it back to the same person.
  function leave() {
    const returned = document.querySelector(".govuk-error-summary") && document.querySelector("main form[method='post']");
    const form = touched && touched.isConnected ? touched : returned;
    if (!form) {
      window.location.replace(window.location.pathname + window.location.search);
      return;
    }
    form.querySelectorAll("input[type='file']").forEach((input) => { input.value = ""; });
    HTMLFormElement.prototype.submit.call(form);
  }

  async function look(then) {
    if (asking || Date.now() < askAgainAt) return;
    asking = true;
    const answer = await ask();
    asking = false;
    askAgainAt = Date.now() + RETRY;
    if (answer) know(answer);
    then(answer, endsAt - Date.now());
  }

  function atTheEnd(answer, left) {
    if (left > 0) {
      askAgainAt = 0;
      tick();
    } else if (answer) {
      clearInterval(timer);
      leave();
    }  // not reached: nothing to go to, so what is typed stays where it is
  }

  function nearTheEnd(answer, left) {
    if (left > 0 && left <= warn) {
      show();
      count(left);
    }
  }

  function tick() {
    const left = endsAt - Date.now();
    if (left <= 0) {
      look(atTheEnd);
    } else if (dialog.open) {
      count(left);
    } else if (left <= warn && !(waved && left > MINUTE)) {
      look(nearTheEnd);
    }
  }

  stayButton.addEventListener("click", stay);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    stay();
  });
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.method === "post") touched = form;
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) askAgainAt = 0;
    if (event.persisted) look(nearTheEnd);
  });
  if (channel) {
    channel.addEventListener("message", (event) => {
      const { mark, answer, at } = event.data;
      if (mark === part.dataset.mark) know({ ...answer, seconds: answer.seconds - (Date.now() - at) / SECOND });
    });
  }
  const timer = setInterval(tick, SECOND);
  tell({ seconds: Number(part.dataset.seconds), can_stay: canStay, until: find("until").textContent });
  tick();
})();
