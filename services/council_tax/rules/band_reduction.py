"""The disabled band reduction: a home changed for somebody with a disability is charged as one band lower.

Law: the Council Tax (Reductions for Disabilities) Regulations 1992 (SI 1992/554), regs 3 and 4; band A since
1 April 2000 (SI 1999/1004). It must be the main home of somebody substantially and permanently disabled, and the
feature essential or of major importance to their well-being (reg 3(2)). The person who pays asks for it, year by year
(reg 3(1)(b)).
"""

from dataclasses import dataclass
from typing import Final

from portal.kit import Lazy
from portal.kit import lazy_gettext as _
from services.council_tax.rules.charges import BANDS, Band, Charges
from services.council_tax.rules.rounding import half_up


@dataclass(frozen=True, slots=True)
class Ground:
    """What in the home gives the reduction. reg 3(1)(a)(i) to (iii)."""

    code: str
    title: Lazy
    law: str


GROUNDS: Final = (
    Ground(
        "room",
        _("A room that they mainly use and need, not a bathroom, kitchen or toilet"),
        "SI 1992/554 reg 3(1)(a)(i)",
    ),
    Ground("bathroom_or_kitchen", _("A second bathroom or kitchen that they need"), "SI 1992/554 reg 3(1)(a)(ii)"),
    Ground("wheelchair", _("Enough floor space for a wheelchair used indoors"), "SI 1992/554 reg 3(1)(a)(iii)"),
)


def lower_band(band: Band) -> Band | None:
    """The band that is charged instead; None for band A, which pays five ninths of D."""
    return None if band == "A" else BANDS[BANDS.index(band) - 1]


def reduced_charge(charges: Charges, band: Band) -> int:
    """The year's charge with the reduction, pence."""
    return half_up(charges.reduced(band))


def saving(charges: Charges, band: Band) -> int:
    """What it saves in a whole year, before discounts, pence."""
    return charges.of(band) - reduced_charge(charges, band)
