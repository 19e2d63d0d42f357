"""Grant a permit: for payment within a time, or at once where it costs nothing; and make it valid."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from portal.kit import NotFound, Refused, clock, get_account, move_case, session, settings_of, tell
from portal.kit import gettext as _
from services.permits.models.permits import Permit as PermitRow
from services.permits.operations.businesses import open_business
from services.permits.operations.money import give_back
from services.permits.operations.numbering import priced_anew
from services.permits.operations.places import leave_places, take_places, wait_for
from services.permits.queries.permits import find_permit, hold_permit
from services.permits.rules.permits import DAY, IN_PLACE, Permit
from services.permits.settings import PermitSettings
from services.permits.workflow import ACTOR

_CHANGE: Final = update(PermitRow).where(PermitRow.id == bindparam("this"))
_UNSEEN: Final = {"synchronize_session": False}


def change(permit_id: UUID, **values: Any) -> None:  # columns of many types
    """Write these columns of a permit."""
    session().execute(_CHANGE.values(**values), {"this": permit_id}, execution_options=_UNSEEN)


def grant(permit_id: UUID, *, by_officer: bool = False) -> None:
    """It is theirs once it is paid for; at once where it costs nothing. Does nothing unless it is `asked`.

    Whoever waits at the page has minutes to begin paying, whoever waited for an officer has days.
    """
    permit = hold_permit(permit_id)
    if permit is None or permit.status != "asked":
        return
    if by_officer and permit.uprn:
        proven = {"proven_by": "officer", "proven_on": clock.today().isoformat()}
        change(permit_id, answers=dict(permit.answers) | proven)
    if by_officer and permit.business_id is not None:
        open_business(permit.business_id)
    settings = settings_of(PermitSettings)
    held = timedelta(days=settings.hold_days) if by_officer else timedelta(minutes=settings.hold_minutes)
    price = priced_anew(permit, days_from_today(permit, clock.today())) if by_officer else {}
    change(permit_id, status="to_pay", held_until_at=clock.now() + held, **price)
    if price.get("price_pence", permit.price_pence) == 0:
        if not activate(permit_id) and not by_officer:  # an officer's lapses, and its resident is told
            raise Refused(_("This cannot be had any more: something changed while you sent it. Look again."))
        return
    if not by_officer:  # their move has brought the case here
        move_case(permit.case_id, to="to_pay", actor=ACTOR, channel="system")


def activate(permit_id: UUID, *, paid: int = 0, line_id: UUID | None = None) -> bool:
    """Make a permit valid; what it takes the place of ends. Whether it could be made so.

    Not when it was taken back, when its days are over, when what it changes has ended, or when it had lapsed and its
    place or its car's days are somebody else's by now. Then nothing is changed.
    """
    permit = hold_permit(permit_id)
    if permit is None or permit.status not in ("to_pay", "lapsed") or paid < permit.price_pence:
        return False
    days = days_from_today(permit, clock.today())
    replaced = hold_permit(permit.predecessor_id) if permit.predecessor_id and permit.why in IN_PLACE else None
    if days is None or (replaced is not None and replaced.status != "active"):
        return False
    wait_for(*(cap.scope for cap in permit.caps), f"car:{permit.zone}:{permit.vrm}")
    try:
        with session().begin_nested():
            if not take_places(permit.chain_id, permit.caps):
                return False
            if replaced is not None:
                _replace(replaced, permit.why, days[0])
            _make_valid(permit, days, paid, line_id)
    except IntegrityError:  # the car has a permit of these days by now, or one lent to it
        return False
    leave_places(permit.chain_id)
    move_case(permit.case_id, to="granted", actor=ACTOR, channel="system")
    if permit.back_pence:
        give_back(permit, permit.back_pence, reason=permit.why, key=f"change:{permit.id}")
    _tell(permit_id)
    return True


def days_from_today(permit: Permit, today: date) -> tuple[date, date] | None:
    """Its first and last day if it begins now: a bought length loses nothing by waiting, a change ends when it ends."""
    if permit.why in IN_PLACE:
        first = max(permit.first_on, today)
        return (first, permit.last_on) if first <= permit.last_on else None
    if permit.first_on >= today:
        return permit.first_on, permit.last_on
    return today, permit.length.last_day(today)


def _make_valid(permit: Permit, days: tuple[date, date], paid: int, line_id: UUID | None) -> None:
    now: datetime = clock.now()
    change(
        permit.id,
        status="active",
        reason="",
        valid=Range(days[0], days[1] + DAY),
        last_on=days[1],
        bought_on=permit.bought_on if permit.why in IN_PLACE else days[0],
        paid_pence=paid,
        line_id=line_id,
        held_until_at=None,
        active_at=now,
        closed_at=None,
    )


def _replace(permit: Permit, why: str, from_on: date) -> None:
    """End a permit on the day before, but not before its first day. What has not begun keeps the days it was to have,
    as an application does that is refused."""
    values: dict[str, object] = {"status": "replaced", "reason": why, "closed_at": clock.now()}
    if permit.first_on <= clock.today():
        last_on = max(permit.first_on, from_on - DAY)
        values |= {"valid": Range(permit.first_on, last_on + DAY), "last_on": last_on}
    change(permit.id, **values)


def _tell(permit_id: UUID) -> None:
    permit = find_permit(permit_id)
    if permit is None or permit.account_id is None:
        return
    try:
        account = get_account(permit.account_id)
    except NotFound:  # closed meanwhile
        return
    tell(
        account,
        template="permits/mail/active.txt",
        key=f"active:{permit.id}",
        path=f"/services/permits/{permit.id}",
        reference=permit.reference,
    )
