"""What GOV.UK Pay answers, as far as we read it. What does not fit these models is no answer of Pay's."""

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from portal.payments.gateway import GatewayPayment, GatewayRefund, GatewayState, Refundable, RefundState

T = TypeVar("T", bound="Answered")
Pence = Annotated[int, Field(strict=True, ge=0)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,64}$")]
Text = Annotated[str, BeforeValidator(lambda given: "" if given is None else given)]
"""Pay leaves out what it does not have, or says null."""


class Answered(BaseModel):
    """A part of an answer. Properties that we do not know are passed over, as Pay asks."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Link(Answered):
    """An address; the last page of a search names its neighbours without one."""

    href: Text = ""


class Links(Answered):
    """The links that we follow."""

    next_url: Link | None = None
    next_page: Link | None = None
    payment: Link | None = None


class State(Answered):
    """Where a payment is."""

    status: GatewayState
    code: Text = ""


class Summary(Answered):
    """What can be refunded."""

    status: Refundable
    amount_available: Pence | None = None
    amount_submitted: Pence | None = None


class Payment(Answered):
    """A payment, in the answer to any call that tells of one."""

    payment_id: Id
    amount: Pence
    reference: str
    state: State
    created_date: AwareDatetime
    refund_summary: Summary
    links: Links = Field(Links(), alias="_links")
    fee: Pence | None = None

    def value(self) -> GatewayPayment:
        """As this room knows it."""
        summary = self.refund_summary
        return GatewayPayment(
            id=self.payment_id,
            amount=self.amount,
            reference=self.reference,
            state=self.state.status,
            code=self.state.code,
            created_at=self.created_date,
            next_url=self.links.next_url.href if self.links.next_url else "",
            refundable=summary.status,
            refund_available=summary.amount_available or 0,
            refunded=summary.amount_submitted or 0,
            fee=self.fee,
        )


class Refund(Answered):
    """A refund. The answer to asking for one names its payment in a link alone."""

    refund_id: Id
    payment_id: Text = ""
    amount: Pence
    status: RefundState
    created_date: AwareDatetime
    links: Links = Field(Links(), alias="_links")

    def value(self, payment_id: str = "") -> GatewayRefund:
        """As this room knows it. `payment_id` is the one that was asked about, if one was."""
        named = self.payment_id or (self.links.payment.href.rpartition("/")[2] if self.links.payment else "")
        return GatewayRefund(self.refund_id, payment_id or named, self.amount, self.status, self.created_date)


class Refunds(Answered):
    """Where Pay puts them."""

    refunds: Sequence[Refund] = ()


class RefundsOfOne(Answered):
    """The refunds of one payment."""

    embedded: Refunds = Field(Refunds(), alias="_embedded")


class Found(Answered, Generic[T]):
    """A page of a search."""

    results: Sequence[T]
    links: Links = Field(Links(), alias="_links")

    @property
    def has_next(self) -> bool:
        """Whether there is a page after it."""
        return bool(self.links.next_page and self.links.next_page.href)


class Problem(Answered):
    """How Pay says no. `code` is such as P0102; its sentences are for engineers and may change."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,10}$")]
    field: Text = ""
    header: Text = ""

    @property
    def about(self) -> str:
        """Which part of the request it minds, if it says so."""
        return self.field or self.header
