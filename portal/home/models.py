"""The tables of the resident's pages."""

import uuid
from datetime import date

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


class ReminderRoundRow(Base):
    """On which day a source of reminders was last asked, so that a morning without a worker is made up for."""

    __tablename__ = "reminder_round"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    asked_on: Mapped[date]
