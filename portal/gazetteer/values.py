"""What the gazetteer answers, whoever answers it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Address:
    """One address that has post delivered to it.

    `uprn` is its Unique Property Reference Number, up to 12 digits, without leading zeros. `lines` is what stands
    above town and postcode on an envelope; `street` is one of them. `lat` and `lon` are WGS84 degrees.
    """

    uprn: str
    lines: tuple[str, ...]
    street: str
    town: str
    postcode: str
    lat: float
    lon: float

    @property
    def label(self) -> str:
        """The address in one line, for lists to choose from."""
        return ", ".join((*self.lines, self.town, self.postcode))


class Gazetteer(Protocol):
    """Addresses by postcode and by UPRN."""

    def by_postcode(self, postcode: str) -> Sequence[Address]:
        """The addresses of a postcode, house by house; none when nobody lives there.

        Raises Refused when the text is no postcode, Unavailable when the source does not answer.
        """

    def by_uprn(self, uprn: str) -> Address | None:
        """The address with that UPRN. Raises Unavailable when the source does not answer."""


def in_order(addresses: Sequence[Address]) -> tuple[Address, ...]:
    """Street by street and house by house, so that number 2 stands before number 10."""
    return tuple(sorted(addresses, key=lambda address: (address.street, _natural(address.label), address.uprn)))


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in _DIGITS.split(text))
