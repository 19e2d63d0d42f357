"""The table of stored files."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment


class StoredFileRow(Base):
    """One file that a resident sent. This room lies below accounts, so the owner is an id without a foreign key."""

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'ready', 'refused')", name="state"),
        UniqueConstraint("key"),
        Index(None, "account_id", "created_at", "id"),
        Index("ix_stored_file_delete_on", "delete_on", postgresql_where=text("delete_on is not null")),
        Index("ix_stored_file_waiting", "created_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    service: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    reason: Mapped[str] = mapped_column(String(40))
    key: Mapped[str | None] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Moment]
    delete_on: Mapped[date | None]
