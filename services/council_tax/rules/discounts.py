"""Discounts other than those that follow from who lives in a home (see liability and disregards).

Law: LGFA 1992 s11A (homes with no resident: a council sets from nothing to the whole), s13A(1)(c) (anything else that a
council decides), and the Council Tax (Reductions for Annexes) (England) Regulations 2013 (SI 2013/2977).
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from portal.kit import Lazy
from portal.kit import lazy_gettext as _
from services.council_tax.rules.liability import SINGLE, Change, Kind


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount that somebody can ask for. `local` ones exist where a council decided so: the demo's did."""

    code: str
    title: Lazy
    rate: Fraction
    law: str
    local: bool = False

    def change(self) -> Change:
        """What it does to a charge."""
        kind: Kind = "local" if self.local else "discount"
        return Change(kind, self.code, rate=self.rate)


DISCOUNTS: Final = (
    Discount("single_person", _("Only one adult lives here"), SINGLE, "LGFA 1992 s11(1)(a)"),
    Discount("all_disregarded", _("Nobody who lives here is counted"), 2 * SINGLE, "LGFA 1992 s11(2)(b)"),
    Discount("annexe", _("Annexe that the family of the main home uses"), Fraction(1, 2), "SI 2013/2977 reg 3"),
    Discount(
        "care_leaver",
        _("Care leaver under 25"),
        Fraction(1),
        "LGFA 1992 s13A(1)(c), the demo council's choice",
        local=True,
    ),
    Discount(
        "empty",
        _("Empty and unfurnished: first month"),
        Fraction(1),
        "SI 2003/3011 Class C; LGFA 1992 s11A, the demo council's choice",
        local=True,
    ),
    Discount(
        "hardship", _("Hardship relief"), Fraction(0), "LGFA 1992 s13A(1)(c): decided for each person", local=True
    ),
)
BY_CODE: Final = {one.code: one for one in DISCOUNTS}
