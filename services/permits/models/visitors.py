"""Visitor parking: hours bought, and hours used."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import AccountId, Id, Moment
from services.permits.models.base import EXACTLY_CAR, Base


class VisitorBalance(Base):
    """Minutes of visitor parking that somebody has bought for a zone and not used. Never below zero."""

    __tablename__ = "visitor_balance"
    __table_args__ = (CheckConstraint("minutes >= 0", name="minutes"), UniqueConstraint("account_id", "zone"))

    id: Mapped[Id]
    account_id: Mapped[AccountId]
    zone: Mapped[str] = mapped_column(String(12), ForeignKey("permits.zone.code"))
    uprn: Mapped[str | None] = mapped_column(String(12), index=True)
    """The address that it is for: what may be bought in a year is counted for all who live there."""
    minutes: Mapped[int]
    created_at: Mapped[Moment]


class VisitorPurchase(Base):
    """Minutes that were bought: once for each line of a payment."""

    __tablename__ = "visitor_purchase"
    __table_args__ = (
        CheckConstraint("minutes > 0 and pence >= 0", name="bought"),
        CheckConstraint("refunded_minutes between 0 and minutes and refunded_pence between 0 and pence", name="back"),
        CheckConstraint("status in ('to_pay', 'paid', 'given_up')", name="status"),
        CheckConstraint("reduced_minutes between 0 and minutes", name="reduced"),
        Index(None, "balance_id", "created_at"),
    )

    id: Mapped[Id]
    balance_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("permits.visitor_balance.id"))
    minutes: Mapped[int]
    reduced_minutes: Mapped[int]
    """How many of them at the lower price of somebody who is entitled to it."""
    pence: Mapped[int]
    status: Mapped[str] = mapped_column(String(8))
    tariff_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("permits.tariff.id"))
    line_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    refunded_minutes: Mapped[int]
    refunded_pence: Mapped[int]
    created_at: Mapped[Moment]
    paid_at: Mapped[Moment | None]


class VisitorSession(Base):
    """A visitor's car for some hours. `lane` counts those that may be there at once for one home, from 1.

    `home` is the address by its UPRN; for one that somebody typed, the balance.
    """

    __tablename__ = "visitor_session"
    __table_args__ = (
        CheckConstraint("lane between 1 and lanes", name="lane"),
        CheckConstraint("minutes >= 0 and taken >= 0", name="minutes"),
        ExcludeConstraint(
            (text("permits.exactly(home || ' ' || lane::text)"), "="),
            ("during", "&&"),
            name="ex_visitor_session_one_in_a_lane",
        ),
        ExcludeConstraint((text(EXACTLY_CAR), "="), ("during", "&&"), name="ex_visitor_session_one_for_a_car"),
        Index(None, "balance_id", "created_at"),
        Index(None, "home", "created_at"),
        Index(None, "ends_at"),
        Index(None, "vrm", "ends_at"),
        Index(None, "zone", "ends_at", "id"),
    )

    id: Mapped[Id]
    balance_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("permits.visitor_balance.id"))
    home: Mapped[str] = mapped_column(String(36))
    zone: Mapped[str] = mapped_column(String(12))
    vrm: Mapped[str] = mapped_column(String(8))
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    ends_at: Mapped[Moment]
    """The end of `during`, for lists."""
    minutes: Mapped[int]
    """Its time, in whole steps."""
    taken: Mapped[int]
    """Minutes that it took off the balance: fewer than its time where longer visits are cheaper."""
    lane: Mapped[int]
    lanes: Mapped[int]
    key: Mapped[UUID] = mapped_column(Uuid, unique=True)
    """Of the page that started it: pressing twice starts one."""
    created_at: Mapped[Moment]
    stopped_at: Mapped[Moment | None]
