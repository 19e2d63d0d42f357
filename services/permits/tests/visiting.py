"""Somebody with visitor parking, who starts cars: what the tests of visits begin with."""

from typing import Any
from uuid import UUID, uuid4

from portal.kit import session
from services.permits.operations.visits import start_visit
from services.permits.queries import visits as queries
from services.permits.tests import parked
from tests.support.residents import Resident

PAGE = "/services/permits/visitors"
NOON = "2026-11-24T12:00"


def with_hours(who: Resident, hours: int, uprn: str = "900000000001", zone: str = "A") -> Resident:
    """Give them visitor parking."""
    parked.permit(who.account, "", kind="visitor", days=365, uprn=uprn, zone_code=zone)
    if hours:
        parked.balance(who.account, minutes=hours * 60, uprn=uprn, zone_code=zone)
    session().commit()
    return who


def start(who: Resident, car: str = "AB12 CDE", hours: int = 2, key: UUID | None = None, zone: str = "") -> Any:
    """Start a car, committed."""
    visit = start_visit(who.account, registration=car, hours=hours, key=key or uuid4(), zone=zone)
    session().commit()
    return visit


def left(who: Resident) -> int:
    """Minutes on their balance."""
    return sum(each.minutes for each in queries.visiting_of(who.account))
