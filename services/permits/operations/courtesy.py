"""Another car for some days: while a permit's own is at the garage."""

import uuid
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from portal.kit import Account, Refused, clock, session, settings_of
from portal.kit import gettext as _
from services.permits.models.permits import CourtesyCar as CourtesyRow
from services.permits.operations.lapsing import lapse_overdue
from services.permits.operations.places import wait_for
from services.permits.queries.courtesy import CourtesyCar, courtesy_cars
from services.permits.queries.facts import car_has_one
from services.permits.queries.permits import hold_own_permit
from services.permits.rules.permits import DAY
from services.permits.rules.reasons import in_words
from services.permits.settings import PermitSettings

YEAR: Final = timedelta(days=365)
_ADD: Final = insert(CourtesyRow)
_UNTIL: Final = (
    update(CourtesyRow)
    .where(CourtesyRow.id == bindparam("this"))
    .values(valid=func.daterange(func.lower(CourtesyRow.valid), bindparam("until")))
)
_USED: Final = select(func.coalesce(func.sum(func.upper(CourtesyRow.valid) - func.lower(CourtesyRow.valid)), 0)).where(
    CourtesyRow.chain_id == bindparam("chain"),
    ~func.isempty(CourtesyRow.valid),
    func.upper(CourtesyRow.valid) > bindparam("since"),
)


def lend(account: Account, *, permit_id: UUID, vrm: str, first_on: date, days: int) -> CourtesyCar:
    """Let another car park in the place of the permit's own, from a day on. The same again is the same.

    `vrm` is as it is kept (`possible_mark`). Raises NotFound; Refused for days that are not the permit's, more than the
    council allows, while another courtesy car is there, or for a car that may park in the zone by a permit of its own.
    """
    permit = hold_own_permit(account, permit_id)
    wait_for(f"chain:{permit.chain_id}", f"car:{permit.zone}:{vrm}")
    most = settings_of(PermitSettings).courtesy_days
    last_on = first_on + timedelta(days=days - 1)
    if permit.kind == "visitor" or permit.status != "active":
        raise Refused(_("This permit is not valid for a car, so no other can stand in for it."))
    same = (
        each for each in courtesy_cars(permit) if (each.vrm, each.first_on, each.last_on) == (vrm, first_on, last_on)
    )
    if (found := next(same, None)) is not None:
        return found
    if vrm == permit.vrm:
        raise Refused(_("This is the vehicle that the permit is for."))
    if not 1 <= days <= most:
        raise Refused(_("A courtesy car can have the permit for %(most)s days at most.", most=most))
    if first_on < clock.today() or first_on < permit.first_on or last_on > permit.last_on:
        raise Refused(_("Choose days from today on, within those of the permit."))
    days_asked = Range(first_on, last_on + DAY)
    lapse_overdue((), permit.zone, vrm)
    if car_has_one(permit.chain_id, permit.zone, vrm, days_asked):
        raise Refused(in_words("car_has_one"))
    used = session().execute(_USED, {"chain": permit.chain_id, "since": clock.today() - YEAR}).scalar_one()
    if used + days > settings_of(PermitSettings).courtesy_days_a_year:
        raise Refused(_("You have used the courtesy car days of this year. Change the permit's vehicle instead."))
    car_id = uuid.uuid4()
    row = {
        "id": car_id,
        "permit_id": permit.id,
        "chain_id": permit.chain_id,
        "zone": permit.zone,
        "vrm": vrm,
        "valid": days_asked,
        "created_at": clock.now(),
    }
    try:
        with session().begin_nested():
            session().execute(_ADD, row)
    except IntegrityError as error:  # in the same moment
        if "ex_courtesy_car_one_at_a_time" in str(error.orig):
            raise Refused(_("Another courtesy car has the permit on these days.")) from None
        if "a car would be in a zone twice" in str(error.orig):
            raise Refused(in_words("car_has_one")) from None
        raise
    return CourtesyCar(car_id, vrm, first_on, last_on)


def return_car(account: Account, *, permit_id: UUID, car_id: UUID) -> None:
    """The permit's own car is back: it counts again from now on. Again does nothing. Raises NotFound."""
    permit = hold_own_permit(account, permit_id)
    today = clock.today()
    for each in courtesy_cars(permit):
        if each.id == car_id and each.last_on >= today:
            asked = {"this": car_id, "until": max(today, each.first_on)}
            session().execute(_UNTIL, asked, execution_options={"synchronize_session": False})
