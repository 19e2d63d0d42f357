"""What a program posts: a report, or an update on one. Read, bounded and checked, with every fault at once.

The service's questions and the place are checked by the same rules as those of our own pages.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from services.reporting.rules.answers import check_answers
from services.reporting.rules.open311.asking import Arguments, read_moment
from services.reporting.rules.open311.faults import BAD_REQUEST, Wrong
from services.reporting.rules.open311.media import addresses_in, media_faults
from services.reporting.rules.places import OUTSIDE, Outside, Place, Point, place_at, read_coordinates
from services.reporting.rules.where import said_of
from services.reporting.settings.categories import Category
from services.reporting.settings.reporting import ReportingSettings

LONGEST_DESCRIPTION: Final = 4000
"""GeoReport v2: what a description may hold."""
LONGEST_ADDRESS: Final = 500
LONGEST_UPRN: Final = 12
LONGEST_NAME: Final = 100
LONGEST_PHONE: Final = 20
"""Without the spaces that people group it by: what a profile holds."""
LONGEST_EMAIL: Final = 254
LONGEST_ID: Final = 120
LONGEST_NUMBER: Final = 30
STATUSES: Final = (
    "OPEN", "CLOSED", "FIXED", "IN_PROGRESS", "ACTION_SCHEDULED", "INVESTIGATING", "DUPLICATE",
    "NOT_COUNCILS_RESPONSIBILITY", "NO_FURTHER_ACTION", "INTERNAL_REFERRAL", "REOPEN",
)  # fmt: skip
"""mySociety's list, which its own software sends and understands."""
MOST_FURTHER: Final = 50
"""Answers to questions that we did not ask, as clients of other servers send them along."""
LONGEST_FURTHER: Final = 500
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,100})\](?:\[\d*\])?")
_AN_EMAIL = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+\.[^@\s<>,;:\"().]{2,}")
_EXTENSION = re.compile(r"(?<=\d)\s*[^\d+\s().-].*", re.DOTALL)
_NO_DIGITS = re.compile(r"[^\d+]")
_POWER = re.compile(r"[-+]?\d{1,20}(?:\.\d{1,20})?[eE][-+]?\d{1,2}")
_LEFT_OUT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports it, as far as the program says: for staff alone."""

    given_name: str
    family_name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A report as a program posted it. Of the place, either `point` or `address_id` or the words alone are known."""

    service_code: str
    point: Point | None
    address: str
    address_id: str
    description: str
    answers: Mapping[str, str | list[str]]
    reporter: Reporter
    photos: tuple[str, ...]
    """Addresses of photos, to be fetched."""


@dataclass(frozen=True, slots=True)
class PostedUpdate:
    """An update as a program posted it: words, a status of STATUSES, or both."""

    request_id: str
    update_id: str
    words: str
    status: str
    at: datetime | None
    photos: tuple[str, ...] = ()
    """Addresses of photos, to be fetched."""


def read_request(given: Arguments, category: Category, settings: ReportingSettings, files: int = 0) -> Posted:
    """The report that was posted for this category, with so many files. Raises Wrong with everything that is wrong."""
    faults: list[str] = []
    point = _point(given, settings, faults)
    address = _text("address_string", given, faults, LONGEST_ADDRESS)
    address_id = _text("address_id", given, faults, LONGEST_UPRN)
    if point is None and not address and not address_id and not faults:
        faults.append("provide lat and long, address_string or address_id")
    asked, further = _attributes(given, category, faults)
    answers, wrong_answers = check_answers(category, asked)
    faults += [f"attribute[{each.code}]: {each.sentence}" for each in wrong_answers]
    faults += media_faults(given, files)
    posted = Posted(
        service_code=category.code,
        point=point,
        address=address,
        address_id=address_id,
        description=_text("description", given, faults, LONGEST_DESCRIPTION),
        answers=further | answers,
        reporter=Reporter(
            given_name=_text("first_name", given, faults, LONGEST_NAME),
            family_name=_text("last_name", given, faults, LONGEST_NAME),
            phone=_phone(given),
            email=_email(given, faults),
        ),
        photos=addresses_in(given),
    )
    if faults:
        raise Wrong(BAD_REQUEST, faults)
    return posted


def read_update(given: Arguments, files: int = 0) -> PostedUpdate:
    """The update that was posted, with so many files. Raises Wrong with everything that is wrong with it."""
    faults = media_faults(given, files)
    request_id = _text("service_request_id", given, faults, LONGEST_ID)
    if not request_id and not any(each.startswith("service_request_id") for each in faults):
        faults.append("service_request_id was not provided")
    status = _text("status", given, faults, LONGEST_ID).upper()
    words = _text("description", given, faults, LONGEST_DESCRIPTION)
    if status and status not in STATUSES:
        faults.append(f"status is one of {', '.join(STATUSES)}")
    if not status and not words and not _is_given("description", given):
        faults.append("provide a description, a status, or both")
    at = None
    written = _text("updated_datetime", given, faults, LONGEST_ID)
    try:
        at = read_moment(written) if written else None
    except ValueError:
        faults.append("updated_datetime is not a date and time such as 2026-11-22T09:30:00Z")
    update_id = _text("update_id", given, faults, LONGEST_ID)
    if faults:
        raise Wrong(BAD_REQUEST, faults)
    photos = addresses_in(given)
    return PostedUpdate(request_id=request_id, update_id=update_id, words=words, status=status, at=at, photos=photos)


