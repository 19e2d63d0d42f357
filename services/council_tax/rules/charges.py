"""What was set for a year: the published amount of each band, and of each authority that takes a part.

A band's amount is never computed from band D. Authorities round each band and each part by themselves, so that
Hammersmith & Fulham's band B for 2024-25 is £1,078.59 where seven ninths of D are £1,078.60. The law's proportions
(LGFA 1992 s5: 6, 7, 8, 9, 11, 13, 15, 18 ninths) only serve to find misprints.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

Band = Literal["A", "B", "C", "D", "E", "F", "G", "H"]
BANDS: Final[tuple[Band, ...]] = ("A", "B", "C", "D", "E", "F", "G", "H")
NINTHS: Final[Mapping[Band, int]] = dict(zip(BANDS, (6, 7, 8, 9, 11, 13, 15, 18), strict=True))
"""Proportions to band D. LGFA 1992 s5(1)."""
DISABLED_A: Final = Fraction(5, 9)
"""What a home in band A pays of band D with the disabled band reduction. SI 1992/554 reg 4, with SI 1999/1004."""


class BadTable(ValueError):
    """A table of charges that cannot be right."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one authority, precept or levy takes of each band, pence. `code` is ours: `borough`, `adult_care`, `gla`."""

    code: str
    by_band: Mapping[Band, int]


@dataclass(frozen=True, slots=True)
class Charges:
    """The full charge of a year for each band, pence, and the parts that add up to it if they are known."""

    year: int
    by_band: Mapping[Band, int]
    parts: tuple[Part, ...] = ()

    def of(self, band: Band) -> int:
        """The full year's charge of a band, pence. Raises KeyError for a band that was not published."""
        return self.by_band[band]

    def parts_of(self, band: Band) -> tuple[tuple[str, int], ...]:
        """Each part's code with its pence for a band, in the order of the bill. They add up to the charge."""
        return tuple((part.code, part.by_band[band]) for part in self.parts)

    def reduced(self, band: Band) -> Fraction:
        """The charge with the disabled band reduction: the next band down, and five ninths of D for band A.

        Law: SI 1992/554 reg 4; band A since 1 April 2000 by SI 1999/1004. Exact: rounded with the rest of the year.
        """
        if band == "A":
            return self.by_band["D"] * DISABLED_A
        return Fraction(self.by_band[BANDS[BANDS.index(band) - 1]])


def checked(charges: Charges) -> Charges:
    """The charges, if they can be right. Raises BadTable, which says what is wrong.

    Bands may be missing (a page that was cut), but not band D. Each must be within `slack` of its proportion: each
    part may be rounded, so a penny for each part and one for the sum.
    """
    if "D" not in charges.by_band:
        raise BadTable(f"{charges.year}: band D is missing")
    known = [band for band in BANDS if band in charges.by_band]
    amounts = [charges.by_band[band] for band in known]
    if amounts[0] < 0 or amounts != sorted(amounts):
        raise BadTable(f"{charges.year}: the bands do not rise from A to H")
    slack = 2 + len(charges.parts)
    for band, pence in zip(known, amounts, strict=True):
        if abs(pence - Fraction(charges.by_band["D"] * NINTHS[band], 9)) > slack:
            raise BadTable(f"{charges.year}: band {band} is not {NINTHS[band]} ninths of band D")
        if charges.parts and sum(part.by_band[band] for part in charges.parts) != pence:
            raise BadTable(f"{charges.year}: the parts of band {band} do not add up to its charge")
    return charges


def share(pence: int, weights: Sequence[int]) -> tuple[int, ...]:
    """`pence` shared out by weights, so that the shares add up to it: where the money of a reduced charge goes.

    Each share is rounded down, and the pence left go to those who lost most by that, the earlier first. All nothing
    when the weights are.
    """
    total = sum(weights)
    if not total:
        return tuple(0 for _ in weights)
    shares = [pence * weight // total for weight in weights]
    lost = sorted(range(len(weights)), key=lambda at: (-(pence * weights[at] % total), at))
    for at in lost[: pence - sum(shares)]:
        shares[at] += 1
    return tuple(shares)
