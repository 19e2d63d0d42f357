"""The council tax reduction scheme of the demo's council. No real council has it: bring your own `Calculator`.

Working age: percentages by bands of income, of the shape that Somerset, Trafford and Wealden publish; every figure in
`BANDS`, `SAVINGS` and `OTHER_ADULT` is invented. Pension age: the prescribed scheme (SI 2012/2885 Sch 1) made simple:
personal allowances and children for 2025-26, the taper of 20 pence in the pound, savings. Premiums, deductions for
other adults and what counts as income are left out, so it is an estimate and no decision.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from portal.kit import Lazy
from portal.kit import lazy_gettext as _
from services.council_tax.rules.reduction import Award, Circumstances

NAME: Final = _("Demo council’s scheme")
POUND: Final = 100
SAVINGS: Final = 10_000 * POUND
OTHER_ADULT: Final = 5 * POUND
"""What each other adult takes off the award, a week. Hartlepool does the same."""
BANDS: Final = (
    (Fraction(1), (110, 160, 230, 290)),
    (Fraction(3, 4), (160, 210, 280, 340)),
    (Fraction(1, 2), (210, 260, 330, 390)),
    (Fraction(1, 4), (260, 310, 380, 440)),
)
"""What part of the tax is met, and up to which weekly income in pounds: single, couple, one child, more children."""

PENSION_SAVINGS: Final = 16_000 * POUND
"""More than this and nothing is given, unless there is guarantee credit. SI 2012/2885 Sch 1 para 11(2)."""
IGNORED_SAVINGS: Final = 10_000 * POUND
TARIFF: Final = 500 * POUND
"""Each £500 or part of it above £10,000 counts as £1 a week. SI 2012/2885 Sch 1 para 37."""
TAPER: Final = Fraction(1, 5)
"""What is taken off for each pound of income above the allowances. SI 2012/2885 Sch 1 para 10(4): 20 per cent of it."""
CHILD: Final = 84_66
"""A week, 2025-26 (Oxford City Council, Council Tax Reduction Scheme 2025-26, Appendix 1)."""
ALLOWANCES: Final = {
    (False, True): 244_40,
    (False, False): 227_10,
    (True, True): 366_00,
    (True, False): 346_60,
}
"""By (couple, pension age before 1 April 2021), pence a week, 2025-26 (the same page)."""


@dataclass(frozen=True, slots=True)
class DemoWorkingAge:
    """The demo council's invented scheme for working age."""

    name: str = "Demo council’s working-age scheme"

    def award(self, circumstances: Circumstances, weekly_tax: Fraction) -> Award:
        """A percentage of the tax by the household's income, less £5 for each other adult."""
        if circumstances.savings > SAVINGS:
            return Award(Fraction(0), "too_much_saved")
        rate = next((rate for rate, tops in BANDS if circumstances.weekly_income <= _top(tops, circumstances)), None)
        if rate is None:
            return Award(Fraction(0), "income_too_high")
        given = max(Fraction(0), weekly_tax * rate - circumstances.other_adults * OTHER_ADULT)
        return Award(given, "awarded" if given else "income_too_high")


@dataclass(frozen=True, slots=True)
class DemoPensionAge:
    """The prescribed scheme for pension age, made simple."""

    name: str = "Pension-age scheme, made simple"

    def award(self, circumstances: Circumstances, weekly_tax: Fraction) -> Award:
        """The whole tax, less a fifth of the income above the allowances."""
        if circumstances.guarantee_credit:
            return Award(weekly_tax, "awarded")
        if circumstances.savings > PENSION_SAVINGS:
            return Award(Fraction(0), "too_much_saved")
        needs = ALLOWANCES[circumstances.couple, circumstances.reached_before_2021] + circumstances.children * CHILD
        counted = circumstances.weekly_income + _tariff_income(circumstances.savings)
        given = max(Fraction(0), weekly_tax - max(0, counted - needs) * TAPER)
        return Award(given, "awarded" if given else "income_too_high")


@dataclass(frozen=True, slots=True)
class DemoScheme:
    """Both: the age decides."""

    name: str | Lazy = NAME

    def award(self, circumstances: Circumstances, weekly_tax: Fraction) -> Award:
        """What the scheme of their age gives."""
        scheme = DemoPensionAge() if circumstances.pension_age else DemoWorkingAge()
        return scheme.award(circumstances, weekly_tax)


def _top(tops: tuple[int, int, int, int], circumstances: Circumstances) -> int:
    """The highest income of a band for such a household, pence. Children count before partners."""
    if circumstances.children:
        return tops[2 if circumstances.children == 1 else 3] * POUND
    return tops[1 if circumstances.couple else 0] * POUND


def _tariff_income(savings: int) -> int:
    """What savings count as income, pence a week."""
    return -(-max(0, savings - IGNORED_SAVINGS) // TARIFF) * POUND
