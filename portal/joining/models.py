"""The tables of joined records: the records, the codes that join them, and answers on their way."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment
from portal.joining.values import HOWS


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


class JoinedRecordRow(Base):
    """A record that somebody joined. One account for each person on it; two people of one record are two rows."""

    __tablename__ = "joined_record"
    __table_args__ = (
        UniqueConstraint("account_id", "service", "kind", "key"),
        UniqueConstraint("service", "kind", "key", "person_key"),
        Index(None, "service", "account_id", "joined_at", "id"),
        CheckConstraint(_one_of("how", HOWS), name="how"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    service: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(60))
    person_key: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(40))
    protected: Mapped[bool]
    how: Mapped[str] = mapped_column(String(10))
    joined_at: Mapped[Moment]


class JoinDraftRow(Base):
    """What somebody has answered so far. One for each account and kind; deleted a day after it was last touched."""

    __tablename__ = "join_draft"
    __table_args__ = (Index(None, "touched_at"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"), primary_key=True)
    service: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    answers: Mapped[str] = mapped_column(Text)
    """Sealed: it names a home and what somebody pays."""
    touched_at: Mapped[Moment]


class JoinCodeRow(Base):
    """A code that joins a record, in a letter or from a caseworker. Deleted when it is used."""

    __tablename__ = "join_code"
    __table_args__ = (
        Index(None, "account_id", "made_at", "id"),
        Index(None, "expires_at"),
        # What waits to be posted: none on most days.
        Index("ix_join_code_unwritten", "made_at", "id", postgresql_where=text("answers is not null")),
        CheckConstraint(_one_of("how", ("letter", "desk")), name="how"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    """Who may use it. None: whoever was given it."""
    service: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    how: Mapped[str] = mapped_column(String(10))
    answers: Mapped[str | None] = mapped_column(Text)
    """Sealed, until the council's system has said whether they fit a record. Then there is a code, or none."""
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    key: Mapped[str | None] = mapped_column(String(60))
    person_key: Mapped[str | None] = mapped_column(String(120))
    role: Mapped[str | None] = mapped_column(String(40))
    protected: Mapped[bool]
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[Moment]
    expires_at: Mapped[Moment]
