"""Why an application was refused, needs an officer, or why a permit is over: in words for the resident."""

from collections.abc import Mapping
from typing import Final

from portal.kit import Lazy
from portal.kit import lazy_gettext as _

REFUSED: Final[Mapping[str, Lazy]] = {
    "outside": _("This address is in no parking zone. You do not need a permit to park there."),
    "no_permits": _("There are no parking permits for this address."),
    "car_free": _(
        "This home was built without parking, so it cannot have a permit for a car. Your visitors can still park."
    ),
    "zone_not_named": _("Choose the parking zone of the address."),
    "person": _("You have as many of these permits as one person can have."),
    "business": _("Your business has as many of these permits as one business can have."),
    "household": _("Your address has as many of these permits as one address can have."),
    "zone": _("All permits of this zone are taken at the moment."),
    "car_has_one": _("This vehicle has a permit for this zone on these days already, or somebody has asked for one."),
    "too_late": _("The first day is in the past. Choose today or a later day."),
    "too_far_ahead": _("The first day is too far ahead. Apply again nearer the time."),
    "no_vehicle": _("Tell us which vehicle the permit is for."),
    "visitor_with_car": _("Visitor parking has no vehicle of its own. Start each visitor’s car instead."),
    "bus_or_lorry": _("Permits are not for buses, coaches or lorries."),
    "no_proof": _("We need proof of this address, and nothing that we have proves it. Send a document."),
    "no_vehicle_proof": _("Send a document which shows that you may use this vehicle."),
    "no_carer_proof": _("Send a document which shows that care is given at this address."),
    "no_business_proof": _("Send a document which shows that the business is at this address."),
    "no_reduction_proof": _("Send a document which shows that you pay less, such as your Blue Badge."),
    "temporary_before": _("This vehicle had a temporary permit in the last 12 months. Apply for a full one."),
}
"""Why the rules say no."""

OFFICER: Final[Mapping[str, Lazy]] = {
    "address_typed": _("The address is not on our list, so an officer has to find its parking zone."),
    "proof_to_read": _("An officer has to read your proof of address."),
    "vehicle_proof_to_read": _("The vehicle is not in your own name, so an officer has to read its papers."),
    "vehicle_not_known": _("DVLA has not told us about this vehicle, so an officer has to read its papers."),
    "vehicle_unusual": _("An officer has to see whether a permit can be given for this kind of vehicle."),
    "carer_proof_to_read": _("An officer has to read what you sent about the care at this address."),
    "reduction_to_check": _("An officer has to see the document which shows that you pay less."),
    "business_not_known": _("This is the business's first permit, so an officer has to read its papers."),
}
"""Why the rules do not suffice."""

OVER: Final[Mapping[str, Lazy]] = {
    "decided": _("An officer decided so. Their reason is on your application."),
    "not_paid": _("It was not paid for in time."),
    "taken_back": _("You took the application back."),
    "asked_to_end": _("You asked us to end it."),
    "last_day": _("Its last day is over."),
    "vehicle": _("The permit is for another vehicle now."),
    "address": _("The permit is for another address now."),
    "moved_away": _("You no longer live at the address that it was for."),
    "ended_by_us": _("The council ended it."),
}
"""Why a permit is over."""

WORDS: Final[Mapping[str, Lazy]] = {**REFUSED, **OFFICER, **OVER}


def in_words(reason: str) -> str:
    """What a reason means, a code or several with spaces between; empty for none."""
    return " ".join(str(WORDS[code]) for code in reason.split() if code in WORDS)