def place_of(posted: Posted, street: str) -> Place:
    """Where it is, in words too. `street` is the one that the point is on or beside, if there is one."""
    assert posted.point is not None or posted.address
    if posted.point is None:
        return Place(posted.address)
    text = posted.address or (f"{street}: {place_at(posted.point).text}" if street else place_at(posted.point).text)
    return Place(text, posted.point)


def whose_else(point: Point | None, settings: ReportingSettings) -> str:
    """Who looks after a place that is not ours; where that is found out, if the map does not show it."""
    neighbour = settings.ground.find_neighbour(point) if point is not None else None
    if neighbour is None:
        return f"{OUTSIDE}: {settings.other_councils_url}"
    return ": ".join(filter(None, (said_of(neighbour), neighbour.url)))


def digest_of(given: Arguments) -> str:
    """Tells two posts apart by all that they say. The key that they were sent with is none of it."""
    said = {name: list(values) for name, values in given.items() if name != "api_key"}
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def clean(text: str) -> str:
    """The text without what no person types and no database keeps: control characters but tabs and line ends."""
    return _LEFT_OUT.sub("", text).strip()


def _attributes(
    given: Arguments, category: Category, faults: list[str]
) -> tuple[dict[str, list[str]], dict[str, str | list[str]]]:
    """The answers to the category's questions by code, and those to questions of others: for staff to read."""
    asked: dict[str, list[str]] = {}
    further: dict[str, str | list[str]] = {}
    known = {question.code for question in category.questions if question.variable}
    for name, values in given.items():
        if not name.startswith("attribute["):
            continue
        match = _ATTRIBUTE.fullmatch(name)
        if match is None:
            faults.append(f"{clean(name)[:60]} is not written as attribute[code] or attribute[code][]")
            continue
        said = [each for each in map(clean, values) if each]
        if match[1] in known:
            asked.setdefault(match[1], []).extend(said)
        elif said:
            further[clean(match[1])] = "; ".join(said)[:LONGEST_FURTHER]
    if len(further) > MOST_FURTHER:
        faults.append(f"there are more than {MOST_FURTHER} answers to questions that services do not ask")
    return asked, further


def _text(name: str, given: Arguments, faults: list[str], longest: int) -> str:
    text = next((clean(value) for value in given.get(name, ()) if value.strip()), "")
    if len(text) > longest:
        faults.append(f"{name} is longer than {longest} characters")
        return ""
    return text


def _is_given(name: str, given: Arguments) -> bool:
    """Whether there is something, be it faulty: one fault is told once."""
    return any(value.strip() for value in given.get(name, ()))


def _phone(given: Arguments) -> str:
    """The number; without brackets, dots and an extension where it is too long with them. One that is too long even so
    is left out: for its sake no report is refused."""
    written = next((clean(value) for value in given.get("phone", ()) if value.strip()), "")
    shorter = "".join(written.split())
    ways = (written, shorter, _NO_DIGITS.sub("", _EXTENSION.sub("", shorter).replace("(0)", "")))
    return next((each for each in ways if len(each) <= LONGEST_PHONE), "")


def _email(given: Arguments, faults: list[str]) -> str:
    written = _text("email", given, faults, LONGEST_EMAIL)
    if written and not _AN_EMAIL.fullmatch(written):
        faults.append("email is not an email address")
        return ""
    return written


def _point(given: Arguments, settings: ReportingSettings, faults: list[str]) -> Point | None:
    """The coordinates, if there are any: WGS84, in the council's area."""
    lat, long = (_text(name, given, faults, LONGEST_NUMBER) for name in ("lat", "long"))
    if not lat or not long:
        if _is_given("lat", given) != _is_given("long", given):
            faults.append("lat and long are needed together")
        return None
    found = read_coordinates(_written_out(lat), _written_out(long), settings.area)
    if isinstance(found, Point):
        if settings.ground.is_ours(found):
            return found
        found = Outside(found)
    if isinstance(found, Outside):
        faults.append(f"lat and long: {whose_else(found.point, settings)}")
    else:
        faults.append(f"{'long' if found.field == 'lon' else 'lat'}: {found.sentence}")
    return None


def _written_out(number: str) -> str:
    """`5.0E-5` as programs write it on the meridian, in digits alone; anything else as it is."""
    return f"{float(number):.7f}" if _POWER.fullmatch(number) else number
