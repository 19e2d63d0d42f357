"""Who is at which case at the moment."""

import uuid

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Moment


class CaseViewerRow(Base):
    """A member of staff who has a case open. Rows are swept minutes after the page was closed: it is no record."""

    __tablename__ = "case_viewer"
    __table_args__ = (Index(None, "seen_at"),)

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"), primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.staff_member.id"), primary_key=True)
    acting: Mapped[bool]
    """Whether they are about to change something, or only read."""
    seen_at: Mapped[Moment]
