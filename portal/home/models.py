"""The one table of the resident's pages."""

import uuid

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Moment


class CalendarFeedRow(Base):
    """The secret address of somebody's calendar. It is found by a hash, and sealed so that its owner can see it."""

    __tablename__ = "calendar_feed"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    secret: Mapped[str] = mapped_column(Text)
    made_at: Mapped[Moment]
