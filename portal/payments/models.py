"""The tables of payments. The ledger's take entries and give none up, and refuse what does not balance (0032)."""

import uuid
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment

OPEN: Final = text("state in ('created', 'started')")


class BasketLineRow(Base):
    """One thing that a resident means to pay. No price: that is asked of the service whenever it is shown or paid."""

    __tablename__ = "basket_line"
    __table_args__ = (
        UniqueConstraint("account_id", "service", "code", "key"),
        Index(None, "account_id", "added_at", "id"),
        Index(None, "added_at"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    service: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120))
    amount: Mapped[int | None]
    """Whole pence that the resident chose to pay, where the service lets them choose."""
    added_at: Mapped[Moment]


class PaymentRow(Base):
    """One payment: a basket as it was when its button was pressed, and what the gateway says of it.

    A resident has one open payment at a time, so that two tabs cannot pay the same twice.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("account_id", "key"),
        UniqueConstraint("return_hash"),
        UniqueConstraint("gateway_id"),
        Index("uq_payment_open", "account_id", unique=True, postgresql_where=OPEN),
        Index(None, "account_id", "made_at", "id"),
        Index(None, "made_at", "id"),
        Index("ix_payment_to_ask", "ask_at", "id", postgresql_where=text("ask_at is not null")),
        CheckConstraint(
            "state in ('created', 'started', 'paid', 'failed', 'cancelled', 'expired', 'error')", name="state"
        ),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(state in ('created', 'started')) = (ended_at is null)", name="ended"),
        CheckConstraint("gateway_id is not null or state not in ('started', 'paid')", name="known"),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(String(13))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    """Whose it is; nobody's once they are forgotten, because the books must be kept."""
    key: Mapped[str] = mapped_column(String(80))
    """Of the page whose button was pressed."""
    state: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int]
    """Whole pence, the sum of its lines."""
    description: Mapped[str] = mapped_column(String(255))
    language: Mapped[str] = mapped_column(String(2))
    return_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the token in the address that the payer comes back to."""
    gateway_id: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(40))
    """Why it failed, by the gateway's code or one of ours."""
    made_at: Mapped[Moment]
    started_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    asked_at: Mapped[Moment | None]
    """When the gateway last said what became of it."""
    ask_at: Mapped[Moment | None]
    """When it is asked next, unless a return or a webhook comes first."""
    attempts: Mapped[int]
    """How often the clock has had the gateway asked about it."""
    sends: Mapped[int]
    """How often it was set out to be made known to the gateway. More than once: an answer was lost."""
    sending_until_at: Mapped[Moment | None]
    """While a request is at that: no other one tries, or there would be two to pay."""


class PaymentLineRow(Base):
    """One line of a payment, with its price as it was. `refunded` counts what is given back and what is on its way.

    The check on `refunded` is what holds a refund to what was paid, whoever asks for two at once.
    """

    __tablename__ = "payment_line"
    __table_args__ = (
        UniqueConstraint("payment_id", "number"),
        Index(None, "service", "code", "key"),
        Index(
            "ix_payment_line_suspense",
            "payment_id",
            postgresql_where=text("outcome in ('not_wanted', 'twice', 'failed', 'other_amount')"),
        ),
        Index("ix_payment_line_tell", "tell_at", "id", postgresql_where=text("outcome = 'failed'")),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("refunded between 0 and amount", name="refunded"),
        CheckConstraint("outcome in ('', 'taken', 'not_wanted', 'twice', 'failed', 'other_amount')", name="outcome"),
        CheckConstraint("outcome <> '' or refunded = 0", name="paid_first"),
        CheckConstraint("(outcome = 'failed') = (tell_at is not null)", name="tell"),
    )

    id: Mapped[Id]
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.payment.id"))
    number: Mapped[int]
    """Its place in the basket, from 1."""
    service: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120))
    ledger: Mapped[str] = mapped_column(String(60))
    """The account of the ledger that its money goes to."""
    description: Mapped[str] = mapped_column(String(200))
    amount: Mapped[int]
    refunded: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(12))
    paid_at: Mapped[Moment | None]
    tell_at: Mapped[Moment | None]
    """When a service that stumbled over its money is told again."""
    attempts: Mapped[int]


