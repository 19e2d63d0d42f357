"""Messages on their way out."""

import uuid

from sqlalchemy import CheckConstraint, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment


class OutboundMessage(Base):
    """One e-mail, as it was rendered when it was asked for.

    `account_id` has no foreign key: accounts stand above this room, and a provider's mail comes before any account.
    """

    __tablename__ = "outbound_message"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'sent', 'failed', 'kept')", name="state"),
        Index(None, "created_at", "id"),
        Index(None, "account_id", "created_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    to_address: Mapped[str] = mapped_column(String(254))
    template: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]
