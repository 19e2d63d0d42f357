"""What a permit costs by which vehicle in order it is, counted when it is to be paid and not when it was asked for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from portal.kit import settings_of
from services.permits.operations.again import again
from services.permits.operations.places import wait_for
from services.permits.queries.tariffs import get_used_tariff
from services.permits.queries.vehicle_order import number_of
from services.permits.queries.zones import get_zone
from services.permits.rules.permit_prices import Charge, charge_for_new, price_for
from services.permits.rules.permits import DAY, IN_PLACE, Cap, Permit, Status
from services.permits.rules.prices import price_data
from services.permits.settings import PermitSettings

PAYABLE: Final[frozenset[Status]] = frozenset({"to_pay", "active"})
"""What an officer has not decided may never be anybody's first vehicle."""


def number_among(chain_id: UUID, caps: Sequence[Cap], days: Range[date], *, among: Collection[Status]) -> int:
    """Which vehicle it is of the person or the household, as the council counts; 1 where there is no cap."""
    counted = settings_of(PermitSettings).vehicles_counted
    return next((number_of(chain_id, cap.scope, days, among=among) for cap in caps if cap.about == counted), 1)


def priced_columns(charge: Charge, number: int) -> dict[str, Any]:  # columns of many types
    """What a permit costs and how that came about, in the words of the day: whoever reads them later may do so in the
    other language."""
    return {
        "price": price_data(charge.price) | {"number": number, "back": charge.back},
        "price_pence": charge.price.pence,
        "worth_pence": charge.worth,
    }


def priced_anew(permit: Permit, days: tuple[date, date] | None) -> Mapping[str, Any]:  # columns of many types
    """What is another price when an officer grants a permit than when it was asked for: others that it was counted
    with may have been refused, or granted before it. By the prices of the day on which it was asked for."""
    if days is None or permit.why in IN_PLACE or permit.tariff_id is None:
        return {}
    wait_for(*(cap.scope for cap in permit.caps), f"car:{permit.zone}:{permit.vrm}")
    number = number_among(permit.chain_id, permit.caps, Range(days[0], days[1] + DAY), among=PAYABLE)
    if number == permit.number:
        return {}
    marks = frozenset(get_zone(permit.zone).rules.get("marks", ()))
    tariff = get_used_tariff(permit.tariff_id)
    price = price_for(tariff, again(permit), zone=permit.zone, number=number, marks=marks)
    return priced_columns(charge_for_new(price), number)
