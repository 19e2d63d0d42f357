"""Who looked at whose record, and why. Every page of the desk that shows a resident's record says it here first.

The resident reads role and team, when, what and why, and never a name: who it was, the council can find out when they
ask. A look is written down in a transaction of its own, before the page is made: one that fails has been seen all
the same, as far as anybody can know.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import BigInteger, DateTime, String, Uuid, and_, bindparam, exists, insert, literal, select, update

from portal import clock
from portal.audit import operations as audit
from portal.db.session import beside, session
from portal.staff.models import StaffLookRow
from portal.staff.rights import current_grants
from portal.staff.sessions import current_staff
from portal.staff.values import Grant, Placed, Right, Role, Staff
from portal.web.languages import Lazy
from portal.web.languages import lazy_gettext as _

WHAT: Final[Mapping[str, Lazy]] = {
    "case": _("What you sent us, and what was said about it"),
    "profile": _("Your name and how to reach you"),
    "search": _("Your name, in a search for somebody’s account"),
    "see_as": _("The portal as you see it, for up to 15 minutes. They could change nothing."),
    "assist": _("Your account, to fill in a form for you"),
    "records": _("Which records of ours, such as your council tax, are in your account"),
    "protected": _("A record of yours whose address is kept from others"),
    "payments": _("What you paid us by card, and what we gave back"),
    "audit": _("What was written down about your account: who did what, and when"),
}
ROLES: Final[Mapping[Role, Lazy]] = {
    "viewer": _("Somebody who may look at cases, and not change them"),
    "contact": _("Somebody who answers telephones and counters"),
    "caseworker": _("A caseworker"),
    "decider": _("A caseworker who may decide"),
    "lead": _("The leader of a team"),
    "auditor": _("An auditor"),
    "administrator": _("An administrator"),
}
"""Who it was, as the resident reads it: what their role means, and not what the council calls it."""
KNOWN: Final[Mapping[str, Lazy]] = {
    "holds_it": _("They deal with it"),
    "on_list": _("It is on their team’s list of work"),
    "of_kind": _("They work on cases of this kind"),
    "worked_on": _("They worked on it just before"),
    "had_it_open": _("They had it open when it went off their list"),
    "caller": _("Somebody rang, came or wrote and asked for help with a form"),
    "audit": _("They check how the council looks after accounts"),
}
"""Reasons that the desk knows by itself."""
BY_LIST: Final = ("holds_it", "on_list", "of_kind")
"""Those that end when the case is closed or goes to somebody else, often while its page is open."""
ONCE_IN: Final = timedelta(minutes=15)
"""Turning the pages of one case within this time is one look."""
VISITS: Final = frozenset({"see_as", "assist"})
"""Each of these is a look of its own, however soon it follows another: it begins a time in the resident's place."""
REASON_HOLDS: Final = timedelta(hours=1)
"""How long a reason that was given is not asked for again."""
LONGEST: Final = 500

_COLUMNS = ("account_id", "case_id", "staff_id", "role", "team", "what", "reason", "written", "looked_at")


class LookedAt(Placed, Protocol):
    """A case as far as looking at it goes."""

    @property
    def id(self) -> uuid.UUID:
        """Its id."""

    @property
    def account_id(self) -> uuid.UUID | None:
        """Whose it is; None once they have been forgotten."""

    @property
    def holder_id(self) -> uuid.UUID | None:
        """The member of staff who has taken it."""

    @property
    def closed_at(self) -> datetime | None:
        """When the council was done with it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody looks: a word of `KNOWN`, or what they have written themselves."""

    words: str
    written: bool


@dataclass(frozen=True, slots=True)
class Look:
    """One look, as the resident reads it. `reason` is in words; `written` when they are the member of staff's own."""

    id: int
    looked_at: datetime
    role: str
    team: str
    what: str
    reason: str
    written: bool
    case_id: uuid.UUID | None


def _same(name: str, kind: Any) -> Any:  # a column's type, and a bound value of it
    return bindparam(name, type_=kind)


_VALUES = {
    "account_id": _same("account_id", Uuid),
    "case_id": _same("case_id", Uuid),
    "staff_id": _same("staff_id", Uuid),
    "role": _same("role", String),
    "team": _same("team", String),
    "what": _same("what", String),
    "reason": _same("reason", String),
    "written": literal(True) == bindparam("written"),
    "looked_at": _same("looked_at", DateTime(timezone=True)),
}
_LATELY = exists().where(
    StaffLookRow.staff_id == _VALUES["staff_id"],
    StaffLookRow.account_id.is_not_distinct_from(_VALUES["account_id"]),
    StaffLookRow.case_id.is_not_distinct_from(_VALUES["case_id"]),
    StaffLookRow.what == _VALUES["what"],
    StaffLookRow.reason == _VALUES["reason"],
    StaffLookRow.looked_at > _same("since", DateTime(timezone=True)),
)
_LOOKED = (
    insert(StaffLookRow)
    .from_select(list(_COLUMNS), select(*(_VALUES[name] for name in _COLUMNS)).where(~_LATELY))
    .returning(StaffLookRow.id)
    .cte("looked")
)
_NOTE = select(_LOOKED.c.id).add_cte(audit.entry_for(_LOOKED))
_LAST_REASON = (
    select(StaffLookRow.reason, StaffLookRow.written)
    .where(
        StaffLookRow.staff_id == bindparam("staff_id"),
        StaffLookRow.case_id == bindparam("case_id"),
        StaffLookRow.written | StaffLookRow.reason.in_(BY_LIST),
        StaffLookRow.looked_at > bindparam("since", type_=DateTime(timezone=True)),
    )
    .order_by(StaffLookRow.written.desc(), StaffLookRow.id.desc())
    .limit(1)
)
_PAGE = (
    select(
        StaffLookRow.id,
        StaffLookRow.looked_at,
        StaffLookRow.role,
        StaffLookRow.team,
        StaffLookRow.what,
        StaffLookRow.reason,
        StaffLookRow.written,
        StaffLookRow.case_id,
    )
    .where(
        StaffLookRow.account_id == bindparam("account_id"),
        StaffLookRow.id < bindparam("before", type_=BigInteger),
    )
    .order_by(StaffLookRow.id.desc())
    .limit(bindparam("limit"))
)
NEWEST: Final = 2**62


