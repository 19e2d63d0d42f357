"""Every page in Chromium: axe finds nothing, and nothing sticks out at the width of a phone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, ViewportSize

from portal.conformance.browsing import Browser, Shown
from portal.conformance.check import Check
from portal.conformance.chromium import chromium
from portal.conformance.findings import Finding, Look
from portal.conformance.house import House
from portal.conformance.seen import CHANGES, OVERFLOW, broken_rules
from portal.conformance.walking import walked

WIDTHS: Final = (320, 390)
DESK: Final[ViewportSize] = {"width": 1280, "height": 900}
HOST: Final = "http://localhost"
MOST_OF_A_VIEW: Final = 2
_GOOD: Final[set[str]] = set()
"""Pages found good already, by what is on them: the same ones are met often, and axe takes half a second."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page in the browser: what axe says of it, and what sticks out."""

    shown: Shown
    rules: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()


def accessible(house: House) -> Iterable[Look]:
    """One look for each page that differs from those before."""
    for each in house.once(seen):
        wrong = [f"axe: {rule.removeprefix('axe ')}" for rule in each.rules]
        yield _look(house, each, wrong, "deque's page of the rule says how to mend it.")


def narrow(house: House) -> Iterable[Look]:
    """One look for each page that differs from those before, at both widths of a phone."""
    for each in house.once(seen):
        yield _look(house, each, each.wide[:1], "Let it wrap or scroll by itself: no fixed widths.")


def _look(house: House, each: Seen, wrong: Iterable[str], mend: str) -> Look:
    place = house.place_of(each.shown.endpoint)
    return Look(each.shown.where, tuple(Finding(what, mend, place) for what in wrong))


def seen(house: House) -> Sequence[Seen]:
    """The pages of the walk in one window, each as it was sent; of each view and status a few that differ."""
    chosen, views = dict[str, Shown](), Counter[tuple[str, int]]()
    for shown in house.once(walked).pages:
        view, mark = (shown.endpoint, shown.status), sha256(CHANGES.sub("", shown.html).encode()).hexdigest()
        if mark not in chosen and views[view] < MOST_OF_A_VIEW:
            views[view] += 1
            chosen[mark] = shown
    todo = [shown for mark, shown in chosen.items() if mark not in _GOOD]
    found = list(_each(house, todo)) if todo else []
    bad = {each.shown.html for each in found if each.rules or each.wide}
    _GOOD.update(mark for mark, shown in chosen.items() if shown.html not in bad)
    return [*found, *(Seen(shown) for shown in chosen.values() if shown not in todo)]


def _each(house: House, todo: Sequence[Shown]) -> Iterator[Seen]:
    now: list[Shown] = []
    with chromium() as browser, _window(house, browser, now) as page:
        for shown in todo:
            now[:] = [shown]
            page.set_viewport_size(DESK)
            page.goto(f"{HOST}{shown.address}")
            rules = broken_rules(page)
            yield Seen(shown, tuple(rules), tuple(_wide(page)))


def _wide(page: Page) -> Iterator[str]:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 640})
        yield from (f"sticks out at {width} px: {each}" for each in page.evaluate(OVERFLOW))


@contextmanager
def _window(house: House, browser: Chromium, now: list[Shown]) -> Iterator[Page]:
    """A window in which an address shows what was sent to the kit, and files of the theme come from the portal."""
    files = Browser(house.app, "a window")
    context = browser.new_context(viewport=DESK)

    def answer(route: Route) -> None:
        if route.request.is_navigation_request():
            shown = now[0]
            route.fulfill(status=200, headers=_headers(shown), body=shown.html)
        elif route.request.url.startswith(HOST):
            got = files.client.get(route.request.url.removeprefix(HOST))
            route.fulfill(status=got.status_code, content_type=got.content_type, body=got.get_data())
            got.close()
        else:
            route.abort()

    page = context.new_page()
    page.route("**/*", answer)
    try:
        yield page
    finally:
        context.close()


def _headers(shown: Shown) -> dict[str, str]:
    return {name: value for name, value in shown.headers.items() if name.lower() not in ("content-length", "location")}


AXE: Final = Check(
    name="axe",
    holds="axe finds nothing wrong on any page.",
    mend="Build pages of the components.",
    judge=accessible,
    needs_browser=True,
)
PHONE: Final = Check(
    name="phone",
    holds="No page needs to be scrolled sideways on a phone.",
    mend="Let everything wrap.",
    judge=narrow,
    needs_browser=True,
)
