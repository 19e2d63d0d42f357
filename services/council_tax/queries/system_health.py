"""Whether the council's system answers."""

from portal.kit import Health, Unavailable
from services.council_tax.backoffice.client import system


def check() -> Health:
    """For `moothall service check` and the fault panel."""
    try:
        system().healthy()
    except Unavailable:
        return Health(
            ok=False,
            sentence="The council tax system does not answer well: see its URL, its token and the log.",
        )
    return Health(ok=True)
