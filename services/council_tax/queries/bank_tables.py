"""The tables of the modulus check, read once and again when their file changes."""

import logging
from functools import lru_cache
from pathlib import Path
from typing import Final

from portal.kit import settings_of
from services.council_tax.rules.modulus import Tables, read_tables
from services.council_tax.settings import CouncilTaxSettings

log = logging.getLogger(__name__)

EXAMPLES: Final = Path(__file__).parent.parent / "data"


def bank_tables() -> Tables:
    """The council's tables, or the examples that are shipped. None at all while a file cannot be read.

    Nobody is kept from paying by a broken file: the council's system checks again before it asks the bank.
    """
    try:
        return read_files()
    except (OSError, ValueError) as error:
        log.error("The tables of the modulus check cannot be read: %s", error)
        return Tables()


def read_files() -> Tables:
    """The tables as the settings name them. Raises OSError, and ValueError (BadTable) for files in another form."""
    settings = settings_of(CouncilTaxSettings)
    weights = settings.modulus_weights or EXAMPLES / "valacdos.example.txt"
    instead = settings.modulus_sort_codes or EXAMPLES / "scsubtab.example.txt"
    return _read(weights, instead, weights.stat().st_mtime_ns, instead.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(weights: Path, instead: Path, *_changed_at: int) -> Tables:
    with weights.open(encoding="ascii") as rows, instead.open(encoding="ascii") as pairs:
        return read_tables(rows, pairs)
