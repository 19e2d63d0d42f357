"""What is known beside an application on the day of it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, exists, or_, select, text
from sqlalchemy.dialects.postgresql import DATERANGE, Range

from portal.kit import AddressProof, session
from services.permits.models.businesses import Business
from services.permits.models.permits import CourtesyCar, Vehicle
from services.permits.models.permits import Permit as PermitRow
from services.permits.rules.permits import DAY, IN_PLACE, Application, Permit
from services.permits.rules.vehicles import Vehicle as VehicleFacts
from services.permits.rules.vehicles import vehicle_from

YEAR: Final = timedelta(days=365)
_THIS_CAR: Final = (
    PermitRow.zone == bindparam("in_zone"),
    PermitRow.vrm == bindparam("car"),
    PermitRow.valid.overlaps(bindparam("days", type_=DATERANGE())),
    PermitRow.chain_id != bindparam("of_chain"),
)
# In the words of the partial indexes, and as text: of a parameter no plan knows that it is one of these.
_CAR_IS_LENT: Final = exists().where(
    CourtesyCar.zone == bindparam("in_zone"),
    CourtesyCar.vrm == bindparam("car"),
    CourtesyCar.valid.overlaps(bindparam("days", type_=DATERANGE())),
    CourtesyCar.chain_id != bindparam("of_chain"),
    PermitRow.id == CourtesyCar.permit_id,
    PermitRow.status == "active",
)
_CAR_HAS_ONE: Final = select(
    or_(
        _CAR_IS_LENT,
        exists().where(*_THIS_CAR, text("permit.status = 'active'")),
        exists().where(*_THIS_CAR, text("permit.status in ('asked', 'to_pay')")),
    )
)
_TEMPORARY: Final = select(
    exists().where(
        text("permit.kind = 'temporary'"),
        PermitRow.vrm == bindparam("car"),
        PermitRow.active_at.is_not(None),
        PermitRow.last_on > bindparam("since"),
        PermitRow.chain_id != bindparam("of_chain"),
    )
)
_OPEN_BUSINESS: Final = select(exists().where(Business.id == bindparam("business"), Business.status == "open"))
# What DVLA said counts before anybody's word: whoever asked for a permit for the car may have told us of it.
_LATEST: Final = (
    select(Vehicle.facts)
    .where(Vehicle.vrm == bindparam("car"))
    .order_by((Vehicle.source == "dvla").desc(), Vehicle.as_of_at.desc())
    .limit(1)
)


def last_day(application: Application, of: Permit | None) -> date:
    """The last day that is asked for: a change keeps that of the permit which it changes."""
    return of.last_on if of and application.why in IN_PLACE else application.last_on


def days_of(application: Application, of: Permit | None) -> Range[date]:
    """The days that are asked for, the upper bound the day after the last."""
    return Range(application.first_on, last_day(application, of) + DAY)


def car_has_one(chain_id: UUID, zone: str, vrm: str, days: Range[date]) -> bool:
    """Whether another chain has or asks for a permit of the zone for the car on one of these days, or lends it one."""
    asked = {"of_chain": chain_id, "in_zone": zone, "car": vrm, "days": days}
    return bool(vrm) and session().execute(_CAR_HAS_ONE, asked).scalar_one()


def had_temporary(chain_id: UUID, vrm: str, today: date) -> bool:
    """Whether the car had a temporary permit in the last year."""
    asked = {"of_chain": chain_id, "car": vrm, "since": today - YEAR}
    return bool(vrm) and session().execute(_TEMPORARY, asked).scalar_one()


def is_open_business(business_id: UUID | None) -> bool:
    """Whether the council knows the business already: an officer has read its papers once."""
    return business_id is not None and session().execute(_OPEN_BUSINESS, {"business": business_id}).scalar_one()


def find_source(proofs: Iterable[AddressProof], uprn: str | None) -> str:
    """The service whose record shows them at that address; empty where none does."""
    return next((proof.source for proof in proofs if uprn and proof.uprn == uprn), "")


def find_vehicle_facts(vrm: str) -> VehicleFacts | None:
    """What is known of a vehicle for which a permit was asked: what DVLA said last, else what somebody said."""
    facts = session().execute(_LATEST, {"car": vrm}).scalar_one_or_none()
    return vehicle_from(facts) if facts is not None else None
