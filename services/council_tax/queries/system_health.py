"""Whether the council's system answers, and bank accounts can be checked."""

from portal.kit import Health, Unavailable
from services.council_tax.backoffice.client import system
from services.council_tax.queries.bank_tables import read_files


def check() -> Health:
    """For `moothall service check` and the fault panel."""
    try:
        system().healthy()
    except Unavailable:
        return Health(
            ok=False,
            sentence="The council tax system does not answer well: see its URL, its token and the log.",
        )
    try:
        read_files()
    except (OSError, ValueError) as error:
        return Health(ok=False, sentence=f"The tables for checking bank accounts cannot be read: {error}.")
    return Health(ok=True)
