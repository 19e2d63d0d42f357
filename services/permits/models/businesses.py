"""Businesses, and who acts for them."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import AccountId, Id, Moment
from services.permits.models.base import Base


class Business(Base):
    """A business that parks. It belongs to its members, not to one account."""

    __tablename__ = "business"
    __table_args__ = (CheckConstraint("status in ('asked', 'open', 'closed')", name="status"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(20))
    """Of its business rates account or at Companies House; empty where it has none."""
    uprn: Mapped[str | None] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(300))
    postcode: Mapped[str] = mapped_column(String(8))
    zone: Mapped[str | None] = mapped_column(String(12), ForeignKey("permits.zone.code"))
    status: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[Moment]


class BusinessMember(Base):
    """Somebody who acts for a business: `owner` (members too), `manager` (permits), `driver` (sees)."""

    __tablename__ = "business_member"
    __table_args__ = (CheckConstraint("role in ('owner', 'manager', 'driver')", name="role"), Index(None, "account_id"))

    business_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("permits.business.id"), primary_key=True)
    account_id: Mapped[AccountId] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(8))
    joined_at: Mapped[Moment]


class BusinessInvitation(Base):
    """A code that lets whoever brings it act for a business, once. Deleted when it is used, taken back or too old."""

    __tablename__ = "business_invitation"
    __table_args__ = (
        CheckConstraint("role in ('owner', 'manager', 'driver')", name="role"),
        Index(None, "business_id", "created_at"),
        Index(None, "expires_at"),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("permits.business.id"))
    role: Mapped[str] = mapped_column(String(8))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the code, which is shown once and kept nowhere."""
    made_by: Mapped[AccountId | None] = mapped_column(index=True)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
