"""How sure we are of who somebody is: three levels, what a provider's words mean in them, and what a page demands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

SHORTEST_FRESHNESS: Final = timedelta(minutes=1)
"""In less time nobody has come back from the provider, and they would be asked again for ever."""


class Assurance(IntEnum):
    """The level of a sign-in. A service names the least that it accepts."""

    LOW = 1
    """Holds the account at the provider; nobody has checked who they are."""
    MEDIUM = 2
    """Signed in with two factors, or as the council's settings say. Says nothing about names."""
    HIGH = 3
    """The provider has checked the person against documents: names, date of birth and address count as proven."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a page needs: a level, and how long ago the person may have proved it. `fresh` None: any time."""

    level: Assurance = Assurance.LOW
    fresh: timedelta | None = None

    def __post_init__(self) -> None:
        if self.fresh is not None and self.fresh < SHORTEST_FRESHNESS:
            raise ValueError("fresh must be at least a minute")

    def joined(self, other: "Demand") -> "Demand":
        """What meets both."""
        both = [each.fresh for each in (self, other) if each.fresh is not None]
        return Demand(max(self.level, other.level), min(both, default=None))

    def is_met(self, level: Assurance, proved_at: datetime | None, now: datetime) -> bool:
        """Whether a session of that level is enough. `proved_at` None: the provider has never said when."""
        if level < self.level:
            return False
        return self.fresh is None or (proved_at is not None and now - proved_at <= self.fresh)


def level_of(claims: Mapping[str, object], acr_levels: Mapping[str, str]) -> Assurance:
    """The level that an ID token's `acr` or `vot` stands for. What the settings do not list is `LOW`.

    Where both are there and listed, the lower one counts.
    """
    said = (claims.get(name) for name in ("acr", "vot"))
    listed = [Assurance[acr_levels[each].upper()] for each in said if isinstance(each, str) and each in acr_levels]
    return min(listed, default=Assurance.LOW)
