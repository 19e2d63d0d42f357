"""Which reports or updates a program asks for: what stands in the address, read and bounded.

GeoReport v2: an empty argument is as good as none; `service_request_id` overrides all others; without dates the last
90 days are meant, and never more than 1,000 reports are given at once. `page` and `page_size` are the usual extension
for what comes after them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from services.reporting.rules.open311.faults import BAD_REQUEST, Wrong

LONGEST_SPAN: Final = timedelta(days=90)
MOST: Final = 1000
"""Reports in one answer."""
MOST_IDS: Final = 500
"""Ids in one question: as many as an address has room for, with room to spare."""
MOST_PAGES_DEEP: Final = 100_000
"""So far `page` reaches: each page counts those before it, so further back one asks by dates."""
STATUSES: Final = ("open", "closed")
_SPACE_FOR_PLUS = re.compile(r"(T.*) (\d\d:?\d\d(:\d\d)?)$")
_A_NUMBER = re.compile(r"[0-9]{1,6}")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_LONGEST_ID = 40

Arguments = Mapping[str, Sequence[str]]
"""What was given by name, each as often as it was given."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for reports. `references` overrules the rest; none of `services` or `statuses` means all.

    `by` is which time `since` (inclusive) and `until` (exclusive, None: no end) speak of.
    """

    references: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    is_open: bool | None = None
    by: Literal["requested", "updated"] = "requested"
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1
    page_size: int = MOST

    @property
    def before(self) -> int:
        """How many come before the page."""
        return (self.page - 1) * self.page_size


def read_question(given: Arguments, now: datetime) -> Asked:
    """What is asked of `requests`. Raises Wrong with everything that cannot be read."""
    faults: list[str] = []
    references = _references(given, faults)
    if references:
        _raise_any(faults)
        return Asked(references=references)
    by_update = bool(_one("updated_after", given) or _one("updated_before", given))
    if by_update and (_one("start_date", given) or _one("end_date", given)):
        faults.append("ask by start_date and end_date, or by updated_after and updated_before")
    names = ("updated_after", "updated_before") if by_update else ("start_date", "end_date")
    since, until = read_span(given, names, now, faults)
    page, page_size = _page(given, faults)
    asked = Asked(
        services=_services(given, faults),
        is_open=_is_open(given, faults),
        by="updated" if by_update else "requested",
        since=since,
        until=until,
        page=page,
        page_size=page_size,
    )
    _raise_any(faults)
    return asked


def read_updates_question(given: Arguments, now: datetime) -> Asked:
    """Which updates are asked for: of which reports, from when to when, and which page of them. Raises Wrong."""
    faults: list[str] = []
    references = _references(given, faults)
    since, until = read_span(given, ("start_date", "end_date"), now, faults)
    page, page_size = _page(given, faults)
    _raise_any(faults)
    return Asked(references=references, since=since, until=until, page=page, page_size=page_size)


def read_span(
    given: Arguments, names: tuple[str, str], now: datetime, faults: list[str]
) -> tuple[datetime, datetime | None]:
    """From when to when. One that is missing is 90 days from the other, or the moment that it is."""
    since, until = (_moment(name, given, faults) for name in names)
    if since is None:
        return (until or now) - LONGEST_SPAN, until
    if until is None:
        until = since + LONGEST_SPAN if since + LONGEST_SPAN < now else None
        return since, until
    if until < since:
        faults.append(f"{names[1]} is before {names[0]}")
    elif until - since > LONGEST_SPAN:
        faults.append(f"{names[0]} and {names[1]} may be at most {LONGEST_SPAN.days} days apart")
    return since, until


def _one(name: str, given: Arguments) -> str:
    return next((value.strip() for value in given.get(name, ()) if value.strip()), "")


def _several(name: str, given: Arguments) -> tuple[str, ...]:
    """What was given with commas, by repeating the name, or both; each once, in the order given."""
    found = (part.strip() for value in given.get(name, ()) for part in value.split(","))
    return tuple(dict.fromkeys(part for part in found if part))


def _references(given: Arguments, faults: list[str]) -> tuple[str, ...]:
    found = _several("service_request_id", given)
    if len(found) > MOST_IDS or any(len(each) > _LONGEST_ID for each in found):
        faults.append(f"service_request_id names at most {MOST_IDS} reports, each in at most {_LONGEST_ID} characters")
    return found


def _services(given: Arguments, faults: list[str]) -> tuple[str, ...]:
    codes = _several("service_code", given)
    if len(codes) > MOST or not all(map(_CODE.fullmatch, codes)):
        faults.append("service_code is a list of codes from services, with commas")
    return codes


def _is_open(given: Arguments, faults: list[str]) -> bool | None:
    statuses = {status.lower() for status in _several("status", given)}
    if not statuses <= set(STATUSES):
        faults.append("status is open, closed, or both with a comma")
    return statuses == {"open"} if len(statuses) == 1 else None


def _moment(name: str, given: Arguments, faults: list[str]) -> datetime | None:
    """A date and time as the W3C writes it. Without a zone it is UTC; a `+` that came as a space is one again."""
    written = _one(name, given)
    if not written:
        return None
    try:
        found = read_moment(written)
    except ValueError:
        faults.append(f"{name} is not a date and time such as 2026-11-22T09:30:00Z")
        return None
    return found


def read_moment(written: str) -> datetime:
    """A date and time of the W3C, aware. Raises ValueError, also for a year that no database could keep."""
    found = datetime.fromisoformat(_SPACE_FOR_PLUS.sub(r"\1+\2", written.strip()))
    if not 1970 <= found.year < 9000:
        raise ValueError(written)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _number(name: str, given: Arguments, faults: list[str], *, default: int, most: int) -> int:
    written = _one(name, given)
    if not written:
        return default
    if not _A_NUMBER.fullmatch(written) or not 1 <= int(written) <= most:
        faults.append(f"{name} is a number from 1 to {most}")
        return default
    return int(written)


def _page(given: Arguments, faults: list[str]) -> tuple[int, int]:
    page = _number("page", given, faults, default=1, most=MOST_PAGES_DEEP)
    size = _number("page_size", given, faults, default=MOST, most=MOST)
    if (page - 1) * size >= MOST_PAGES_DEEP:
        faults.append(f"page and page_size reach the first {MOST_PAGES_DEEP}; ask for a shorter time")
    return page, size


def _raise_any(faults: Sequence[str]) -> None:
    if faults:
        raise Wrong(BAD_REQUEST, faults)
