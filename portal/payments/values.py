"""What others see of payments: what is owed, what was paid and given back, payments and refunds. Never rows.

Money is whole pence; times are aware, in UTC.
"""

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from portal.accounts.values import Account

CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""What a payable may be called."""
LEDGER_ACCOUNT: Final = re.compile(r"[a-z][a-z0-9_.]{0,59}")
"""What an account of the ledger may be called: `council_tax`, `permits.visitor`."""
OWN_ACCOUNTS: Final = frozenset({"gateway", "suspense", "refunds"})
"""Accounts of the ledger that the portal keeps itself; no payable may name one."""
LONGEST_KEY: Final = 120
LONGEST_DESCRIPTION: Final = 200
MOST: Final = 10_000_000
"""Pence of one payment: GOV.UK Pay takes no more (`POST /v1/payments`, amount)."""
LEAST: Final = 30
"""Pence of one payment: Stripe, which pays out for GOV.UK Pay, takes no less."""

PaymentState = Literal["created", "started", "paid", "failed", "cancelled", "expired", "error"]
"""`created`: ours, the gateway has not said yet that it knows it. `started`: it can be paid. The others are ends."""
RefundState = Literal["created", "submitted", "success", "error"]
"""`created`: ours, not yet taken by the gateway. `submitted`: taken, on its way to the payer's card."""
Outcome = Literal["", "taken", "not_wanted", "twice", "failed", "other_amount"]
"""What became of the money of a paid line, empty while it is not paid.

`taken`: its service has it. `not_wanted`: the service had no use for it any more. `twice`: the same was paid again
before this came. `failed`: the service stumbled, and is told again. `other_amount`: nobody had asked for so much. All
but the first are on the suspense account.
"""
SUSPENSE: Final[tuple[Outcome, ...]] = ("not_wanted", "twice", "failed", "other_amount")
OFFERED_AGAIN: Final[tuple[Outcome, ...]] = ("not_wanted", "twice", "failed")
"""What a service may be offered once more. Of another amount it would give too much or too little: that goes back."""
OPEN: Final[tuple[PaymentState, ...]] = ("created", "started")


class Text(Protocol):
    """A sentence in the resident's language: a str, or a lazy string that becomes one when shown."""

    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be paid for one thing of one payable, as of now.

    `amount` is in pence. A resident may choose another from `least` to `most`, where those are given; without them the
    amount is fixed. By default `least` is the least that a card can pay. `description` says what it is for in 200
    characters at most, with nothing about a person: the gateway sees it. `url` is the page of the thing on this portal.
    """

    amount: int
    description: Text
    url: str
    least: int | None = None
    most: int | None = None

    def allows(self, amount: int) -> bool:
        """Whether so many pence may be paid."""
        least, most = self.limits
        return least <= amount <= most

    @property
    def is_fixed(self) -> bool:
        """Whether nobody may choose how much."""
        return self.least is None and self.most is None

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the most pence that may be paid. Less than a card can pay only where all of it is less."""
        if self.is_fixed:
            return self.amount, self.amount
        most = self.amount if self.most is None else self.most
        return min(max(self.least or 0, LEAST), most), most


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """Money for one line, which the gateway says is the council's. `account_id` is None where the payer is forgotten.

    `line_id` is the same however often this is told, and what `refund` takes. `key` is the service's own name for the
    thing, as it was put in the basket; `amount` in pence; `at` when we learnt of it.
    """

    payment_reference: str
    line_id: uuid.UUID
    account_id: uuid.UUID | None
    code: str
    key: str
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """A refund of money of one line, which has ended: `amount` is its own pence, gone back or still ours.

    `refunded` is the pence of all refunds of the line that have gone or are on their way.
    """

    payment_reference: str
    line_id: uuid.UUID
    refund_id: uuid.UUID
    account_id: uuid.UUID | None
    code: str
    key: str
    amount: int
    refunded: int
    at: datetime


Price = Callable[[Account, str], Due]
OnPaid = Callable[[Paid], bool]
OnRefunded = Callable[[Refunded], None]


