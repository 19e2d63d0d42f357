"""What staff found when they went and looked."""

from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Id, Moment
from services.reporting.models.base import Base, one_of

FOUND: Final = ("needs_work", "fixed", "no_action", "elsewhere")
"""There is work to do; it is put right; there is nothing to put right; nothing of the kind was found there."""


class Inspection(Base):
    """One look at the place. `id` follows from who looked and from the key of their page, so that a form which a
    phone sends twice, or an hour later, counts once. What they wrote is a note on the case.
    """

    __tablename__ = "inspection"
    __table_args__ = (
        CheckConstraint(one_of("found", FOUND), name="found"),
        Index(None, "report_id", "created_at", "id"),
    )

    id: Mapped[Id]
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reporting.report.id"))
    actor: Mapped[str] = mapped_column(String(60))
    found: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[Moment]


class InspectionDraft(Base):
    """What somebody has written of a look so far and keeps for later: one of each report and member of staff."""

    __tablename__ = "inspection_draft"
    __table_args__ = (Index(None, "kept_at"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reporting.report.id"), primary_key=True)
    actor: Mapped[str] = mapped_column(String(60), primary_key=True)
    typed: Mapped[dict[str, str]] = mapped_column(JSONB)  # by field of the form
    kept_at: Mapped[Moment]
