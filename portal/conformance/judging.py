"""Have every check look at one service."""

import logging
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence

from portal.conformance.check import Check
from portal.conformance.findings import Finding, Look, Outcome
from portal.conformance.house import House

log = logging.getLogger(__name__)


def judge(house: House, checks: Sequence[Check], *, browser: bool = True) -> Iterator[Outcome]:
    """What each check says of the service of this house, as it comes: in their order, those that spoil it last."""
    for each in sorted(checks, key=lambda each: each.spoils):
        yield _outcome(house, each, browser=browser)


def _outcome(house: House, check: Check, *, browser: bool) -> Outcome:
    if check.needs_browser and not browser:
        return Outcome(check.name, check.holds, left_out="It needs a browser, and --no-browser was given.")
    began = time.monotonic()
    looks = _looks(house, check)
    return Outcome(check.name, check.holds, looks, time.monotonic() - began)


def _looks(house: House, check: Check) -> Sequence[Look]:
    """A service can raise whatever it likes: that is a finding of this check, and no end of the others."""
    found: list[Look] = []
    try:
        found.extend(check.judge(house))
    except Exception as error:  # whatever the service raises
        log.info("check %s ended with %s", check.name, type(error).__name__, exc_info=True)
        found.append(Look("the service", (_raised(house, error),)))
    return found


def _raised(house: House, error: Exception) -> Finding:
    """What it raised, at the last line of the service's own that was reached."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if _is_in(each.filename, house)]
    place = f"{house.short(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    said = str(error).strip().splitlines()
    return Finding(
        f"it raised {type(error).__name__}: {said[0] if said else ''}".rstrip(": "),
        "Have it do what it is asked without raising.",
        place,
    )


def _is_in(filename: str, house: House) -> bool:
    return filename.startswith(str(house.mounted.folder))


def many(outcomes: Iterable[Outcome]) -> int:
    """How many findings there are."""
    return sum(len(each.findings) for each in outcomes)
