// What the desk's pages gain from script: letters that lead somewhere, who else is at a case, and how far
// a change of many cases has got. All works without it.
(() => {
  "use strict";

  const help = document.currentScript.dataset.help;
  const TYPED_IN = "input, textarea, select, [contenteditable]";
  const TYPED_IN_SEEN = "input:not([type=hidden])";

  // In a list: the next row, or the one before. The first, if none has the focus; the list does not go round.
  function nextRow(rows, key) {
    if (key !== "j" && key !== "k") return undefined;
    const row = document.activeElement.closest("tr");
    const here = rows.findIndex((each) => each.closest("tr") === row);
    return here < 0 ? rows[0] : rows[Math.min(Math.max(here + (key === "j" ? 1 : -1), 0), rows.length - 1)];
  }

  // A letter leads to its element: a link is followed, a button and a row only come into focus, a form's first field.
  function keys() {
    const by = new Map(), rows = [...document.querySelectorAll("[data-desk-row]")];
    document.querySelectorAll("[data-desk-key]").forEach((element) => by.set(element.dataset.deskKey, element));
    if (!by.size && !rows.length && !help) return;
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
      if (event.defaultPrevented || event.target.closest(TYPED_IN) || document.querySelector("dialog[open]")) return;
      const element = by.get(event.key) || nextRow(rows, event.key);
      if (!element && event.key === "?" && help) window.location.assign(help);
      if (!element) return;
      event.preventDefault();
      (element.tagName === "FORM" ? element.querySelector(TYPED_IN_SEEN) : element).focus();
      if (element.tagName === "A" && !rows.includes(element)) element.click();
    });
  }

  // Tell the server that this page is open, and show who else is there. Text is set as text, never as markup.
  function presence(part) {
    const others = part.querySelector("[data-desk-others]");
    const changed = part.querySelector("[data-desk-changed]");
    const token = document.querySelector("input[name='csrf_token']");
    if (!token || !window.fetch) return;

    function set(element, holder, words) {
      if (holder.textContent !== words) holder.textContent = words;
      element.hidden = !words;
    }

    async function tell() {
      if (document.hidden) return;
      const body = new URLSearchParams({
        csrf_token: token.value, version: part.dataset.version, acting: part.dataset.acting || "0",
      });
      try {
        const answer = await fetch(part.dataset.url, { method: "POST", body, credentials: "same-origin", redirect: "error" });
        if (!answer.ok) return;
        const said = await answer.json();
        if (others) set(others, others, said.here);
        if (changed) set(changed, changed.querySelector("strong"), said.changed);
      } catch {
        // Not reached: the next time tells.
      }
    }

    setInterval(tell, Number(part.dataset.seconds) * 1000);
    document.addEventListener("visibilitychange", tell);
  }

  // How far a change of many cases has got. Once it is over, the page is fetched anew, with what became of each case.
  function progress(list) {
    const bar = document.querySelector("progress");
    if (!window.fetch) return;

    async function look() {
      if (document.hidden) return;
      try {
        const answer = await fetch(list.dataset.url, { cache: "no-store", credentials: "same-origin", redirect: "error" });
        if (!answer.ok) return;
        const said = await answer.json();
        if (!said.running) return void window.location.reload();
        if (bar) bar.value = said.worked_off;
        const lines = said.counted.map((words) => Object.assign(document.createElement("li"), { textContent: words }));
        if (lines.map((line) => line.textContent).join() !== [...list.children].map((line) => line.textContent).join()) {
          list.replaceChildren(...lines);
        }
      } catch {
        // Not reached: the next time tells.
      }
    }

    setInterval(look, Number(list.dataset.seconds) * 1000);
    document.addEventListener("visibilitychange", look);
  }

  keys();
  document.querySelectorAll("[data-desk-here]").forEach(presence);
  document.querySelectorAll("[data-desk-progress]").forEach(progress);
})();
