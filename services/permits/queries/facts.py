"""What is known beside an application on the day of it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, exists, select
from sqlalchemy.dialects.postgresql import DATERANGE, Range

from portal.kit import AddressProof, session
from services.permits.models import Business, Permit, Vehicle
from services.permits.rules.permits import DAY, Application
from services.permits.rules.vehicles import Vehicle as VehicleFacts
from services.permits.rules.vehicles import vehicle_from

YEAR: Final = timedelta(days=365)
_CAR_HAS_ONE: Final = select(
    exists().where(
        Permit.zone == bindparam("in_zone"),
        Permit.vrm == bindparam("car"),
        Permit.status.in_(("asked", "to_pay", "active")),
        Permit.valid.overlaps(bindparam("days", type_=DATERANGE())),
        Permit.chain_id != bindparam("of_chain"),
    )
)
_TEMPORARY: Final = select(
    exists().where(
        Permit.kind == "temporary",
        Permit.vrm == bindparam("car"),
        Permit.active_at.is_not(None),
        Permit.last_on > bindparam("since"),
        Permit.chain_id != bindparam("of_chain"),
    )
)
_OPEN_BUSINESS: Final = select(exists().where(Business.id == bindparam("business"), Business.status == "open"))
_LATEST: Final = select(Vehicle.facts).where(Vehicle.vrm == bindparam("car")).order_by(Vehicle.as_of_at.desc()).limit(1)


def days_of(application: Application) -> Range[date]:
    """The days that are asked for, the upper bound the day after the last."""
    return Range(application.first_on, application.last_on + DAY)


def car_has_one(chain_id: UUID, zone: str, vrm: str, days: Range[date]) -> bool:
    """Whether another chain has or asks for a permit of the zone for the car on one of these days."""
    asked = {"of_chain": chain_id, "in_zone": zone, "car": vrm, "days": days}
    return bool(vrm) and session().execute(_CAR_HAS_ONE, asked).scalar_one()


def had_temporary(chain_id: UUID, vrm: str, today: date) -> bool:
    """Whether the car had a temporary permit in the last year."""
    asked = {"of_chain": chain_id, "car": vrm, "since": today - YEAR}
    return bool(vrm) and session().execute(_TEMPORARY, asked).scalar_one()


def is_open_business(business_id: UUID | None) -> bool:
    """Whether the council knows the business already: an officer has read its papers once."""
    return business_id is not None and session().execute(_OPEN_BUSINESS, {"business": business_id}).scalar_one()


def proves(proofs: Iterable[AddressProof], application: Application) -> bool:
    """Whether one of the council's own records shows them at the address of the application."""
    return bool(application.uprn) and any(proof.uprn == application.uprn for proof in proofs)


def find_vehicle_facts(vrm: str) -> VehicleFacts | None:
    """What was last known of a vehicle for which a permit was asked."""
    facts = session().execute(_LATEST, {"car": vrm}).scalar_one_or_none()
    return vehicle_from(facts) if facts is not None else None
