"""What is said on a report for everybody to read, and who wants to hear of reports."""

from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import AccountId, Id, Moment, clock
from services.reporting.models.base import Base, one_of
from services.reporting.models.reports import MODERATION

SAID_BY: Final = ("reporter", "resident", "staff", "office")
"""Who writes an update, as everybody is told: never by name."""
_ONE_READER = "num_nonnulls(account_id, email) = 1"


class Update(Base):
    """A comment on a report, for everybody once it is shown. What only the owner and staff say is the ledger's."""

    __tablename__ = "update"
    __table_args__ = (
        CheckConstraint(one_of("said_by", SAID_BY), name="said_by"),
        CheckConstraint(one_of("moderation", MODERATION), name="moderation"),
        UniqueConstraint("report_id", "external_id"),
        Index(None, "report_id", "created_at", "id"),
        Index(None, "account_id"),
        # The API lists what became known between two moments.
        Index("ix_update_shown", "shown_at", "id", postgresql_where=text("moderation = 'shown'")),
        Index("ix_update_waiting", "created_at", "id", postgresql_where=text("moderation = 'waiting'")),
        # The job that tells followers: some minutes' worth at any time.
        Index("ix_update_to_tell", "created_at", "id", postgresql_where=text("told_at is null")),
    )

    id: Mapped[Id]
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reporting.report.id"))
    said_by: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[AccountId | None]
    """Who wrote it; None of staff and back offices, and once they are forgotten."""
    follower_id: Mapped[UUID | None]
    """Whose letter led to the page on which it was written, as long as they follow."""
    api_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("reporting.api_key.id"))
    words: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(40), default="")
    """The status that it came with, if it came with one."""
    reopens: Mapped[bool] = mapped_column(default=False)
    """Whether we opened the report again by it: its back office is told, which has done with it."""
    moderation: Mapped[str] = mapped_column(String(10))
    external_id: Mapped[str | None] = mapped_column(String(120))
    """What the program that sent it calls it, so that it comes once."""
    created_at: Mapped[Moment]
    shown_at: Mapped[Moment] = mapped_column(default=lambda: clock.now())
    """When everybody could first read it, however long ago it was said: programs ask for what is new to them."""
    told_at: Mapped[Moment | None]
    """When followers were told of it."""
    sent_at: Mapped[Moment | None]
    """When the report's back office had acknowledged it."""
    letter_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    """The letter that told it, where it is written to."""


class Follower(Base):
    """Who is told what happens to a report: an account, or an e-mail address that its reader has confirmed.

    The links in their mail bear a token that is signed and not kept: it lasts as long as the row.
    """

    __tablename__ = "follower"
    __table_args__ = (
        CheckConstraint(_ONE_READER, name="one_reader"),
        UniqueConstraint("report_id", "account_id"),
        UniqueConstraint("report_id", "email"),
        Index(None, "account_id", "created_at", "id"),
        Index(None, "joined_from_id"),
        Index("ix_follower_unconfirmed", "created_at", postgresql_where=text("confirmed_at is null")),
    )

    id: Mapped[Id]
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reporting.report.id"))
    account_id: Mapped[AccountId | None]
    email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[Moment]
    confirmed_at: Mapped[Moment | None]
    joined_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("reporting.report.id"))
    """The report that they followed until it was merged into this one: the last of several."""
    photo_id: Mapped[UUID | None]
    """The file of a photo that they sent with their wish, kept under the row's own id until they have confirmed."""


class Alert(Base):
    """Somebody's wish to hear of new reports: around a point, or in a ward."""

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint(_ONE_READER, name="one_reader"),
        CheckConstraint("(ward <> '') = (lat is null)", name="where"),
        CheckConstraint("num_nulls(lat, lon, metres) in (0, 3)", name="circle"),
        Index(None, "account_id", "created_at", "id"),
        Index("ix_alert_unconfirmed", "created_at", postgresql_where=text("confirmed_at is null")),
        Index("ix_alert_due", "told_at", "id", postgresql_where=text("confirmed_at is not null")),
    )

    id: Mapped[Id]
    account_id: Mapped[AccountId | None]
    email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    called: Mapped[str] = mapped_column(String(120))
    """What they call the area, such as its postcode."""
    ward: Mapped[str] = mapped_column(String(40), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    metres: Mapped[int | None]
    category: Mapped[str] = mapped_column(String(40), default="")
    """The only category that they want to hear of; empty for all."""
    created_at: Mapped[Moment]
    confirmed_at: Mapped[Moment | None]
    told_at: Mapped[Moment]
    """Up to which moment's reports they have been told: from `report.shown_at`."""


class AlertTold(Base):
    """That an alert has told of a report, so that it tells of each once, whatever is hidden and shown again."""

    __tablename__ = "alert_told"

    alert_id: Mapped[UUID] = mapped_column(ForeignKey("reporting.alert.id", ondelete="cascade"), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reporting.report.id"), primary_key=True, index=True)
    told_at: Mapped[Moment]
