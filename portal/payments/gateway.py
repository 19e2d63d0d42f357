"""What the portal asks of a payment gateway, whoever runs it: the protocol, its values and its refusals.

The gateway's answer is the truth about money; this room only records it. Money is whole pence, times are aware.
Every call goes over the network and may take `portal.outbound.DEADLINE_SECONDS`: never make one inside a transaction.

A call that raises Unavailable may have been carried out all the same, so whoever made it asks what became of it:

- `create`: `find_by_reference` first, then again with the same `key`. GOV.UK Pay heeds keys of recurring payments only,
  so that a second payment may come to be. That costs nobody anything: only one of them is ever shown to the payer, and
  the other expires. It says that a reference may lead to several payments, and that only a paid one matters.
- `refund`: `get` and compare `refunded`, then again with the same `available`, which a refund that was taken makes
  unequal. The lists (`find_by_reference`, `refunds_of`, `…_between`) lag some seconds behind; the others never do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, Literal, Protocol, TypeVar

from portal.errors import Conflict, Refused, Unavailable

T = TypeVar("T")

GatewayState = Literal["created", "started", "submitted", "capturable", "success", "failed", "cancelled", "error"]
"""The states of GOV.UK Pay's payments, in its own words. The last four are ends."""
FINISHED: Final[frozenset[GatewayState]] = frozenset({"success", "failed", "cancelled", "error"})
"""What the gateway itself calls finished. Still ask it again: a provider has been known to succeed late."""
RefundState = Literal["submitted", "success", "error"]
"""`submitted`: taken, not yet with the payer. `error`: the money is still ours; the amount can be refunded again."""
Refundable = Literal["pending", "unavailable", "available", "full"]
"""Whether a payment can be refunded: not yet, never, now, or no more because all of it was."""
Language = Literal["en", "cy"]

EXPIRED: Final = "P0020"
"""The code of a payment whose payer took more than 90 minutes. Its state is `failed`."""
REJECTED: Final = "P0010"
"""The code of a payment whose card was declined. Its state is `failed`."""


class NotSetUp(Unavailable):
    """The settings name no gateway. The sentence says so."""


class GatewayRefused(Refused):
    """The gateway has understood and says no. `code` is its own, such as P0102; `field` is what it minds, or empty.

    For us, not for a resident: it carries no sentence. Asking the same again gets the same answer.
    """

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__("")
        self.code = code
        self.field = field


class AmountMoved(Conflict):
    """Another amount can be refunded than the caller believed (P0604): read the refunds again, then decide anew."""


class KeyUsed(Conflict):
    """The idempotency key belongs to another request (P0191): a fault of ours, for good."""


class CannotCancel(Conflict):
    """The payment is past cancelling (P0501), or just now in motion (P0502): ask what became of it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What `create` needs to take one payment."""

    key: str
    """The idempotency key: 1 to 255 letters, digits and hyphens. Not every gateway heeds it."""
    amount: int
    """Pence, 30 (the least that Stripe takes) to 10,000,000 (GOV.UK Pay's most)."""
    reference: str
    """Ours, at most 255 characters, what `find_by_reference` finds. It holds nothing about a person."""
    description: str
    """What the payer reads on the card page, at most 255 characters."""
    return_url: str
    """Where the payer comes back to, at most 2,000 characters. The gateway adds nothing to it."""
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class GatewayPayment:
    """A payment as the gateway knows it."""

    id: str
    amount: int
    """Pence that were asked for, and that are taken: we switch no corporate card fee on."""
    reference: str
    state: GatewayState
    code: str
    """Why it failed, such as P0010. Empty unless it did."""
    created_at: datetime
    next_url: str
    """Where the payer goes next, once; `get` gives a new one. Empty when there is nothing left to do there, and in
    the answers of a search."""
    refundable: Refundable
    refund_available: int
    """Pence that can still be refunded: hand it to `refund`."""
    refunded: int
    """Pence of refunds that were asked for and have not failed."""
    fee: int | None
    """Pence that the provider keeps, where the gateway knows it."""

    @property
    def is_finished(self) -> bool:
        """Whether the gateway calls it finished."""
        return self.state in FINISHED

    @property
    def is_paid(self) -> bool:
        """Whether the money is the council's."""
        return self.state == "success"

    @property
    def is_expired(self) -> bool:
        """Whether it failed because the payer took too long."""
        return self.state == "failed" and self.code == EXPIRED


@dataclass(frozen=True, slots=True)
class GatewayRefund:
    """A refund as the gateway knows it. Money that was refunded never comes back to the payment."""

    id: str
    payment_id: str
    amount: int
    """Pence."""
    state: RefundState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a search, as the gateway orders it: newest first."""

    items: Sequence[T]
    next_page: int | None
    """The number to ask for next, or None at the end."""


class Gateway(Protocol):
    """A payment gateway.

    Every function raises Unavailable when there is no answer or none that can be understood, GatewayRefused when the
    answer is no; those with an id raise NotFound when the gateway knows no such payment.
    """

    def create(self, order: Order) -> GatewayPayment:
        """Ask for a payment. Raises KeyUsed where keys are heeded and this one came with another order."""

    def get(self, payment_id: str) -> GatewayPayment:
        """The truth about a payment, as of now."""

    def find_by_reference(self, reference: str) -> Sequence[GatewayPayment]:
        """All payments with this reference, newest first, without `next_url`. It may lag behind."""

    def cancel(self, payment_id: str) -> None:
        """Call a payment off, so that nobody can pay it any more. Raises CannotCancel."""

    def refund(self, payment_id: str, *, amount: int, available: int) -> GatewayRefund:
        """Give `amount` pence back, if exactly `available` pence can be refunded before it. Raises AmountMoved."""

    def get_refund(self, payment_id: str, refund_id: str) -> GatewayRefund:
        """What became of a refund."""

    def refunds_of(self, payment_id: str) -> Sequence[GatewayRefund]:
        """All refunds of a payment, oldest first. It may lag."""

    def payments_between(self, since_at: datetime, until_at: datetime, *, page: int = 1) -> Page[GatewayPayment]:
        """Payments created from `since_at` to just before `until_at`, to whole seconds, a page at a time."""

    def refunds_between(self, since_at: datetime, until_at: datetime, *, page: int = 1) -> Page[GatewayRefund]:
        """Refunds created from `since_at` to just before `until_at`, to whole seconds, a page at a time."""
