"""Look a vehicle up for somebody, within what one person may ask."""

from typing import Final

from portal.kit import Account, Refused, limit
from portal.kit import gettext as _
from services.permits.backoffice.values import Unknown, VehicleFound
from services.permits.backoffice.vehicles import find_vehicle
from services.permits.rules.registrations import find_meant, is_possible, is_possible_abroad, normalise, shown

AN_HOUR: Final = 30
"""Look-ups for one account. DVLA bounds and may bill what a council asks, and nobody has thirty cars."""


def look_up_vehicle(resident: Account, *, registration: str) -> VehicleFound | Unknown:
    """What DVLA says of the vehicle with this mark, as it was typed. Call it before anything is written.

    Raises Refused with what to do for a mark that there cannot be; TooMany; Unavailable while DVLA cannot be asked.
    After Unknown and Unavailable the resident gives the facts from the V5C, and an officer decides.
    """
    mark = possible_mark(registration)
    limit(f"permits-vehicle:{resident.id}", limit=AN_HOUR, seconds=3600)
    return find_vehicle(mark)


def possible_mark(typed: str) -> str:
    """The mark as it is kept. Raises Refused with what to do for one that there cannot be."""
    mark = normalise(typed)
    if not mark:
        raise Refused(_("Enter the registration number of the vehicle."))
    if is_possible(mark):
        return mark
    meant = find_meant(mark)
    if meant is not None:
        raise Refused(_("There is no such registration number. Did you mean %(meant)s?", meant=shown(meant)))
    raise Refused(
        _("There is no such registration number. Enter it as it is on the number plate, such as AB12 CDE or A123 BCD.")
    )


def possible_mark_abroad(typed: str) -> str:
    """The mark of a vehicle that is registered in another country. Raises Refused for one that there cannot be."""
    mark = normalise(typed)
    if not is_possible_abroad(mark):
        raise Refused(
            _("Enter the registration number as it is on the number plate, with at most 8 letters and figures.")
        )
    return mark