def note_look(
    staff: Staff,
    *,
    account_id: uuid.UUID | None,
    what: str,
    reason: str,
    right: Right = "look",
    case: LookedAt | None = None,
    written: bool = False,
) -> None:
    """Write down that they look, now. `what` is a word of `WHAT`; `reason` one of `KNOWN`, or their own (`written`).

    Role and team are those by which they may. The audit trail gets the same in the same statement.
    """
    grant, now = current_grants().role_for(right, case), clock.now()
    case_id = case.id if case is not None else None
    team = _team(grant)
    said = audit.entry(
        "staff.looked",
        actor=staff.actor,
        subject=_subject(account_id, case_id),
        what=what,
        reason="" if written else reason,
        team=team,
    )
    values = {
        "account_id": account_id,
        "case_id": case_id,
        "staff_id": staff.id,
        "role": grant.role if grant else "",
        "team": team,
        "what": what,
        "reason": reason[:LONGEST],
        "written": written,
        "looked_at": now,
        "since": now if what in VISITS else now - ONCE_IN,
    }
    with beside() as connection:
        connection.execute(_NOTE, values | said | {"audit_account_id": account_id})


def _subject(account_id: uuid.UUID | None, case_id: uuid.UUID | None) -> str:
    if case_id:
        return f"case:{case_id}"
    return f"account:{account_id}" if account_id else ""  # of a record that nobody has in their account yet


def _team(grant: Grant | None) -> str:
    """The team that their right is for; with a right for every team of a service, the service. Never the team that has
    the case: they may be of another, or of none, and the resident reads it as theirs.
    """
    return (grant.team or grant.service) if grant is not None else ""


def known_reason(case: LookedAt) -> str | None:
    """Why the member of staff of this request looks at this case, as far as the desk knows; None: they must say it.

    Working a case that they hold, or an open one on the list of a team of theirs, is reason enough; so is a right to
    work on all of its kind, which is no team's, and is said as what it is.
    """
    staff, grants = current_staff(), current_grants()
    if case.holder_id == staff.id:
        return "holds_it"
    if case.closed_at is None and (able := grants.lines("work", case)):
        return "on_list" if any(line.team for line in able) else "of_kind"
    return None


def last_reason(staff: Staff, case_id: uuid.UUID) -> Reason | None:
    """Why they looked at this case lately: what they wrote when they were asked, or that it was theirs to work on.

    Whoever has the page of a case open when somebody else closes it has seen it, and must be able to see what became
    of it. That look does not prolong itself: only one by right counts.
    """
    since = clock.now() - REASON_HOLDS
    found = session().execute(_LAST_REASON, {"staff_id": staff.id, "case_id": case_id, "since": since}).one_or_none()
    if found is None:
        return None
    return Reason(found.reason, written=True) if found.written else Reason("had_it_open", written=False)


def looks_at(account_id: uuid.UUID, *, before: int | None = None, limit: int = 25) -> tuple[list[Look], int | None]:
    """Who looked at a resident's record, newest first; and where the next page begins, if there is one."""
    values = {"account_id": account_id, "before": before or NEWEST, "limit": limit + 1}
    found = [_look(row) for row in session().execute(_PAGE, values)]
    more = found[limit - 1].id if len(found) > limit else None
    return found[:limit], more


def everything_about(account_id: uuid.UUID) -> list[dict[str, Any]]:
    """Every look at a resident's record, for the download of their data."""
    found: Sequence[Any] = session().execute(_PAGE, {"account_id": account_id, "before": NEWEST, "limit": 10_000}).all()
    return [
        {
            "at": look.looked_at.isoformat(),
            "role": look.role,
            "team": look.team,
            "what": look.what,
            "reason": look.reason,
            "case_id": str(look.case_id) if look.case_id else None,
        }
        for look in map(_look, found)
    ]


def forget(account_id: uuid.UUID) -> None:
    """Somebody is erased: that staff looked at a record stays, whose it was and why does not."""
    mine = and_(StaffLookRow.account_id == account_id)
    session().execute(update(StaffLookRow).where(mine).values(account_id=None, case_id=None, reason="", written=False))


def _look(row: Any) -> Look:  # a row of `_PAGE`
    role = str(ROLES.get(row.role, row.role))
    what, reason = str(WHAT.get(row.what, row.what)), str(KNOWN.get(row.reason, row.reason))
    return Look(row.id, row.looked_at, role, row.team, what, reason, row.written, row.case_id)
