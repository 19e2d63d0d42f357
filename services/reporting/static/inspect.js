// What somebody types on the street stays on their phone until the council has it: a lost connection loses nothing.
// It is kept with the form's key, so that the same words sent again are the same act. After a day it is thrown away, and
// when they sign out. Colleagues who share a phone find their own words only: the entry bears who wrote it.
(() => {
  "use strict";

  const PREFIX = "moothall.inspect.", A_DAY = 24 * 60 * 60 * 1000;
  const script = document.currentScript, MINE = `${PREFIX}${script ? script.dataset.writer : ""}.`;

  function kept(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  }

  function keep(name, value) {
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch {
      // No room, or not allowed: the page works as without script.
    }
  }

  function tidy(done) {
    try {
      Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)).forEach((name) => {
        const found = kept(name);
        if (name === MINE + done || !found || Date.now() - found.at > A_DAY) localStorage.removeItem(name);
      });
    } catch {
      // There is nothing to tidy.
    }
  }

  function typed(form) {
    // Photos are too large to keep, and no script may put a file into a form.
    const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && !(value instanceof File));
    return { at: Date.now(), fields: Object.fromEntries(fields) };
  }

  function fill(form, fields) {
    Object.entries(fields).forEach(([name, value]) => {
      const field = form.elements.namedItem(name);
      if (field) field.value = value;
    });
  }

  function start(form) {
    const name = MINE + form.dataset.inspect, status = form.querySelector("[data-inspect-status]");
    const before = kept(name);
    // A page that answers a form shows what was typed by itself, with a template put in or with what is wrong.
    if ("answered" in form.dataset) keep(name, typed(form));
    else if (before) {
      fill(form, before.fields);
      status.textContent = form.dataset.kept;
    }
    form.addEventListener("input", () => keep(name, typed(form)));
    form.addEventListener("submit", (event) => {
      keep(name, typed(form));
      if (navigator.onLine) return;
      event.preventDefault();
      status.textContent = form.dataset.offline;
    });
  }

  tidy((script && script.dataset.inspected) || "");
  const form = document.querySelector("[data-inspect]");
  if (form) start(form);
})();
