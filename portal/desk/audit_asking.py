"""What an auditor asks of the trail: read from the address, with names and references turned into ids."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import bindparam, func, select

from portal import clock
from portal.audit.searching import Wanted
from portal.cases.models import CaseRow
from portal.cases.queries import get_case_for_staff
from portal.db.session import session
from portal.desk.typed_days import day_in
from portal.errors import NotFound
from portal.staff.models import StaffMemberRow
from portal.web.languages import gettext as _

FIELDS: Final = ("act", "actor", "account", "case", "from", "to")
DAY: Final = timedelta(days=1)
CASE: Final = "case:"
MOST: Final = 5
"""How many of one name are told apart by their ids."""

_OWNER = select(CaseRow.account_id).where(CaseRow.id == bindparam("case"))
_CALLED = (
    select(StaffMemberRow.id)
    .where(func.lower(StaffMemberRow.name) == bindparam("name"))
    .order_by(StaffMemberRow.id)
    .limit(MOST)
)


def wanted_by(asked: Mapping[str, str]) -> tuple[Wanted, dict[str, str]]:
    """What is searched for, and what cannot be read of it, by the field."""
    errors: dict[str, str] = {}
    days = {name: _day_of(asked, name, errors) for name in ("from", "to")}
    until = days["to"]
    return Wanted(
        act=asked["act"] or None,
        actor=_actor(asked["actor"], errors),
        account_id=_account(asked["account"], errors),
        subject=_case(asked["case"], errors),
        since=midnight(days["from"]),
        before=midnight(until + DAY if until else None),
    ), errors


def owner_of(subject: str) -> uuid.UUID | None:
    """Whose case it is, where the subject is one that is somebody's."""
    case_id = _id_in(subject.removeprefix(CASE)) if subject.startswith(CASE) else None
    return session().scalar(_OWNER, {"case": case_id}) if case_id else None


def midnight(day: date | None) -> datetime | None:
    """The beginning of a day as people here call it."""
    return datetime.combine(day, time(), clock.LOCAL) if day else None


def _actor(typed: str, errors: dict[str, str]) -> str | None:
    """An id with its kind as it is; a name as the one member of staff who bears it."""
    if not typed or ":" in typed:
        return typed or None
    found = [f"staff:{each}" for each in session().scalars(_CALLED, {"name": typed.lower()})]
    if not found:
        errors["actor"] = _("Nobody at the desk has that full name. Enter an id with its kind instead")
    elif len(found) > 1:
        errors["actor"] = _("Several have that name. Enter the one that you mean: %(ids)s", ids=", ".join(found))
    return found[0] if len(found) == 1 else None


def _account(typed: str, errors: dict[str, str]) -> uuid.UUID | None:
    found = _id_in(typed)
    if typed and found is None:
        errors["account"] = _("Enter an account’s whole id, such as 123e4567-e89b-12d3-a456-426614174000")
    return found


def _case(typed: str, errors: dict[str, str]) -> str | None:
    """A case by its reference, or by its id with its kind as the trail writes it."""
    if not typed:
        return None
    try:
        case_id = _id_in(typed.removeprefix(CASE)) or get_case_for_staff(typed).id
    except NotFound:
        errors["case"] = _("There is no case with that reference")
        return None
    return f"{CASE}{case_id}"


def _id_in(typed: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        return None


def _day_of(asked: Mapping[str, str], name: str, errors: dict[str, str]) -> date | None:
    found = day_in(asked[name])
    if asked[name] and found is None:
        errors[name] = _("Enter a day as year, month, day, such as 2026-11-22")
    return found
