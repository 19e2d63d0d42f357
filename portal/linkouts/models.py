"""The tables of link-outs: remote applications, whom each knows, what they sent, and whom they have yet to forget."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment
from portal.linkouts.values import COLOURS, KINDS


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


class LinkOutRow(Base):
    """One remote application, as an operator registered it."""

    __tablename__ = "link_out"

    slug: Mapped[str] = mapped_column(String(30), primary_key=True)
    title: Mapped[str] = mapped_column(String(60))
    title_cy: Mapped[str] = mapped_column(String(60))
    summary: Mapped[str] = mapped_column(String(200))
    summary_cy: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(300))
    issuer: Mapped[str] = mapped_column(String(500))
    """The provider at which it signs residents in, and its name there: whom its ID tokens must be by and for."""
    client_id: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(10)))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the token that it calls with. A stolen copy of the table opens nothing."""
    token_made_at: Mapped[Moment]
    added_at: Mapped[Moment]


class LinkOutPersonRow(Base):
    """A resident who has signed in to an application. The id is what it calls them, and is its alone."""

    __tablename__ = "link_out_person"
    __table_args__ = (UniqueConstraint("account_id", "slug"), Index(None, "slug"), Index(None, "seen_at"))

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    slug: Mapped[str] = mapped_column(ForeignKey("portal.link_out.slug", ondelete="CASCADE"))
    known_at: Mapped[Moment]
    seen_at: Mapped[Moment]
    """When the application last showed that they had signed in."""
    stopped_at: Mapped[Moment | None]
    """Set while the resident lets it write nothing."""


class LinkOutItemRow(Base):
    """A card, a task or an activity. `at` is the time of what a card says, of a task's sending, of what happened."""

    __tablename__ = "link_out_item"
    __table_args__ = (
        Index(None, "expires_at"),
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("tag_colour", COLOURS), name="tag_colour"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("portal.link_out_person.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    title_cy: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(String(300))
    text_cy: Mapped[str] = mapped_column(String(300))
    tag: Mapped[str] = mapped_column(String(24))
    tag_cy: Mapped[str] = mapped_column(String(24))
    tag_colour: Mapped[str] = mapped_column(String(6))
    action_needed: Mapped[bool]
    url: Mapped[str] = mapped_column(String(500))
    at: Mapped[Moment]
    due_on: Mapped[date | None]
    done_at: Mapped[Moment | None]
    expires_at: Mapped[Moment]


class LinkOutErasureRow(Base):
    """Somebody whom an application has yet to forget: what it called them, and nothing that leads to them here."""

    __tablename__ = "link_out_erasure"
    __table_args__ = (Index(None, "slug", "erased_at", "id"), Index(None, "erased_at"))

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(ForeignKey("portal.link_out.slug", ondelete="CASCADE"))
    erased_at: Mapped[Moment]
