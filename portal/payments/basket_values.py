"""What others see of a basket. Money is whole pence; times are aware, in UTC."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One thing in a basket, at today's price. `amount` is in pence; 0 where it cannot be paid: `sentence` says why.

    `least` and `most` are set where the resident may choose the amount.
    """

    id: uuid.UUID
    service: str
    code: str
    key: str
    title: str
    description: str
    amount: int
    least: int | None
    most: int | None
    url: str
    added_at: datetime
    sentence: str = ""
    ledger: str = ""

    @property
    def can_be_paid(self) -> bool:
        """Whether it is part of what is paid now."""
        return not self.sentence

    @property
    def thing(self) -> tuple[str, str, str]:
        """What is paid for, whoever pays: service, payable and key."""
        return (self.service, self.code, self.key)


@dataclass(frozen=True, slots=True)
class Basket:
    """What a resident has chosen to pay, in the order in which they chose it."""

    lines: Sequence[BasketLine]

    @property
    def to_pay(self) -> Sequence[BasketLine]:
        """The lines that can be paid now."""
        return [line for line in self.lines if line.can_be_paid]

    @property
    def total(self) -> int:
        """Pence of all that can be paid now: what the page shows and the form brings back."""
        return sum(line.amount for line in self.to_pay)
