"""The days that matter to a resident, from every service and from what their cases ask of them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from portal import clock
from portal.accounts.values import Account
from portal.cases.to_do import ToDo, to_do
from portal.home.asking import ask_all
from portal.home.cards import plain
from portal.kit.manifest import Service
from portal.kit.values import CalendarEntry
from portal.registry.discovery import Mounted
from portal.web.languages import Lazy, lazy_gettext
from portal.web.languages import gettext as _

AHEAD: Final = timedelta(days=366)
MOST: Final = 200
"""Of one service. A year of weekly collections and monthly instalments is a third of it."""

KINDS: Final[Mapping[str, Lazy]] = {
    "payment": lazy_gettext("Payment"),
    "expiry": lazy_gettext("Runs out"),
    "deadline": lazy_gettext("Deadline"),
    "appointment": lazy_gettext("Appointment"),
}


@dataclass(frozen=True, slots=True)
class Day:
    """One entry of the calendar. `uid` stays the same when the entry moves to another day."""

    on: date
    title: str
    service: str
    kind: str
    url: str
    uid: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def kind_title(self) -> str:
        """What kind of day it is; empty when there is no word for it."""
        return str(KINDS.get(self.kind, ""))


@dataclass(frozen=True, slots=True)
class Days:
    """The entries of the next year, the nearest first, and the services whose days are missing."""

    entries: Sequence[Day]
    missing: Sequence[str]


def days_of(services: Sequence[Mounted], account: Account, off: Mapping[str, str]) -> Days:
    """What every service has for this resident's calendar, and by when they have something to do or to sign."""
    today = clock.today()
    found = [_of_to_do(each, services) for each in to_do(account.id) if each.due_on is not None]
    answers = ask_all(services, account, off, lambda service, whose: _of_service(service, whose, today))
    for answer in answers:
        found += answer.answer or ()
    missing = [str(answer.service.title) for answer in answers if answer.problem]
    return Days(sorted(found, key=lambda day: (day.on, day.starts_at is not None, day.title, day.uid)), missing)


def _of_service(service: Service, account: Account, today: date) -> list[Day]:
    entries = [plain(CalendarEntry, entry) for entry in service.calendar(account)]
    near = sorted((each for each in entries if today <= each.on <= today + AHEAD), key=lambda each: each.on)
    return [
        Day(
            each.on,
            str(each.title),
            str(service.title),
            each.kind,
            each.url,
            _uid(service.slug, each.key or f"{each.on}:{each.url}"),
            each.starts_at,
            each.ends_at,
        )
        for each in near[:MOST]
    ]


def _of_to_do(thing: ToDo, services: Sequence[Mounted]) -> Day:
    """What is late stays on its day, which is then the first of the list."""
    titles = {each.slug: str(each.service.title) for each in services}
    assert thing.due_on is not None
    title = thing.title or _("Decide whether you sign")
    return Day(
        thing.due_on,
        _("%(task)s (%(reference)s)", task=title, reference=thing.reference),
        titles.get(thing.service, ""),
        "payment" if thing.is_payment else "deadline",
        f"/tasks/{thing.id}" if thing.what == "task" else f"/signatures/{thing.id}",
        _uid("tasks" if thing.what == "task" else "signatures", str(thing.id)),
    )


def _uid(source: str, key: str) -> str:
    """An id that says nothing: calendars hand it on to others."""
    return hashlib.sha256(f"{source}:{key}".encode()).hexdigest()[:32]
