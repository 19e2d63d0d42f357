"""Members of staff, where they are signed in, what they may do, and whose records they looked at."""

import uuid

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment
from portal.identity.models import SignedIn


class StaffMemberRow(Base):
    """Somebody who has signed in at the desk. What they may do is not here: it follows from their groups."""

    __tablename__ = "staff_member"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[Id]
    provider: Mapped[str] = mapped_column(String(60))
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    groups: Mapped[list[str]] = mapped_column(ARRAY(String(200)))
    """As the provider said at the last sign-in or refresh."""
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]


class StaffSessionRow(SignedIn, Base):
    """One member of staff signed in with one browser."""

    __tablename__ = "staff_session"
    __table_args__ = (
        Index(None, "staff_id"),
        Index(None, "issuer", "subject"),
        Index(None, "issuer", "sid"),
        Index(None, "created_at"),
    )

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.staff_member.id"))


class StaffRightRow(Base):
    """One line of the one table of rights: this group has this role, here. Empty means any.

    What is taken away stays, with who did it: the table is its own history.
    """

    __tablename__ = "staff_right"
    __table_args__ = (
        Index(
            "uq_staff_right_in_force",
            "staff_group",
            "role",
            "service",
            "type",
            "area",
            "team",
            unique=True,
            postgresql_where=text("removed_at is null"),
        ),
        Index(None, "removed_at", "id"),
    )

    id: Mapped[Id]
    staff_group: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    service: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(40))
    area: Mapped[str] = mapped_column(String(40))
    team: Mapped[str] = mapped_column(String(40))
    added_by: Mapped[str] = mapped_column(String(120))
    added_at: Mapped[Moment]
    removed_by: Mapped[str | None] = mapped_column(String(120))
    removed_at: Mapped[Moment | None]


class StaffLookRow(Base):
    """Somebody looked at a resident's record. The resident reads role, team, time and reason, and never a name."""

    __tablename__ = "staff_look"
    __table_args__ = (
        Index(None, "account_id", "id"),
        Index(None, "staff_id", "case_id", "id"),
        Index("ix_staff_look_staff_account", "staff_id", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    case_id: Mapped[uuid.UUID | None]
    """Cases stand above this room, so there is no foreign key."""
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.staff_member.id"))
    role: Mapped[str] = mapped_column(String(20))
    team: Mapped[str] = mapped_column(String(40))
    """The team they looked for; the service where that was no one team, empty where it was neither."""
    what: Mapped[str] = mapped_column(String(40))
    """A word of `looks.WHAT`."""
    reason: Mapped[str] = mapped_column(String(500))
    """A word of `looks.KNOWN`, or what they wrote themselves."""
    written: Mapped[bool]
    """Whether they wrote the reason themselves."""
    looked_at: Mapped[Moment]
