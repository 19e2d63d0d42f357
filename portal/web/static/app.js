// What pages gain from script. Everything works without it. Text is set as text; markup comes from our server alone.
(() => {
  "use strict";

  document.body.classList.add("js-enabled", "govuk-frontend-supported");

  const SENT_WAIT_MS = 10000;
  const COUNT_WAIT_MS = 1000;

  // Focus an element that cannot usually take it, for this once.
  function focusOnce(element) {
    if (!element.hasAttribute("tabindex")) {
      element.setAttribute("tabindex", "-1");
      element.addEventListener("blur", () => element.removeAttribute("tabindex"), { once: true });
    }
    element.focus();
  }

  // The legend or label of a field, so that it is in view together with the field.
  function questionOf(field) {
    const fieldset = field.closest("fieldset");
    const legend = fieldset && fieldset.querySelector("legend");
    if (legend && field.getBoundingClientRect().top - legend.getBoundingClientRect().top < window.innerHeight / 2) {
      return legend;
    }
    return document.querySelector(`label[for="${CSS.escape(field.id)}"]`) || field;
  }

  function errorSummary(summary) {
    focusOnce(summary);
    summary.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!field) return;
      event.preventDefault();
      questionOf(field).scrollIntoView();
      field.focus({ preventScroll: true });
    });
  }

  function notice(banner) {
    if (banner.getAttribute("role") === "alert" && banner.dataset.disableAutoFocus !== "true") focusOnce(banner);
  }

  function skipLink(link) {
    link.addEventListener("click", () => {
      const target = document.getElementById(link.hash.slice(1));
      if (target) focusOnce(target);
    });
  }

  // A form is sent once, however often its button is pressed. The server takes it once too; this saves the wait.
  function sendOnce(form) {
    let sentAt = 0;
    form.addEventListener("submit", (event) => {
      const now = Date.now();
      if (now - sentAt < SENT_WAIT_MS) {
        event.preventDefault();
      } else {
        sentAt = now;
      }
    });
    // Back from the next page with the form still in memory: it may be sent again.
    window.addEventListener("pageshow", () => { sentAt = 0; });
  }

  function characterCount(group) {
    const area = group.querySelector(".govuk-js-character-count");
    const advice = group.querySelector(".govuk-character-count__message");
    const limit = Number(group.dataset.maxlength);
    if (!area || !advice || !limit) return;

    const shown = document.createElement("div");
    shown.className = advice.className + " govuk-character-count__status";
    shown.setAttribute("aria-hidden", "true");
    const spoken = document.createElement("div");
    spoken.className = "govuk-visually-hidden";
    spoken.setAttribute("aria-live", "polite");
    advice.classList.add("govuk-visually-hidden");
    advice.after(shown, spoken);

    // Counted as the server counts: whole characters, not halves of pairs.
    function sentence() {
      const left = limit - Array.from(area.value).length;
      const kind = (left < 0 ? "over" : "left") + (Math.abs(left) === 1 ? "One" : "Many");
      return { left, text: group.dataset[kind].replace("{n}", Math.abs(left).toLocaleString()) };
    }

    function show() {
      const { left, text } = sentence();
      shown.textContent = text;
      shown.classList.toggle("govuk-error-message", left < 0);
      shown.classList.toggle("govuk-hint", left >= 0);
      area.classList.toggle("govuk-textarea--error", left < 0 || group.classList.contains("govuk-form-group--error"));
    }

    let timer = 0;
    area.addEventListener("input", () => {
      show();
      clearTimeout(timer);
      timer = setTimeout(() => { spoken.textContent = sentence().text; }, COUNT_WAIT_MS);
    });
    window.addEventListener("pageshow", show);
    show();
  }

  function password(group) {
    const input = group.querySelector(".govuk-js-password-input-input");
    const button = group.querySelector(".govuk-js-password-input-toggle");
    if (!input || !button) return;
    const words = group.dataset;
    const spoken = document.createElement("div");
    spoken.className = "govuk-visually-hidden";
    spoken.setAttribute("aria-live", "polite");
    group.append(spoken);
    button.hidden = false;

    function set(visible) {
      input.type = visible ? "text" : "password";
      button.textContent = visible ? words.hide : words.show;
      button.setAttribute("aria-label", visible ? words.hideLabel : words.showLabel);
    }

    button.addEventListener("click", () => {
      set(input.type === "password");
      spoken.textContent = input.type === "text" ? words.shown : words.hidden;
    });
    // Sent as a password, so that no browser remembers it as a text.
    if (input.form) input.form.addEventListener("submit", () => set(false));
  }

  // A part of the page that was not ready in time, asked for once more. It comes from our own server, whose pages
  // escape what people typed, and takes the place of the old part without moving the focus.
  async function late(part) {
    try {
      const answer = await fetch(part.dataset.late, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("section[aria-labelledby^='service-']");
      if (!fresh || part.contains(document.activeElement)) return;
      fresh.removeAttribute("data-late");
      fresh.setAttribute("aria-live", "polite");
      part.replaceWith(document.adoptNode(fresh));
    } catch {
      // What the page says already stays true: the service cannot be reached.
    }
  }

  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
  each("form[method='post']", sendOnce);
  each("[data-module='govuk-character-count']", characterCount);
  each("[data-module='govuk-password-input']", password);
  each("[data-module='govuk-skip-link']", skipLink);
  each("[data-module='govuk-notification-banner']", notice);
  each("[data-module='govuk-error-summary']", errorSummary);
  each("[data-late]", late);
})();
