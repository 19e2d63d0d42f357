"""What residents see while the service's back office is slow, down, wrong, or was last heard of some time ago."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import text

from portal.backoffices import health, office
from portal.conformance.browsing import Browser, Shown
from portal.conformance.check import Check
from portal.conformance.findings import Finding, Look
from portal.conformance.house import House
from portal.conformance.offices import Mode
from portal.conformance.walking import STAFF, STRANGER, walked

MOST_SECONDS: Final = 10.0
PAGES_WHEN_SLOW: Final = 2
"""Each costs the time that a page may wait."""
ZERO: Final = re.compile(r"(?<![\d.,£])£0(\.00)?(?![\d.,])|(?<![\w.,:/£-])0(?![\w.,:/%-])")
_FORGET_ANSWERS: Final = text("delete from portal.last_answer")


def judge(house: House) -> Iterable[Look]:
    """One look for each page that asks the office, in each way in which that can be met."""
    if house.mounted.service.standin is None:
        return
    asking = _asking(house)
    assert house.office is not None
    for mode in ("down", "wrong", "slow"):
        for browser, good in asking[: PAGES_WHEN_SLOW if mode == "slow" else None]:
            _forget(house, answers=True)
            shown = _met(house, browser, good, mode)
            yield Look(f"{good.address} ({mode})", tuple(_findings(house, good, shown, mode)))
    for browser, good in asking:
        _forget(house, answers=True)
        fresh = browser.get(good.address)
        _forget(house, answers=False)
        shown = _met(house, browser, good, "down")
        yield Look(f"{good.address} (stale)", tuple(_stale(house, fresh, shown)))
    _forget(house, answers=True)


def _asking(house: House) -> Sequence[tuple[Browser, Shown]]:
    """The pages that ask the office when they are fetched, one address of each view, by who sees it."""
    assert house.office is not None
    walk, found = house.once(walked), dict[str, tuple[Browser, Shown]]()
    for who, browser in walk.browsers.items():
        if who in (STRANGER, STAFF):
            continue
        for endpoint, shown in walk.addresses(who).items():
            _forget(house, answers=True)
            before = house.office.asked
            again = browser.get(shown[0].address)
            if again.status == 200 and house.office.asked > before:
                found.setdefault(endpoint, (browser, again))
    return list(found.values())


def _met(house: House, browser: Browser, good: Shown, mode: Mode) -> Shown:
    assert house.office is not None
    with house.office.being(mode):
        return browser.get(good.address)


def _forget(house: House, *, answers: bool) -> None:
    """As in another process: no breaker is open. With `answers`, what the office said last is not known either."""
    for name in (office.EXTENSION, health.EXTENSION):
        house.app.extensions.pop(name, None)
    if answers:
        with house.engine.begin() as connection:
            connection.execute(_FORGET_ANSWERS)


def _findings(house: House, good: Shown, shown: Shown, mode: str) -> Iterator[Finding]:
    place, way = house.place_of(good.endpoint), f"while the back office is {mode}"
    if (shown.status >= 500 and shown.status != 503) or (not shown.html and shown.status != 303):
        mend = "Ask by ask_office, or catch Unavailable, and say what is known and what to do."
        yield Finding(f"it answers with {shown.status} {way}", mend, place)
        return
    if shown.seconds > MOST_SECONDS:
        mend = "Give get_office the seconds that a page may wait, and ask once."
        yield Finding(f"it takes {shown.seconds:.1f} seconds {way}", mend, place)
        return
    if not shown.is_page:
        return
    zeros = _zeros(shown) - _zeros(good)
    if zeros:
        mend = "Say that it is not known now. A zero is a figure, and somebody will believe it."
        yield Finding(f"it shows {sorted(zeros)[0]!r} for what is not known {way}", mend, place)
    if shown.status == 200 and shown.page.main == good.page.main:
        mend = "Say that the figures cannot be had at the moment, and when to try again."
        yield Finding(f"it says nothing of it {way}", mend, place)


def _stale(house: House, fresh: Shown, shown: Shown) -> Iterator[Finding]:
    """With the last answer at hand: a page that shows it tells of when it is."""
    if shown.status >= 500 and shown.status != 503:
        mend = "Show the last answer that ask_office gives, with its time."
        yield Finding(
            f"it answers with {shown.status} with a last answer at hand", mend, house.place_of(fresh.endpoint)
        )
    elif shown.status == 200 and shown.page.main == fresh.page.main:
        mend = "Show the answer's `as_of_at` where it is not fresh."
        yield Finding("it shows an old answer as if it were today's", mend, house.place_of(fresh.endpoint))


def _zeros(shown: Shown) -> set[str]:
    return {found[0] for found in ZERO.finditer(shown.page.main)}


CHECK: Final = Check(
    name="office",
    holds="While its back office is slow, down, wrong or out of date, pages come in time and say so.",
    mend="Ask by ask_office, with a bound on time, and say what is not known.",
    judge=judge,
)
