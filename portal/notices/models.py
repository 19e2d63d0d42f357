"""What residents were told, and by which channel they want to hear of what."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment


class NoticeRow(Base):
    """One thing that a resident was told. It is in their inbox, whatever became of the letter that says so too."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        CheckConstraint("channel in ('email', 'sms', 'digest', 'none')", name="channel"),
        Index(None, "account_id", "told_at", "id"),
        Index(None, "told_at"),
        Index("ix_notice_unread", "account_id", postgresql_where=text("read_at is null")),
        Index(
            "ix_notice_to_digest",
            "account_id",
            postgresql_where=text("channel = 'digest' and digested_at is null"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    topic: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120))
    """Names the event: telling somebody twice of one is telling them once."""
    subject: Mapped[str] = mapped_column(String(200))
    """As in the letter, which others may read."""
    headline: Mapped[str] = mapped_column(String(200))
    """As in the inbox, which says more."""
    body: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(String(300))
    """Where it leads, on this portal."""
    channel: Mapped[str] = mapped_column(String(6))
    told_at: Mapped[Moment]
    read_at: Mapped[Moment | None]
    digested_at: Mapped[Moment | None]


class ChannelChoiceRow(Base):
    """How a resident wants to hear of one topic. Without a row, as their profile says in general."""

    __tablename__ = "channel_choice"
    __table_args__ = (CheckConstraint("channel in ('email', 'sms', 'digest', 'none')", name="channel"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(6))
    chosen_at: Mapped[Moment]
