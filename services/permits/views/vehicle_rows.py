"""A vehicle as its rows are shown."""

from portal.kit import Lazy
from portal.kit import gettext as _
from services.permits.rules.registrations import shown
from services.permits.rules.vehicle_words import FUELS
from services.permits.rules.vehicles import Vehicle


def vehicle_rows(vehicle: Vehicle) -> list[tuple[str, str | Lazy]]:
    """Names and values: what is known, so that somebody sees whether it is theirs."""
    rows: list[tuple[str, str | Lazy]] = [(_("Registration number"), shown(vehicle.registration))]
    if vehicle.make:
        rows.append((_("Make"), vehicle.make.title()))
    if vehicle.colour:
        rows.append((_("Colour"), vehicle.colour.capitalize()))
    if vehicle.fuel:
        rows.append((_("Runs on"), FUELS[vehicle.fuel]))
    if vehicle.grams is not None or vehicle.nought_is_a_gap:
        rows.append((_("CO2 emissions"), co2_said(vehicle)))
    if vehicle.first_registered:
        rows.append((_("First registered"), f"{vehicle.first_registered:%m/%Y}"))
    return rows


def co2_said(vehicle: Vehicle) -> str:
    """The figure that counts, or that the one that was given does not."""
    if vehicle.nought_is_a_gap:
        return _("0 g/km, which counts as not known: it burns fuel")
    return _("%(grams)s g/km", grams=vehicle.grams)
