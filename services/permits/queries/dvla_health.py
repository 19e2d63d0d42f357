"""Whether DVLA can be asked about vehicles."""

from typing import Final

from portal.kit import Health, Unavailable, settings_of
from services.permits.backoffice.vehicles import find_vehicle
from services.permits.settings import PermitSettings

ANY: Final = "AA19AAA"
"""One of DVLA's test registrations. Where it is not known the answer is just as good."""


def check() -> Health:
    """For `moothall service check` and the fault panel. Without an address nothing is amiss: facts are typed."""
    if not settings_of(PermitSettings).dvla_url:
        return Health(ok=True)
    try:
        find_vehicle(ANY)
    except Unavailable:
        return Health(ok=False, sentence="DVLA does not answer well: see DVLA_URL, DVLA_KEY and the log.")
    return Health(ok=True)