class RefundRow(Base):
    """Money on its way back to the card that it came from."""

    __tablename__ = "refund"
    __table_args__ = (
        UniqueConstraint("line_id", "key"),
        UniqueConstraint("gateway_id", "line_id"),
        Index(None, "payment_id", "made_at", "id"),
        Index(None, "made_at", "id"),
        Index("ix_refund_to_ask", "ask_at", "id", postgresql_where=text("state in ('created', 'submitted')")),
        Index(
            "ix_refund_untold",
            "ask_at",
            "id",
            postgresql_where=text("state in ('success', 'error') and told_at is null"),
        ),
        Index("ix_refund_refused", "made_at", "id", postgresql_where=text("state = 'error'")),
        # One at a time goes out for a payment: else nobody could tell whose an answer that was lost was.
        Index(
            "uq_refund_sent",
            "payment_id",
            unique=True,
            postgresql_where=text("state = 'created' and sent_at is not null"),
        ),
        CheckConstraint("state in ('created', 'submitted', 'success', 'error')", name="state"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(state in ('created', 'submitted')) = (ended_at is null)", name="ended"),
        CheckConstraint("gateway_id is not null or state in ('created', 'error')", name="known"),
    )

    id: Mapped[Id]
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.payment.id"))
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.payment_line.id"))
    amount: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    actor: Mapped[str] = mapped_column(String(120))
    """Who asked for it: `staff:<id>`, `system:<service>`; `gateway:` where it was made there and found by us."""
    key: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    gateway_id: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]
    """When the gateway was first asked for it."""
    available: Mapped[int | None]
    """Pence that could be refunded when it was asked for: less means that it was taken, though the answer was lost."""
    ended_at: Mapped[Moment | None]
    told_at: Mapped[Moment | None]
    """When its service was told what became of it."""
    ask_at: Mapped[Moment | None]
    """When the gateway is asked next; once it has ended, when its service is told again."""
    attempts: Mapped[int]


class LedgerTransactionRow(Base):
    """One event of the books. It cannot be entered twice: `kind` and `source` name what happened."""

    __tablename__ = "ledger_transaction"
    __table_args__ = (UniqueConstraint("kind", "source"), Index(None, "made_at", "id"))

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))
    """`payment`, `refund`, `refund_done`, `refund_failed`, `told`."""
    source: Mapped[str] = mapped_column(String(80))
    """The id of the payment, line or refund that it is about."""
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.payment.id"), index=True)
    made_at: Mapped[Moment]


class LedgerEntryRow(Base):
    """One side of a transaction on one account. Debits and credits of a transaction are equal, or nothing is kept."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index(None, "transaction_id"),
        Index(None, "account", "id"),
        CheckConstraint("side in ('debit', 'credit')", name="side"),
        CheckConstraint("pence > 0", name="pence"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    transaction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.ledger_transaction.id"))
    account: Mapped[str] = mapped_column(String(60))
    side: Mapped[str] = mapped_column(String(6))
    pence: Mapped[int] = mapped_column(BigInteger)


class PaymentEventRow(Base):
    """A word of the gateway that something happened. It is taken as a hint to ask, never as the truth.

    Its body holds the payer's name and e-mail address, and is not kept.
    """

    __tablename__ = "payment_event"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index(None, "received_at"),
        Index("ix_payment_event_unknown", "received_at", "id", postgresql_where=text("result = 'unknown'")),
        CheckConstraint("result in ('asked', 'unknown', 'other_amount')", name="result"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(100))
    event_type: Mapped[str] = mapped_column(String(60))
    gateway_id: Mapped[str] = mapped_column(String(80))
    payment_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    result: Mapped[str] = mapped_column(String(12))
    received_at: Mapped[Moment]
