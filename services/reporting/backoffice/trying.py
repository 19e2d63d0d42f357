"""Is somebody there at each office that the settings name?"""

import time
from collections.abc import Mapping, Sequence
from typing import Final

from portal.kit import NotFound, OfficeRefused, Unavailable
from services.reporting.backoffice import open311, webhook
from services.reporting.settings.offices import Office

SECONDS_EACH: Final = 3.0
SECONDS: Final = 15.0
"""For all of them: what is left then is said to be untried."""


def faults_of(offices: Mapping[str, Office]) -> Sequence[str]:
    """A sentence for each that does not answer. A no is an answer; those that are written to are not tried."""
    until, faults = time.monotonic() + SECONDS, []
    for name, office in offices.items():
        left = min(SECONDS_EACH, office.seconds, until - time.monotonic())
        if office.kind != "email" and (fault := _fault(name, office, left)):
            faults.append(fault)
    return faults


def _fault(name: str, office: Office, seconds: float) -> str:
    if seconds <= 0:
        return f"The office {name} was not tried: the others took too long."
    try:
        (webhook if office.kind == "webhook" else open311).try_out(name, office, seconds)
    except Unavailable:
        return f"The office {name} does not answer at {office.url} as {office.kind}."
    except (NotFound, OfficeRefused):
        return ""
    return ""
