"""Where a case stands, in words for its resident."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from portal import clock
from portal.cases.declared import CaseType, Status
from portal.cases.types import find_status, find_type
from portal.cases.values import Case
from portal.web.languages import format_date
from portal.web.languages import gettext as _

Colour = Literal["grey", "blue", "green", "yellow"]
LONG_DAY: Final = "EEEE d MMMM y"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a case's status means for its resident: `next` is what happens next, `by_when` by which day."""

    title: str
    meaning: str
    next: str
    by_when: str
    colour: Colour


def title_of(case: Case) -> str:
    """What kind of case it is; its code where the service that took it is gone."""
    case_type = find_type(case.service, case.type)
    return case_type.title_of(case.summary) if case_type else case.type


def sent_how(case: Case) -> str:
    """That staff filled it in for the resident, and how they were asked to; empty where the resident did it."""
    if not case.opened_by.startswith("staff:"):
        return ""
    ways = {
        "telephone": _("We filled this in for you, by telephone"),
        "desk": _("We filled this in for you, at a counter"),
        "letter": _("We filled this in for you, from your letter"),
    }
    return ways.get(case.channel, _("We filled this in for you"))


def standing_of(case: Case, joined: Case | None = None, *, signing: bool = False) -> Standing:
    """Where it stands. A case outlives its service: then there is only its code.

    `joined` is the case that it was joined with, if it was: how that stands is how this stands. `signing`: all that is
    asked of the resident is a signature, and they have asked somebody else for it.
    """
    if joined is not None:
        return _standing_together(joined)
    case_type = find_type(case.service, case.type)
    status = case_type.find_status(case.status) if case_type else None
    if case.is_merged:
        return Standing(
            _("Joined with another"),
            _("We work on this together with another case about the same thing."),
            "",
            "",
            "grey",
        )
    stands = _stands(case, status)
    if signing and case.is_open and case.waits_for == "resident":
        waiting = _("We are waiting for the person whom you asked to sign. You do not have to do anything more.")
        by_when = _by_when(replace(case, waits_for="council"))
        stands = replace(stands, next=waiting, by_when=by_when, colour="blue")
    return replace(stands, next=" ".join(filter(None, (stands.next, _until_when(case, case_type)))))


def _stands(case: Case, status: Status | None) -> Standing:
    title = str(status.title) if status else case.status
    meaning = str(status.meaning) if status else ""
    return Standing(title, meaning, _next(case, status), _by_when(case), _colour(case))


def _until_when(case: Case, case_type: CaseType | None) -> str:
    """Until which day a closed case can be opened again; nothing once that day is over."""
    if case_type is None or case.closed_at is None or not case.may_be_reopened(case_type.reopen_days, clock.now()):
        return ""
    last = case.closed_at + timedelta(days=case_type.reopen_days)
    return _("If it is not over for you, you can reopen it until %(day)s.", day=_day(last))


def _standing_together(other: Case) -> Standing:
    """How the other case stands, which may be another resident's: nothing is said as if it were this one's to do."""
    together = _("We work on this together with another case about the same thing.")
    if other.is_open and other.waits_for == "resident":
        by_when = _by_when(replace(other, waits_for="council"))
        return Standing(_("Joined with another"), together, _("We are waiting for an answer."), by_when, "grey")
    stands = _stands(other, find_status(other.service, other.type, other.status))
    words = " ".join(filter(None, (stands.meaning, stands.next)))
    return Standing(stands.title, together, words, stands.by_when, stands.colour)


def _next(case: Case, status: Status | None) -> str:
    """What happens next. Whose turn it is, and a hold, win over what the status says in general."""
    if case.is_open and case.waits_for == "resident":
        return _("We are waiting for you. Look at the messages and at what you need to do.")
    if case.is_open and case.is_held:
        return ""
    return str(status.next) if status else ""


def _colour(case: Case) -> Colour:
    if not case.is_open:
        return "grey"
    return "yellow" if case.waits_for == "resident" else "blue"


def _by_when(case: Case) -> str:
    if not case.is_open:
        return ""
    if case.is_held:
        if case.held_until_at is None:
            return _("This is on hold. We will go on as soon as we can.")
        return _("This is on hold until %(day)s.", day=_day(case.held_until_at))
    if case.due_at is None:
        return ""
    day = _day(case.due_at)
    if case.is_overdue(clock.now()):
        return _("We are late: we meant to finish by %(day)s.", day=day)
    if case.waits_for == "resident":
        return _("We aim to finish by %(day)s, if we hear from you in time.", day=day)
    return _("We aim to finish by %(day)s.", day=day)


def _day(moment: datetime) -> str:
    return format_date(moment.astimezone(clock.LOCAL).date(), LONG_DAY)
