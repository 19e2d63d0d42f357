"""A payment gateway in the test's own hands, and a service that is paid: both do as they are told."""

import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from portal import clock
from portal.accounts.values import Account
from portal.errors import NotFound, Unavailable
from portal.payments.gateway import (
    AmountMoved,
    CannotCancel,
    GatewayPayment,
    GatewayRefund,
    GatewayState,
    Order,
    Page,
)
from portal.payments.values import Due, Paid, Payable, Refunded

T = TypeVar("T")
SERVICE = "toll"
LEDGER = "toll"


@dataclass
class PlayedGateway:
    """Keeps payments in memory. `trouble` is called before each act with its name, and may raise; `lose` names acts
    that are done and whose answers are lost; `lags` hides what is listed, as a search does for some seconds; `hidden`
    are ids of refunds that alone are not listed yet."""

    payments: dict[str, GatewayPayment] = field(default_factory=dict)
    refunds: dict[str, list[GatewayRefund]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    trouble: Callable[[str], None] = lambda _act: None
    lose: set[str] = field(default_factory=set)
    lags: bool = False
    hidden: set[str] = field(default_factory=set)
    refund_state: str = "submitted"

    def create(self, order: Order) -> GatewayPayment:
        self._meet("create")
        made = GatewayPayment(
            id=secrets.token_hex(13),
            amount=order.amount,
            reference=order.reference,
            state="created",
            code="",
            created_at=clock.now(),
            next_url="https://card.example/secure/" + secrets.token_hex(8),
            refundable="pending",
            refund_available=0,
            refunded=0,
            fee=None,
        )
        self.payments[made.id] = made
        return self._answer("create", made)

    def get(self, payment_id: str) -> GatewayPayment:
        self._meet("get")
        if payment_id not in self.payments:
            raise NotFound
        return self._answer("get", self.payments[payment_id])

    def find_by_reference(self, reference: str) -> Sequence[GatewayPayment]:
        self._meet("find_by_reference")
        found = [replace(each, next_url="") for each in self.payments.values() if each.reference == reference]
        return [] if self.lags else found[::-1]

    def cancel(self, payment_id: str) -> None:
        self._meet("cancel")
        if self.payments[payment_id].is_finished:
            raise CannotCancel
        self.becomes(payment_id, "cancelled", "P0040")

    def refund(self, payment_id: str, *, amount: int, available: int) -> GatewayRefund:
        self._meet("refund")
        payment = self.payments[payment_id]
        if payment.refund_available != available:
            raise AmountMoved
        made = self.refund_by_hand(payment_id, amount)
        return self._answer("refund", made)

    def get_refund(self, payment_id: str, refund_id: str) -> GatewayRefund:
        self._meet("get_refund")
        found = [each for each in self.refunds.get(payment_id, ()) if each.id == refund_id]
        if not found:
            raise NotFound
        return found[0]

    def refunds_of(self, payment_id: str) -> Sequence[GatewayRefund]:
        self._meet("refunds_of")
        found = () if self.lags else self.refunds.get(payment_id, ())
        return tuple(each for each in found if each.id not in self.hidden)

    def payments_between(self, since_at: datetime, until_at: datetime, *, page: int = 1) -> Page[GatewayPayment]:
        self._meet("payments_between")
        found = [each for each in self.payments.values() if since_at <= each.created_at < until_at][::-1]
        return Page(found[2 * page - 2 : 2 * page], page + 1 if len(found) > 2 * page else None)

    def refunds_between(self, since_at: datetime, until_at: datetime, *, page: int = 1) -> Page[GatewayRefund]:
        self._meet("refunds_between")
        every = [each for of_one in self.refunds.values() for each in of_one]
        found = [each for each in every if since_at <= each.created_at < until_at][::-1]
        return Page(found[2 * page - 2 : 2 * page], page + 1 if len(found) > 2 * page else None)

    def becomes(self, payment_id: str, state: GatewayState, code: str = "") -> None:
        """The payment goes on, as its payer or its provider does."""
        payment = self.payments[payment_id]
        paid = state == "success"
        self.payments[payment_id] = replace(
            payment,
            state=state,
            code=code,
            next_url="" if state in ("success", "failed", "cancelled", "error") else payment.next_url,
            refundable="available" if paid else "unavailable",
            refund_available=payment.amount if paid else 0,
        )

    def refund_by_hand(self, payment_id: str, amount: int) -> GatewayRefund:
        """Somebody refunds in the gateway's own pages."""
        payment = self.payments[payment_id]
        left = payment.refund_available - amount
        self.payments[payment_id] = replace(
            payment,
            refund_available=left,
            refunded=payment.refunded + amount,
            refundable="available" if left else "full",
        )
        state = "success" if self.refund_state == "success" else "submitted"
        made = GatewayRefund(secrets.token_hex(13), payment_id, amount, state, clock.now())  # type: ignore[arg-type] # of two
        self.refunds.setdefault(payment_id, []).append(made)
        return made

    def refund_becomes(self, refund_id: str, state: str) -> None:
        """The provider comes to an end with a refund."""
        for payment_id, made in self.refunds.items():
            for place, each in enumerate(made):
                if each.id == refund_id:
                    made[place] = replace(each, state=state)  # type: ignore[arg-type]  # what the test says
                    if state == "error":
                        payment = self.payments[payment_id]
                        self.payments[payment_id] = replace(
                            payment,
                            refund_available=payment.refund_available + each.amount,
                            refunded=payment.refunded - each.amount,
                            refundable="available",
                        )

    def _meet(self, act: str) -> None:
        self.asked.append(act)
        self.trouble(act)

    def _answer(self, act: str, value: T) -> T:
        if act in self.lose:
            self.lose.discard(act)
            raise Unavailable("lost")
        return value


@dataclass
class Toll:
    """A service that is paid: what its things cost, whether it takes the money, and what it was told."""

    prices: dict[str, Due] = field(default_factory=dict)
    takes: Callable[[Paid], bool] = lambda _paid: True
    paid: list[Paid] = field(default_factory=list)
    refunded: list[Refunded] = field(default_factory=list)
    not_refunded: list[Refunded] = field(default_factory=list)
    stumbles: int = 0
    meets: Callable[[], object] = lambda: None
    """What it does before it notes what became of a refund."""

    def costs(self, key: str, pence: int, *, least: int | None = None, most: int | None = None) -> None:
        """From now on."""
        self.prices[key] = Due(amount=pence, description=f"Toll {key}", url=f"/toll/{key}", least=least, most=most)

    def price(self, _account: Account, key: str) -> Due:
        if key not in self.prices:
            raise NotFound
        return self.prices[key]

    def on_paid(self, paid: Paid) -> bool:
        self._stumble()
        self.paid.append(paid)
        return self.takes(paid)

    def on_refunded(self, refunded: Refunded) -> None:
        self._stumble()
        self.meets()
        self.refunded.append(refunded)

    def on_refund_failed(self, refunded: Refunded) -> None:
        self._stumble()
        self.not_refunded.append(refunded)

    def payable(self) -> Payable:
        """What it declares."""
        return Payable(
            code="bridge",
            title="Bridge toll",
            account=LEDGER,
            price=self.price,
            on_paid=self.on_paid,
            on_refunded=self.on_refunded,
            on_refund_failed=self.on_refund_failed,
            settled="You can cross now.",
            if_refunded="The toll stays paid. Close the bridge for them in its own list.",
        )

    def _stumble(self) -> None:
        if self.stumbles:
            self.stumbles -= 1
            raise RuntimeError("the bridge is up")


def new_key() -> str:
    """Of a page."""
    return uuid.uuid4().hex
