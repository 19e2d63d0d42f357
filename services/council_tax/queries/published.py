"""What was set for a year and the valuation list: public, the same for everybody."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from portal.kit import Unavailable, clock, normalise_postcode, settings_of
from services.council_tax.backoffice.client import system
from services.council_tax.backoffice.values import ListedDwelling, Published
from services.council_tax.rules.charges import Charges, Part
from services.council_tax.settings import CouncilTaxSettings

FRESH_FOR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Kept:
    published: Published
    asked_at: datetime


_kept: dict[tuple[str, int], _Kept] = {}
_lock: Final = threading.Lock()


def get_published(year: int) -> Published:
    """What was set for a year. Asked once an hour in each process; an older answer serves while the system is away.

    Raises NotFound for a year that has not been set, Unavailable.
    """
    name = (settings_of(CouncilTaxSettings).url, year)
    kept = _kept.get(name)
    if kept is not None and clock.now() - kept.asked_at < FRESH_FOR:
        return kept.published
    try:
        found = system().published(year)
    except Unavailable:
        if kept is None:
            raise
        return kept.published
    with _lock:
        _kept[name] = _Kept(found, clock.now())
    return found


def charges_of(published: Published) -> Charges:
    """The same in the terms of the rules."""
    codes = [part.code for part in published.parts]
    parts = tuple(
        Part(code, {band: amounts[place] for band, amounts in published.by_part.items()})
        for place, code in enumerate(codes)
    )
    return Charges(published.year, published.charges, parts)


def get_charges(year: int) -> Charges:
    """The charges of a year, for the rules. Raises NotFound, Unavailable."""
    return charges_of(get_published(year))


def dwellings_at(postcode: str) -> tuple[ListedDwelling, ...]:
    """The valuation list at a postcode, in its order. Raises Refused for what is no postcode, Unavailable."""
    return system().dwellings(normalise_postcode(postcode))
