"""Give and take away rights. Every change says who made it, and the last administrator stays."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import NotFound, Refused
from portal.staff.models import StaffRightRow
from portal.staff.values import ROLES, WHOLE, Grant
from portal.web.languages import gettext as _

LONGEST_GROUP: Final = 200
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(1937203569)")
"""Two administrators who take away each other's right at once would leave none."""
_ADMINISTRATORS = select(func.count()).where(StaffRightRow.role == "administrator", StaffRightRow.removed_at.is_(None))


@dataclass(frozen=True, slots=True)
class Added:
    """A line of the table. `new` is False when it stood there already."""

    id: uuid.UUID
    new: bool


def add_right(actor: str, *, group: str, grant: Grant, own_groups: Collection[str] = ()) -> Added:
    """Write a line into the table of rights. `actor` is who does it, and `own_groups` are those they are in.

    Raises Refused for one that makes no sense, and for one to a group of their own: who gives rights gives none to
    themselves, so that it takes two to misuse them.
    """
    group = group.strip()
    _check(group, grant)
    if group in own_groups:
        raise Refused(_("You are in this group yourself. Another administrator has to give it this right."))
    places = {"service": grant.service, "type": grant.type, "area": grant.area, "team": grant.team}
    columns = {"staff_group": group, "role": grant.role, **places}
    statement = (
        upsert(StaffRightRow)
        .values(id=uuid.uuid4(), added_by=actor, added_at=clock.now(), **columns)
        .on_conflict_do_nothing(index_elements=list(columns), index_where=StaffRightRow.removed_at.is_(None))
        .returning(StaffRightRow.id)
    )
    made = session().scalar(statement)
    if made is None:
        same = [getattr(StaffRightRow, name) == value for name, value in columns.items()]
        there = session().scalar(select(StaffRightRow.id).where(*same, StaffRightRow.removed_at.is_(None)))
        if there is None:
            raise Refused(_("Somebody else changed this right just now. Look at the table again."))
        return Added(there, new=False)
    said: dict[str, Any] = {"group": group, "role": grant.role, **places}
    audit.record("staff.right_added", actor=actor, subject=f"right:{made}", **said)
    return Added(made, new=True)


def remove_right(actor: str, right_id: uuid.UUID) -> None:
    """Strike a line out. It stays in the table's history, with who did it. Taken away twice is no error.

    Raises NotFound, and Refused for the last right to give rights: nobody could undo that from the desk.
    """
    session().execute(_ONE_AT_A_TIME)
    row = session().scalar(select(StaffRightRow).where(StaffRightRow.id == right_id).with_for_update())
    if row is None:
        raise NotFound(_("There is no such right."))
    if row.removed_at is not None:
        return
    if row.role == "administrator" and session().execute(_ADMINISTRATORS).scalar_one() == 1:
        raise Refused(_("This is the last right to give rights. Give it to another group first."))
    gone = update(StaffRightRow).where(StaffRightRow.id == right_id)
    session().execute(gone.values(removed_at=clock.now(), removed_by=actor))
    audit.record(
        "staff.right_removed",
        actor=actor,
        subject=f"right:{right_id}",
        group=row.staff_group,
        role=row.role,
        service=row.service,
        type=row.type,
        area=row.area,
        team=row.team,
    )


def _check(group: str, grant: Grant) -> None:
    if not group or len(group) > LONGEST_GROUP or not group.isprintable():
        raise Refused(_("Enter the group as the place where staff sign in calls it"))
    if grant.role not in ROLES:
        raise Refused(_("Choose a role"))
    places = (grant.service, grant.type, grant.area, grant.team)
    if grant.role in WHOLE and any(places):
        raise Refused(_("This role is for the whole council. Leave service, kind of case, area and team open"))
    if grant.type and not grant.service:
        raise Refused(_("Choose the service that this kind of case belongs to"))
