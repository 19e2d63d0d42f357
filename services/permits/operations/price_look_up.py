"""Look a vehicle up for somebody who only wants to know a price, signed in or not."""

from typing import Final

from portal.kit import limit
from services.permits.backoffice.values import VehicleFound
from services.permits.backoffice.vehicles import find_vehicle
from services.permits.operations.vehicles import possible_mark
from services.permits.rules.vehicles import Vehicle

FROM_AN_ADDRESS: Final = 20
FROM_EVERYBODY: Final = 2000
"""Look-ups in an hour. DVLA bounds and may bill what a council asks, and this page is open to all."""


def find_facts_for_price(*, registration: str, asked_from: str) -> Vehicle | None:
    """What DVLA says of the vehicle; None for one that it does not know. Nothing is kept, and it may be anybody's.

    Raises Refused for a mark that there cannot be; TooMany; Unavailable while DVLA cannot be asked.
    """
    mark = possible_mark(registration)
    limit(f"permits-price:{asked_from}", limit=FROM_AN_ADDRESS, seconds=3600)
    limit("permits-price", limit=FROM_EVERYBODY, seconds=3600)
    found = find_vehicle(mark)
    return found.vehicle if isinstance(found, VehicleFound) else None
