"""What the price calculator says of kinds and facts."""

from collections.abc import Mapping

from portal.kit import Lazy, money
from portal.kit import gettext as _
from services.permits.rules.price_models import Question
from services.permits.rules.tariff import Tariff
from services.permits.rules.vehicle_words import FUELS, SORTS
from services.permits.rules.vehicles import Vehicle
from services.permits.rules.wanted import Wanted
from services.permits.views.vehicle_rows import co2_said
from services.permits.workflow import TITLES


def kind_called(kind: str) -> str:
    """What a kind of permit is called; one that only this council's tariff knows by its code."""
    known = {str(code): title for code, title in TITLES.items()}
    return str(known.get(kind, kind.replace("_", " ").capitalize()))


def facts_said(
    tariff: Tariff, question: Question, wanted: Wanted, zones: Mapping[str, str]
) -> list[tuple[str, str | Lazy]]:
    """What the price was worked out from, in the order in which it was asked. `zones`: code and title."""
    rows = [(str(title), text) for ask, title, text in _of_vehicle(question.vehicle) if ask in wanted.asks]
    if "number" in wanted.asks:
        rows.append((_("Vehicle of the household"), _("Number %(number)s", number=question.number)))
    if wanted.tiers:
        rows.append((_("Price band"), question.tier or _("Not known")))
    if wanted.zone and zones:
        rows.append((_("Parking zone"), zones.get(question.zone, _("Another zone"))))
    rows += [(str(tariff.marks[mark]), _("Yes") if mark in question.marks else _("No")) for mark in wanted.marks]
    return rows


def _of_vehicle(vehicle: Vehicle) -> list[tuple[str, str, str | Lazy]]:
    unknown = _("Not known")
    grams, registered = vehicle.grams, vehicle.first_registered
    return [
        ("sort", _("Kind of vehicle"), SORTS[vehicle.sort] if vehicle.sort else unknown),
        ("fuel", _("Runs on"), FUELS[vehicle.fuel] if vehicle.fuel else unknown),
        ("co2", _("CO2 emissions"), co2_said(vehicle) if grams is not None or vehicle.nought_is_a_gap else unknown),
        ("registered", _("First registered"), f"{registered:%m/%Y}" if registered else unknown),
        ("engine_cc", _("Size of the engine"), _("%(cc)s cc", cc=vehicle.engine_cc) if vehicle.engine_cc else unknown),
        ("euro", _("Emission standard"), f"Euro {vehicle.euro}" if vehicle.euro else unknown),
    ]


def price_said(pence: int) -> str:
    """A price, or that it costs nothing."""
    return money(pence) if pence else _("Free")
