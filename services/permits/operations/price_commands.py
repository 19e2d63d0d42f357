"""What an operator does about prices before they are in force: `moothall service run permits prices-check`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from portal.kit import Command, Refused, money, settings_of
from services.permits.rules.price_models import Question
from services.permits.rules.tariff import Tariff, offered
from services.permits.rules.tariff_data import BadTariff, load_tariffs
from services.permits.rules.vehicles import Fuel, Vehicle
from services.permits.rules.visit_prices import time_said
from services.permits.settings import PermitSettings

EXAMPLES: Final[Mapping[str, Vehicle]] = {
    "petrol, 118 g/km": Vehicle(fuel=Fuel.PETROL, co2=118, engine_cc=1400, euro=6, type_approval="M1"),
    "diesel, 180 g/km": Vehicle(fuel=Fuel.DIESEL, co2=180, engine_cc=2000, euro=5, type_approval="M1"),
    "electric": Vehicle(fuel=Fuel.ELECTRIC, type_approval="M1"),
    "nothing known": Vehicle(),
}


def check_folder(words: Sequence[str]) -> str:
    """Read a folder of prices, that of the settings without one, and say what some vehicles would pay by each file."""
    folder = Path(*words) if words else settings_of(PermitSettings).tariffs
    try:
        found = load_tariffs(folder)
    except BadTariff as fault:
        raise Refused(f"The prices cannot be read: {fault}.") from fault
    return "\n".join(line for tariff in found for line in _lines(tariff))


def _lines(tariff: Tariff) -> Iterator[str]:
    yield f"{tariff.authority}, from {tariff.from_on or 'an unknown day'}"
    for kind, prices in tariff.kinds.items():
        for called, vehicle in EXAMPLES.items():
            found = offered(tariff, Question(kind, prices.lengths[0], vehicle))
            said = ", ".join(f"{length.code} {money(price.pence)}" for length, price in found.items())
            yield f"  {kind}, {called}: {said or 'no price'}"
    for span in tariff.visits.spans if tariff.visits else ():
        yield f"  visitors, {time_said(span.minutes)}: {money(span.pence)}"


COMMANDS: Final[Mapping[str, Command]] = {
    "prices-check": Command(
        help="Read a folder of prices, and say what some vehicles would pay.", run=check_folder, words="[FOLDER]"
    )
}
