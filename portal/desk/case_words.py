"""A case in words for staff: where it stands, how long is left, who did what."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from portal import clock
from portal.accounts.queries import get_account
from portal.cases.cosignings import signers_of
from portal.cases.service_levels import closing_days, standing
from portal.cases.teams import team_name
from portal.cases.types import find_type
from portal.cases.values import Case, CaseEvent, ChangedMeanwhile
from portal.cases.working_days import local_day, working_days_between
from portal.desk.assist import CHECKS
from portal.desk.people import names_of_staff
from portal.desk.presence import Viewer
from portal.errors import NotFound
from portal.staff.sessions import find_members
from portal.web.languages import Lazy, format_date, format_datetime, lazy_gettext, ngettext
from portal.web.languages import gettext as _

Colour = Literal["grey", "blue", "green", "yellow", "red", "orange"]

CHANNELS: Final[Mapping[str, Lazy]] = {
    "web": lazy_gettext("Online"),
    "telephone": lazy_gettext("By telephone"),
    "desk": lazy_gettext("At a counter"),
    "letter": lazy_gettext("By letter"),
    "api": lazy_gettext("By another program"),
    "system": lazy_gettext("By itself"),
}
TURNS: Final[Mapping[str, Lazy]] = {
    "council": lazy_gettext("Our turn"),
    "resident": lazy_gettext("Waiting for the resident"),
    "nobody": lazy_gettext("Closed"),
}
TRACKED: Final[Mapping[str, Lazy]] = {
    "status": lazy_gettext("Status"),
    "team": lazy_gettext("Team"),
    "holder_id": lazy_gettext("Who deals with it"),
    "area": lazy_gettext("Area"),
    "due_at": lazy_gettext("Promised by"),
    "held_until_at": lazy_gettext("On hold until"),
    "merged_into_id": lazy_gettext("Merged"),
}


@dataclass(frozen=True, slots=True)
class Promise:
    """How a case stands with what was promised."""

    words: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about a case that is another than when its page was opened."""

    label: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that was done meanwhile."""

    what: str
    who: str
    at: datetime
    reason: str


def title_of(case: Case) -> str:
    """What kind of case it is; its code where the service that took it is gone."""
    case_type = find_type(case.service, case.type)
    return case_type.title_of(case.summary) if case_type else case.type


def status_of(case: Case) -> str:
    """What its status is called."""
    case_type = find_type(case.service, case.type)
    status = case_type.find_status(case.status) if case_type else None
    return str(status.title) if status else case.status


def colour_of(case: Case) -> Colour:
    """The colour of its status: grey when it is over, yellow while the resident has to do something."""
    if not case.is_open:
        return "grey"
    return "yellow" if case.waits_for == "resident" or case.is_held else "blue"


def promise_of(case: Case) -> Promise | None:
    """How long is left of what was promised, in working days; None where nothing was."""
    now = clock.now()
    stands = standing(case, now)
    if stands == "no_promise" or case.due_at is None:
        return None
    if stands in ("met", "missed"):
        return Promise(_("In time"), "green") if stands == "met" else Promise(_("Closed late"), "red")
    if stands == "on_hold":
        return Promise(_("On hold: the clock stands still"), "grey")
    left = working_days_between(local_day(now), local_day(case.due_at), closing_days())
    return _counted(stands, left)


def _counted(stands: str, left: int) -> Promise:
    if stands == "overdue":
        late = ngettext("%(n)s working day late", "%(n)s working days late", max(1, -left))
        return Promise(late, "red")
    if left == 0:
        return Promise(_("Today is the last day"), "orange")
    words = ngettext("%(n)s working day left", "%(n)s working days left", left)
    return Promise(words, "orange" if stands == "nearly_due" else "green")


def check_of(case: Case) -> str:
    """How staff made sure of who it is, where they opened the case for a caller."""
    return str(next((words for code, words in CHECKS if code == case.identity_check), case.identity_check))


def channel_words(channel: str) -> str:
    """How something came to us."""
    return str(CHANNELS.get(channel, channel))


def resident_of(case: Case) -> str:
    """The resident's name, as they want to be called; without an account, that there is none."""
    if case.account_id is None:
        return _("No longer kept")
    try:
        return get_account(case.account_id).display_name
    except NotFound:
        return _("The account is closed")


def names_of(actors: Iterable[str], case: Case, resident: str, events: Sequence[CaseEvent] = ()) -> dict[str, str]:
    """By actor: who they are, for the pages of staff. One query, however many there are, and one for who signed.

    `events` say who answered as a second person: neither the resident nor anybody whom staff can look up.
    """
    every = set(actors)
    residents = {actor for actor in every if actor.startswith("account:")}
    named = {actor: resident if actor == f"account:{case.account_id}" else _("The resident") for actor in residents}
    asked = {event.actor for event in events if event.kind in ("cosigned", "cosign_declined")}
    signers = signers_of(case.id) if asked else {}
    second = {actor: signers.get(actor) or _("The second person") for actor in asked if actor in residents}
    return names_of_staff(every - residents) | named | second


def actors_in(*many: Sequence[Any]) -> set[str]:
    """Everybody whom these events, messages, notes, documents and tasks name."""
    found = (getattr(each, name, "") for one in many for each in one for name in ("actor", "author", "added_by"))
    return {actor for actor in found if actor}


def holder_name(holder_id: uuid.UUID | None) -> str:
    """Who deals with a case."""
    if holder_id is None:
        return _("Nobody yet")
    member = find_members({holder_id}).get(holder_id)
    return member.name if member else _("Somebody who has left")


def differences(changed: ChangedMeanwhile) -> list[Difference]:
    """What is another than on the page, field by field: as it was there, and as it is."""
    pairs = ((label, getattr(changed.was, name), getattr(changed.now, name), name) for name, label in TRACKED.items())
    return [
        Difference(str(label), _shown(name, was, changed.was), _shown(name, now, changed.now))
        for label, was, now, name in pairs
        if was != now
    ]


def happened(changed: ChangedMeanwhile) -> list[Happened]:
    """Who did what since, newest first."""
    names = names_of(actors_in(changed.events), changed.now, _("the resident"), changed.events)
    return [Happened(event.desk_what, names[event.actor], event.at, event.reason) for event in changed.events]


def viewers_in_words(viewers: Sequence[Viewer]) -> str:
    """Who else has the case open, as a sentence or several; empty when nobody has."""
    lines = [
        _("%(name)s is about to change something here.", name=each.name)
        if each.acting
        else _("%(name)s has this case open too.", name=each.name)
        for each in viewers
    ]
    return " ".join(lines)


def _shown(name: str, value: Any, case: Case) -> str:  # a column of the case
    if name == "holder_id":
        return holder_name(value)
    if name == "merged_into_id":
        return _("Yes") if value else _("No")
    if value in (None, ""):
        return _("Nothing")
    if name == "status":
        return status_of(case)
    if name == "team":
        return team_name(value)
    if name == "held_until_at":
        return format_date(value)
    return format_datetime(value) if isinstance(value, datetime) else str(value)