def nothing_refunded(_refunded: Refunded) -> None:
    """For a payable that does nothing when money has been given back, or could not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """A kind of thing that residents pay a service for.

    `code` names it among the service's; `title` says what it is ("Resident permit"); `account` is the account of the
    ledger that its money goes to.

    `price(account, key)` says what the thing costs this resident now; it raises NotFound when there is no such thing of
    theirs, Refused with a sentence when it cannot be paid (any more). It is asked whenever a basket is shown and again
    before it is paid, so that a price is never the browser's; it reads only.

    `on_paid(paid)` is called once for each line, in the transaction that records the money. It returns whether the
    service takes it: False when it has no use for the money (withdrawn, too late), which then lies on the suspense
    account for staff to give back. It raises nothing for such reasons. Should it raise all the same, the money is
    recorded and it is called again later.

    `on_refunded(refunded)` is called once for each refund that has gone through, `on_refund_failed(refunded)` for each
    that came to nothing, whoever asked for it, in the transaction that records it.
    `settled` is the sentence that a paid line shows on the receipt and on the confirmation: what happens next.
    `if_refunded` is the sentence that staff read before they give its money back: what becomes of the thing, and where
    else that is done.
    """

    code: str
    title: Text
    account: str
    price: Price
    on_paid: OnPaid
    on_refunded: OnRefunded = nothing_refunded
    on_refund_failed: OnRefunded = nothing_refunded
    settled: Text = ""
    if_refunded: Text = ""


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One line of a payment, as it was when it was paid. `refunded` pence of `amount` are given back or on their way.

    `title`, `settled` and `if_refunded` are what the payable says today, empty when no service declares it any more.
    """

    id: uuid.UUID
    payment_id: uuid.UUID
    service: str
    code: str
    key: str
    ledger: str
    description: str
    amount: int
    refunded: int
    outcome: Outcome
    title: str = ""
    settled: str = ""
    if_refunded: str = ""

    @property
    def name(self) -> str:
        """What it is for, in a few words."""
        return self.description or self.title

    @property
    def thing(self) -> tuple[str, str, str]:
        """What it is for, whoever pays: service, payable and key."""
        return (self.service, self.code, self.key)

    @property
    def refundable(self) -> int:
        """Pence that can still be given back."""
        return self.amount - self.refunded if self.outcome else 0

    @property
    def in_suspense(self) -> bool:
        """Whether nobody has taken its money yet: staff look into it."""
        return self.outcome in SUSPENSE

    @property
    def can_be_offered(self) -> bool:
        """Whether staff may offer it to its service again."""
        return self.outcome in OFFERED_AGAIN and not self.refunded


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment. `amount` in pence; `code` is the gateway's for why it failed, such as P0010, empty otherwise.

    `account_id` is None once the payer is forgotten.
    """

    id: uuid.UUID
    reference: str
    account_id: uuid.UUID | None
    state: PaymentState
    amount: int
    description: str
    code: str
    gateway_id: str | None
    made_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    asked_at: datetime | None
    lines: Sequence[PaymentLine] = ()

    @property
    def is_open(self) -> bool:
        """Whether it can still be paid, as far as we know."""
        return self.state in OPEN

    @property
    def is_paid(self) -> bool:
        """Whether the money is the council's."""
        return self.state == "paid"

    @property
    def refunded(self) -> int:
        """Pence given back or on their way."""
        return sum(line.refunded for line in self.lines)

    @property
    def names(self) -> Sequence[str]:
        """What its lines are called. `description` is what the gateway's page says of them all."""
        return [line.name for line in self.lines]

    def name_of(self, line_id: uuid.UUID) -> str:
        """What one of its lines is called."""
        return next(line.name for line in self.lines if line.id == line_id)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money of one line on its way back, or given back. `reason` is staff's or the service's, for the payer to read."""

    id: uuid.UUID
    payment_id: uuid.UUID
    line_id: uuid.UUID
    amount: int
    reason: str
    actor: str
    state: RefundState
    code: str
    made_at: datetime
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it is still on its way."""
        return self.state in ("created", "submitted")


@dataclass(frozen=True, slots=True)
class PaidLine:
    """What was paid for one thing of a service, for the service's own pages: a paid line with its payment."""

    line_id: uuid.UUID
    payment_reference: str
    code: str
    key: str
    amount: int
    refunded: int
    taken: bool
    paid_at: datetime

    @property
    def refundable(self) -> int:
        """Pence that can still be given back."""
        return self.amount - self.refunded
