"""Members of staff, and what they may do. Pure."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from portal.errors import Forbidden, NotFound
from portal.web.languages import Lazy, gettext
from portal.web.languages import lazy_gettext as _

HasPlace = type[Any] | ReadOnlyColumnCollection[str, Any]
"""A table, or the columns of a question, with a case's service, type, area and team."""
Right = Literal[
    "look",
    "work",
    "decide",
    "lead",
    "answers",
    "assist",
    "see_as",
    "protected",
    "refund",
    "statistics",
    "audit",
    "administer",
    "operate",
]
Role = Literal["viewer", "caseworker", "decider", "lead", "contact", "auditor", "administrator"]

ROLES: Final[Mapping[Role, frozenset[Right]]] = {
    "viewer": frozenset({"look"}),
    "contact": frozenset({"look", "assist"}),
    "caseworker": frozenset({"look", "work", "assist"}),
    "decider": frozenset({"look", "work", "decide", "assist"}),
    "lead": frozenset(
        {"look", "work", "decide", "lead", "answers", "assist", "see_as", "protected", "refund", "statistics"}
    ),
    "auditor": frozenset({"audit", "statistics"}),
    "administrator": frozenset({"administer", "operate"}),
}
"""What each role may do. An administrator gives rights and sees to other systems, and sees no resident's record."""
ROLE_TITLES: Final[Mapping[Role, Lazy]] = {
    "viewer": _("Viewer"),
    "contact": _("Contact centre"),
    "caseworker": _("Caseworker"),
    "decider": _("Deciding caseworker"),
    "lead": _("Team leader"),
    "auditor": _("Auditor"),
    "administrator": _("Administrator"),
}
RIGHT_TITLES: Final[Mapping[Right, Lazy]] = {
    "look": _("Look at cases"),
    "work": _("Work on cases"),
    "decide": _("Decide cases"),
    "lead": _("Lead a team: pass on, merge, change many at once"),
    "answers": _("Write response templates and routing rules"),
    "assist": _("Fill in forms for a caller"),
    "see_as": _("See the portal as a resident does"),
    "protected": _("See records whose address is kept from others"),
    "refund": _("Give money back, and see to money that nobody has taken"),
    "statistics": _("See statistics"),
    "audit": _("Read the audit trail"),
    "administer": _("Give and take away rights"),
    "operate": _("See to other systems: how they answer, and what waits for them"),
}
WHOLE: Final[frozenset[Role]] = frozenset({"auditor", "administrator"})
"""Roles that are had everywhere or not at all."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff at the desk. `actor` is what cases and the audit trail call them."""

    id: uuid.UUID
    name: str
    email: str
    groups: tuple[str, ...]
    language: str

    @property
    def actor(self) -> str:
        """Who did it, as everything that is written down says."""
        return f"staff:{self.id}"


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A member of staff signed in with this browser. `sid` is the provider's name for its own session."""

    id: uuid.UUID
    staff: Staff
    provider: str
    issuer: str
    subject: str
    sid: str | None
    authenticated_at: datetime | None
    created_at: datetime
    last_seen_at: datetime
    refresh_due_at: datetime | None


class Placed(Protocol):
    """A case: what a right is about."""

    @property
    def service(self) -> str:
        """The slug of its service."""

    @property
    def type(self) -> str:
        """The slug of its kind."""

    @property
    def area(self) -> str:
        """The ward or the like; empty where it is about none."""

    @property
    def team(self) -> str:
        """Who has it on their list; empty where nobody has."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of the table of rights, as it counts for somebody. Empty means any."""

    role: Role
    service: str = ""
    type: str = ""
    area: str = ""
    team: str = ""

    @property
    def rights(self) -> frozenset[Right]:
        """What the role may do. A role that the code no longer knows may do nothing."""
        return ROLES.get(self.role, frozenset())

    def covers(self, service: str | None, type: str | None, area: str | None, team: str | None) -> bool:
        """Whether it holds there. None asks about none in particular: then it holds somewhere."""
        pairs = ((self.service, service), (self.type, type), (self.area, area), (self.team, team))
        return all(not mine or wanted is None or mine == wanted for mine, wanted in pairs)


@dataclass(frozen=True, slots=True)
class Grants:
    """All that somebody may do. Nothing is allowed that no line allows."""

    each: tuple[Grant, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.each)

    def allow(
        self,
        right: Right,
        *,
        service: str | None = None,
        type: str | None = None,
        area: str | None = None,
        team: str | None = None,
    ) -> bool:
        """Whether they have the right there; with nothing named, whether they have it anywhere."""
        return any(right in grant.rights and grant.covers(service, type, area, team) for grant in self.each)

    def on(self, right: Right, case: Placed) -> bool:
        """Whether they have the right on this case."""
        return self.allow(right, service=case.service, type=case.type, area=case.area, team=case.team)

    def require(self, right: Right, case: Placed) -> None:
        """Raises NotFound when the case is none that they may see: for them there is no such case. Raises Forbidden
        when they may see it and not do this.
        """
        if not self.on("look", case):
            raise NotFound(gettext("There is no such case, or it is another team’s."))
        if not self.on(right, case):
            raise Forbidden(gettext("You may look at this case, but not do this."))

    def where(self, right: Right, row: HasPlace) -> ColumnElement[bool]:  # a table with a case's four columns
        """The same as a condition on the table of cases (`CaseRow`), for lists and counts."""
        lines = [_condition(grant, row) for grant in self.each if right in grant.rights]
        return or_(*lines) if lines else false()

    def rights(self) -> frozenset[Right]:
        """Every right that they have anywhere."""
        return frozenset().union(*(grant.rights for grant in self.each))

    def teams(self, right: Right) -> frozenset[str] | None:
        """The teams for which they have the right; None when they have it for every team."""
        mine = [grant.team for grant in self.each if right in grant.rights]
        return None if "" in mine else frozenset(mine)

    def role_for(self, right: Right, case: Placed | None = None) -> Grant | None:
        """The line by which they have a right on a case, or anywhere: for saying who looked. The closest first."""
        return max(self.lines(right, case), key=_closeness, default=None)

    def lines(self, right: Right, case: Placed | None = None) -> list[Grant]:
        """Every line by which they have a right on a case, or anywhere."""
        return [each for each in self.each if right in each.rights and (case is None or _holds(each, case))]


def _holds(grant: Grant, case: Placed) -> bool:
    return grant.covers(case.service, case.type, case.area, case.team)


def _closeness(grant: Grant) -> int:
    return sum(bool(part) for part in (grant.service, grant.type, grant.area, grant.team))


def _condition(grant: Grant, row: HasPlace) -> ColumnElement[bool]:  # as in `Grants.where`
    pairs: Iterable[tuple[Any, str]] = (
        (row.service, grant.service),
        (row.type, grant.type),
        (row.area, grant.area),
        (row.team, grant.team),
    )
    return and_(true(), *(column == value for column, value in pairs if value))
