"""What a worklist shows: read from the address, kept under a name, turned into conditions.

Whatever cannot be read is left out, as if it had not been asked for: an address that was cut off shows more cases and
never a fault, and the rights are asked apart from all of this.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, and_, false, or_, true

from portal.cases.models import CaseRow
from portal.cases.service_levels import closing_days
from portal.cases.types import all_types
from portal.cases.values import CHANNELS
from portal.cases.working_days import after_working_days, end_of, local_day
from portal.web import texts
from portal.web.languages import Lazy
from portal.web.languages import lazy_gettext as _

View = Literal["teams", "mine", "unassigned", "ours", "theirs", "held", "nearly_due", "overdue", "escalated", "closed"]
VIEWS: Final[Mapping[str, Lazy]] = {
    "teams": _("All open"),
    "mine": _("Mine"),
    "unassigned": _("Nobody has it"),
    "ours": _("Our turn"),
    "theirs": _("Waiting for the resident"),
    "held": _("On hold"),
    "nearly_due": _("Nearly due"),
    "overdue": _("Overdue"),
    "escalated": _("Escalated"),
    "closed": _("Closed lately"),
}
SORTS: Final[Mapping[str, Lazy]] = {"due": _("What is due first"), "newest": _("Newest first")}
DUES: Final[Mapping[str, Lazy]] = {
    "": _("Any day"),
    "today": _("Today or before"),
    "week": _("In the next 7 days"),
    "none": _("Nothing promised"),
}
NOBODY, ME = "nobody", "me"
LATELY: Final = timedelta(days=28)
LONGEST_SEARCH: Final = 200
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_AREA: Final = re.compile(r"[\w .,'’()-]{1,40}")


@dataclass(frozen=True, slots=True)
class Filter:
    """One worklist. Empty means any. `kind` is a service, or `service/type`."""

    view: str = "teams"
    kind: str = ""
    status: str = ""
    team: str = ""
    area: str = ""
    holder: str = ""
    channel: str = ""
    due: str = ""
    sort: str = "due"
    q: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether it lists what is over. With words it lists what has them, open or not."""
        return self.view == "closed" and not self.q

    @property
    def order(self) -> str:
        """What the rows are ordered by: a list of what is over, or a search, has its own order."""
        return "newest" if self.q else "closed" if self.is_closed else self.sort

    def written(self, **changes: str) -> dict[str, str]:
        """As an address has it: only what is other than without a filter."""
        changed, plain = replace(self, **changes), Filter()
        return {
            each.name: getattr(changed, each.name)
            for each in fields(self)
            if getattr(changed, each.name) != getattr(plain, each.name)
        }


def read_filter(sent: Mapping[str, Any]) -> Filter:  # an address, or what was kept
    """The filter that an address or a kept one asks for. Never fails."""
    said = {each.name: str(sent.get(each.name) or "").strip()[:LONGEST_SEARCH] for each in fields(Filter)}
    checks = {
        "view": said["view"] in VIEWS,
        "kind": all(_CODE.fullmatch(part) for part in said["kind"].split("/", 1)),
        "status": bool(_CODE.fullmatch(said["status"])),
        "team": bool(_CODE.fullmatch(said["team"])),
        "area": bool(_AREA.fullmatch(said["area"])),
        "holder": said["holder"] in (NOBODY, ME) or _id(said["holder"]) is not None,
        "channel": said["channel"] in CHANNELS,
        "due": said["due"] in DUES,
        "sort": said["sort"] in SORTS,
        "q": True,
    }
    # The blank at the end of a search counts: it says that the last word is whole.
    said["q"] = texts.showable(str(sent.get("q") or "")[:LONGEST_SEARCH]).lstrip()
    return Filter(**{name: said[name] for name, good in checks.items() if good and (said[name] or name == "q")})


def in_view(chosen: Filter, me: uuid.UUID, now: datetime) -> ColumnElement[bool]:
    """The condition of the view alone. Words are looked for in every case, whichever list was shown before."""
    if chosen.q:
        return true()
    if chosen.is_closed:
        return CaseRow.closed_at >= now - LATELY
    return and_(CaseRow.closed_at.is_(None), _of_view(chosen.view, me, now))


def narrowed(chosen: Filter, me: uuid.UUID, now: datetime) -> list[ColumnElement[bool]]:
    """The conditions of everything else that was chosen."""
    service, _slash, kind = chosen.kind.partition("/")
    pairs = (
        (CaseRow.service, service),
        (CaseRow.type, kind),
        (CaseRow.status, chosen.status),
        (CaseRow.team, chosen.team),
        (CaseRow.area, chosen.area),
        (CaseRow.channel, chosen.channel),
    )
    found: list[ColumnElement[bool]] = [column == value for column, value in pairs if value]
    if chosen.holder:
        found.append(_held_by(chosen.holder, me))
    if chosen.due:
        found.append(_due(chosen.due, now))
    return found


def nearly_due(now: datetime) -> ColumnElement[bool]:
    """What is due within the days at which its type warns: each type says how many that are."""
    by_days: dict[int, list[tuple[str, str]]] = {}
    for each in all_types():
        promise = each.promise
        if promise is not None:
            by_days.setdefault(promise.warn, []).append((each.service, each.slug))
    kinds = [
        and_(CaseRow.due_at <= _end(days, now), or_(*(_is_kind(*pair) for pair in pairs)))
        for days, pairs in sorted(by_days.items())
    ]
    if not kinds:
        return false()
    latest = _end(max(by_days), now)
    return and_(CaseRow.held_at.is_(None), CaseRow.due_at >= now, CaseRow.due_at <= latest, or_(*kinds))


def _of_view(view: str, me: uuid.UUID, now: datetime) -> ColumnElement[bool]:
    conditions: dict[str, ColumnElement[bool]] = {
        "mine": CaseRow.holder_id == me,
        "unassigned": CaseRow.holder_id.is_(None),
        "ours": and_(CaseRow.waits_for == "council", CaseRow.held_at.is_(None)),
        "theirs": CaseRow.waits_for == "resident",
        "held": CaseRow.held_at.is_not(None),
        "overdue": and_(CaseRow.due_at < now, CaseRow.held_at.is_(None)),
        "escalated": CaseRow.escalated_at.is_not(None),
    }
    return nearly_due(now) if view == "nearly_due" else conditions.get(view, true())


def view_conditions(me: uuid.UUID, now: datetime) -> Sequence[tuple[str, ColumnElement[bool]]]:
    """Each view of open cases with its condition, for counting them together."""
    return [(view, _of_view(view, me, now)) for view in VIEWS if view != "closed"]


def _is_kind(service: str, kind: str) -> ColumnElement[bool]:
    return and_(CaseRow.service == service, CaseRow.type == kind)


def _held_by(holder: str, me: uuid.UUID) -> ColumnElement[bool]:
    if holder == NOBODY:
        return CaseRow.holder_id.is_(None)
    return CaseRow.holder_id == (me if holder == ME else uuid.UUID(holder))


def _due(due: str, now: datetime) -> ColumnElement[bool]:
    today = local_day(now)
    if due == "none":
        return CaseRow.due_at.is_(None)
    return CaseRow.due_at <= end_of(today + timedelta(days=7 if due == "week" else 0))


def _end(days: int, now: datetime) -> datetime:
    return end_of(after_working_days(local_day(now), days, closing_days()))


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
