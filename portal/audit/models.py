"""The audit trail's one table."""

import uuid
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Moment


class AuditEntry(Base):
    """One act. Ids and codes only, never what a person typed."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "account_id", "at", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[Moment]
    act: Mapped[str] = mapped_column(String(80))
    actor: Mapped[str] = mapped_column(String(120))
    account_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    subject: Mapped[str] = mapped_column(String(120))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
