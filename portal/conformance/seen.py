"""What must be true of every page that a journey comes to.

`watch` listens to a browser context from its start; `look` judges the page that is shown now.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Route, ViewportSize

AXE: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
NARROW: ViewportSize = {"width": 320, "height": 640}
# What differs from one visit to the next and is nothing to a judge: tokens, nonces, ids, sealed requests, references,
# times.
CHANGES = re.compile(
    r'(?<=value=")[\w-]{55}(?=")|(?<=nonce=")[^"]*|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b'
    r"|(?<=[?&]to=)[\w.%-]+|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b|(?<=localhost:)\d+"
    r'|(?<=data-seconds=")\d+|(?<=data-mark=")\w+|(?<=moot-left-)\d+|\b\d{1,2}:\d\d[ap]m'
)

# Run in the page, also in one whose own scripts are off: everything here is done at once.
FACTS = """() => {
  const SMALLEST = 24;  // CSS pixels, WCAG 2.5.8
  const text = (element) => element.textContent.replace(/\\s+/g, " ").trim();
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 1 && box.height > 1 && style.visibility !== "hidden" && !style.clipPath.startsWith("inset");
  };
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  const small = [...document.querySelectorAll("button, select, textarea, .govuk-button, input:not([type=hidden])")]
    .filter(shown)
    .filter((each) => {
      const box = each.getBoundingClientRect();
      return box.width < SMALLEST || box.height < SMALLEST;
    });
  return {
    lang: document.documentElement.lang,
    title: document.title,
    h1: [...document.querySelectorAll("h1")].map(text),
    summary: document.querySelector(".govuk-error-summary") !== null,
    twice: ids.filter((id, at) => ids.indexOf(id) !== at),
    small: small.map((each) => each.outerHTML.slice(0, 120)),
    // Within a map, Leaflet places things by script through the CSSOM, which a policy allows and the tree shows.
    inline: [...document.querySelectorAll("[style], style, [onclick], [onload], [onerror]")]
      .filter((each) => !each.closest(".leaflet-container")).length,
    broken: [...document.images].filter((each) => each.complete && !each.naturalWidth).map((each) => each.src),
  };
}"""
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const past = [...document.body.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > width + 1);
  return past.slice(0, 3).map((each) => each.outerHTML.slice(0, 120)).concat(past.length ? [] : ["the page"]);
}"""


@dataclass
class Watch:
    """What a browser context has complained of since the last look."""

    own: str
    complaints: list[str] = field(default_factory=list)
    scripted: bool = True


_WATCHES: WeakKeyDictionary[BrowserContext, Watch] = WeakKeyDictionary()
_judged: Path | None = None


def remember_in(folder: Path) -> None:
    """Where a file for each page found good is: journeys meet the same ones often, and axe takes half a second."""
    global _judged  # set once, before the first page
    folder.mkdir(exist_ok=True)
    _judged = folder


def watch(context: BrowserContext, own: str, *, scripted: bool = True) -> None:
    """Listen to everything that goes wrong in this context. `own` is the only address that it may talk to."""
    found = _WATCHES[context] = Watch(own, scripted=scripted)

    def console(message: ConsoleMessage) -> None:
        answered = message.text.startswith("Failed to load resource: the server responded with a status of")
        page = message.page
        if message.type == "error" and not (answered and page is not None and message.location["url"] == page.url):
            found.complaints.append(f"console: {message.text}")

    def request(sent: Request) -> None:
        address = urlsplit(sent.url)
        if address.scheme in ("http", "https") and f"{address.scheme}://{address.netloc}" != own:
            found.complaints.append(f"asked another host: {sent.url}")

    context.on("console", console)
    context.on("weberror", lambda error: found.complaints.append(f"script: {error.error}"))
    context.on("request", request)


def look(page: Page) -> None:
    """Judge the page that is shown, and fail with everything that is wrong with it."""
    wrong = faults(page)
    assert not wrong, f"{page.url}\n  " + "\n  ".join(wrong)


def faults(page: Page) -> list[str]:
    """What is wrong with the page, in sentences."""
    watched = _WATCHES[page.context]
    page.wait_for_load_state("load")
    facts = page.evaluate(FACTS)
    wrong = [*_about_words(facts), *_about_build(facts)]
    mark = sha256(f"{page.viewport_size} {CHANGES.sub('', page.content())}".encode()).hexdigest()
    if not (_judged and (_judged / mark).exists()):
        costly = [*_overflow(page), *(broken_rules(page) if watched.scripted else _axe_in_a_twin(page))]
        if _judged and not costly:
            (_judged / mark).touch()
        wrong += costly
    wrong += watched.complaints
    watched.complaints.clear()
    return wrong


def _about_words(facts: dict[str, Any]) -> list[str]:
    wrong = []
    if facts["lang"] not in ("en", "cy"):
        wrong.append(f"lang is {facts['lang']!r}")
    if len(facts["h1"]) != 1:
        return [*wrong, f"h1s: {facts['h1']}"]
    title = re.sub(r"^\w+: ", "", facts["title"]) if facts["summary"] else facts["title"]
    if facts["summary"] and title == facts["title"]:
        wrong.append(f"the title does not say that something is wrong: {title!r}")
    if not title.startswith(facts["h1"][0]):
        wrong.append(f"title {title!r} does not start with {facts['h1'][0]!r}")
    return wrong


def _about_build(facts: dict[str, Any]) -> list[str]:
    wrong = [f"id twice: {each}" for each in facts["twice"]]
    wrong += [f"too small to touch: {each}" for each in facts["small"]]
    wrong += [f"picture does not load: {each}" for each in facts["broken"]]
    if facts["inline"]:
        wrong.append("inline style or handler")
    return wrong


def _overflow(page: Page) -> list[str]:
    before = page.viewport_size
    page.set_viewport_size(NARROW)
    past: list[str] = page.evaluate(OVERFLOW)
    if before is not None:
        page.set_viewport_size(before)
    return [f"past the right edge at 320 px: {each}" for each in past]


def broken_rules(page: Page) -> list[str]:
    """What axe finds on the page that is shown, in sentences."""
    response = Axe().run(page, options=AXE).response
    return [
        f"axe {each['id']}: {each['help']}: " + "; ".join(node["html"][:160] for node in each["nodes"][:3])
        for each in response["violations"]
    ]


def _axe_in_a_twin(page: Page) -> list[str]:
    """Axe is a script and waits for timers, so a page whose scripts are off is judged in a copy that has none."""
    browser = page.context.browser
    assert browser is not None
    plain = re.sub(r"<script\b.*?</script>", "", page.content(), flags=re.DOTALL)
    context = browser.new_context(viewport=page.viewport_size, bypass_csp=True)
    try:
        twin = context.new_page()

        def copy(route: Route) -> None:
            if route.request.is_navigation_request():
                route.fulfill(status=200, content_type="text/html; charset=utf-8", body=plain)
            else:
                route.continue_()

        twin.route("**/*", copy)
        twin.goto(page.url)
        return broken_rules(twin)
    finally:
        context.close()
