"""Courtesy cars of a permit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, func, select

from portal.kit import session
from services.permits.models.permits import CourtesyCar as CourtesyRow
from services.permits.rules.permits import DAY, Permit

_CARS = (
    select(CourtesyRow.id, CourtesyRow.vrm, CourtesyRow.valid)
    .where(CourtesyRow.permit_id == bindparam("permit"), ~func.isempty(CourtesyRow.valid))
    .order_by(CourtesyRow.created_at, CourtesyRow.id)
)

_OF_MANY = (
    select(CourtesyRow.permit_id, CourtesyRow.id, CourtesyRow.vrm, CourtesyRow.valid)
    .where(CourtesyRow.permit_id.in_(bindparam("permits", expanding=True)), ~func.isempty(CourtesyRow.valid))
    .order_by(CourtesyRow.created_at, CourtesyRow.id)
)


@dataclass(frozen=True, slots=True)
class CourtesyCar:
    """Another car on some of a permit's days, the last included."""

    id: UUID
    vrm: str
    first_on: date
    last_on: date


def courtesy_cars(permit: Permit) -> Sequence[CourtesyCar]:
    """The courtesy cars that a permit has had, the earliest asked for first."""
    return [
        CourtesyCar(row.id, row.vrm, row.valid.lower, row.valid.upper - DAY)
        for row in session().execute(_CARS, {"permit": permit.id})
    ]


def courtesy_cars_of(permit_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[CourtesyCar]]:
    """The same for many permits at once; those without any are not in it."""
    found: dict[UUID, list[CourtesyCar]] = {}
    for row in session().execute(_OF_MANY, {"permits": list(permit_ids)}):
        car = CourtesyCar(row.id, row.vrm, row.valid.lower, row.valid.upper - DAY)
        found.setdefault(row.permit_id, []).append(car)
    return found


def car_on(permit: Permit, day: date) -> str:
    """The car that may park with a permit on a day: its own, or the courtesy car in its place."""
    return car_of(permit, courtesy_cars(permit), day)


def car_of(permit: Permit, lent: Sequence[CourtesyCar], day: date) -> str:
    """The same where its courtesy cars are known. A permit that has ended takes its courtesy car with it."""
    there = (each.vrm for each in lent if permit.is_valid_on(day) and each.first_on <= day <= each.last_on)
    return next(there, permit.vrm)


def courtesy_cars_to_come(permit: Permit, today: date) -> Sequence[CourtesyCar]:
    """Those that have the permit today or will; none once it has ended."""
    lent = courtesy_cars(permit) if permit.status == "active" else ()
    return [each for each in lent if each.last_on >= today]
