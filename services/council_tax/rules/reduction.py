"""Council tax reduction: who has little pays less.

Law: LGFA 1992 s13A(1)(a) and (2). For pension age the Government prescribes the scheme (SI 2012/2885); for working age
each council makes its own every year. So the sum stands behind a `Calculator`, and a council brings its own.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol

from portal.kit import Lazy
from services.council_tax.rules.charges import Charges
from services.council_tax.rules.liability import ORDER, Change, Order, State, daily, without

Outcome = Literal["awarded", "too_much_saved", "income_too_high"]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a household says of itself. Money is pence; income is by week, after tax, of both partners.

    `pension_age`: the person who pays, or their partner, can get Pension Credit. `guarantee_credit`: they do get its
    guarantee part. `other_adults`: who else lives there and is not a partner.
    """

    pension_age: bool
    couple: bool
    children: int
    weekly_income: int
    savings: int
    guarantee_credit: bool = False
    reached_before_2021: bool = False
    """Whether pension age was reached before 1 April 2021, which has a higher allowance."""
    other_adults: int = 0


@dataclass(frozen=True, slots=True)
class Award:
    """What a scheme gives: exact pence a week, never more than the week's council tax; and why."""

    weekly_pence: Fraction
    outcome: Outcome

    def change(self) -> Change:
        """What it does to a charge."""
        return Change("reduction", "reduction", weekly_pence=self.weekly_pence)


class Calculator(Protocol):
    """A council's scheme."""

    @property
    def name(self) -> str | Lazy:
        """The scheme and its year, as a decision letter names it."""
        ...

    def award(self, circumstances: Circumstances, weekly_tax: Fraction) -> Award:
        """What the scheme gives to a household whose council tax is `weekly_tax` pence a week (see `weekly_tax`)."""
        ...


def weekly_tax(charges: Charges, state: State, *, order: Order = ORDER) -> Fraction:
    """A week's council tax before any reduction: seven times a day's (SI 2012/2885 Sch 1 para 7), exact pence."""
    return daily(charges, without(state, "reduction"), order=order) * 7
