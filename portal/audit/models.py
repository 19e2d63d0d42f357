"""The audit trail's tables. The database refuses to change or delete a row of any of them (migration 0021)."""

import uuid
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, LargeBinary, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Moment


class AuditEntry(Base):
    """One act. Ids and codes only, never what a person typed."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "account_id", "at", "id"),
        Index(None, "act", "at", "id"),
        Index(None, "actor", "at", "id"),
        Index(None, "subject", "at", "id"),
        Index(None, "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[Moment]
    act: Mapped[str] = mapped_column(String(80))
    actor: Mapped[str] = mapped_column(String(120))
    account_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    subject: Mapped[str] = mapped_column(String(120))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class AuditLink(Base):
    """An entry's place in the chain, made by the sealer (`sealing`) once nothing can come before it any more.

    It refers to no entry by a foreign key: one that names what is not there any more is what gives a deletion away.
    """

    __tablename__ = "audit_link"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Counts from 1, in the order of the entries' ids, without a gap."""
    entry_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)


class AuditHead(Base):
    """The end of the chain as it was after one sealing: what is written outside the database too."""

    __tablename__ = "audit_head"
    __table_args__ = (Index(None, "sealed_at", "number"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """The number of the link, and so how many entries are sealed."""
    entry_id: Mapped[int] = mapped_column(BigInteger)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[Moment]
    """By the database's clock, and never before the head that went before."""
