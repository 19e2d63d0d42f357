"""Unfinished sign-ins, sessions, what was being sent when one ended; known devices, and holds on accounts."""

import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment


class SignInAttemptRow(Base):
    """A sign-in that was begun: all that its callback must match. Kept here and not in the cookie, which overflows."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "browser_hash", "created_at"), Index(None, "created_at"))

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    browser_before: Mapped[str | None] = mapped_column(String(64))
    """The hash of the id that the browser had until `renewed_at`, when it signed in in another tab."""
    renewed_at: Mapped[Moment | None]
    provider: Mapped[str] = mapped_column(String(60))
    issuer: Mapped[str] = mapped_column(String(500))
    nonce: Mapped[str] = mapped_column(String(64))
    code_verifier: Mapped[str] = mapped_column(String(128))
    next_path: Mapped[str] = mapped_column(Text)
    """Sealed: it may be the address of a link from a mail, whose token is kept nowhere else but as a hash."""
    purpose: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[uuid.UUID | None]
    """Whose session it was begun in, when it is for more than signing in."""
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What was asked for beyond the scopes: level, freshness and the like, to be checked in the answer."""
    created_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class SignedIn:
    """What a session remembers of the sign-in that it came from, whoever signed in: residents here, staff above.

    The cookie's value is kept as a hash: a stolen copy opens nothing.
    """

    id: Mapped[Id]
    cookie_hash: Mapped[str] = mapped_column(String(64), unique=True)
    provider: Mapped[str] = mapped_column(String(60))
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    sid: Mapped[str | None] = mapped_column(String(255))
    id_token: Mapped[str | None] = mapped_column(Text)
    """Sealed, as is the refresh token: a stolen copy of the table is no way into the provider."""
    refresh_token: Mapped[str | None] = mapped_column(Text)
    refresh_due_at: Mapped[Moment | None]
    """When the provider is asked next whether the sign-in still counts. Who asks moves it on first, so that nobody
    else asks meanwhile."""
    refresh_failures: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often in a row the provider did not answer."""
    assurance: Mapped[int] = mapped_column(SmallInteger)
    authenticated_at: Mapped[Moment | None]
    """When the provider last made sure of the person; None when it has never said so, which is no proof of anything."""
    created_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    ended_why: Mapped[str | None] = mapped_column(String(20))


class SessionRow(SignedIn, Base):
    """One resident signed in with one browser."""

    __tablename__ = "session"
    __table_args__ = (
        Index(None, "account_id"),
        Index(None, "issuer", "subject"),
        Index(None, "issuer", "sid"),
        Index(None, "created_at"),
        # For the job that ends, every ten minutes, what nobody has ended: few among all that are remembered.
        Index("ix_session_created_at_open", "created_at", postgresql_where=text("ended_at is null")),
        Index("ix_session_staff_session_id", "staff_session_id", postgresql_where=text("staff_session_id is not null")),
        CheckConstraint(
            "mode in ('look', 'assist') and staff_id is not null or mode is null and staff_id is null", name="mode"
        ),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    device: Mapped[str] = mapped_column(String(40))
    holds_post: Mapped[bool]
    """Whether something waits in `held_post`: saves every other request the look."""
    staff_id: Mapped[uuid.UUID | None]
    """The member of staff who is here in the resident's place. Staff stand above this room: no foreign key."""
    staff_session_id: Mapped[uuid.UUID | None]
    mode: Mapped[str | None] = mapped_column(String(10))
    """What they are here for: to look, or to fill in forms for somebody who has rung. None: it is the resident."""
    channel: Mapped[str | None] = mapped_column(String(20))
    identity_check: Mapped[str | None] = mapped_column(String(40))


class LogoutTokenRow(Base):
    """A logout token that was taken: it is not taken twice, and whom it names cannot be overtaken by a sign-in."""

    __tablename__ = "logout_token"
    __table_args__ = (Index(None, "issuer", "subject"), Index(None, "issuer", "sid"), Index(None, "forget_at"))

    jti_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of issuer and `jti` together: two providers may use the same one."""
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str | None] = mapped_column(String(255))
    sid: Mapped[str | None] = mapped_column(String(255))
    issued_at: Mapped[Moment]
    """By the provider's clock."""
    received_at: Mapped[Moment]
    """By ours."""
    forget_at: Mapped[Moment]


class HeldPostRow(Base):
    """What a resident was sending when their session had ended. For the same person in the same browser, for a day."""

    __tablename__ = "held_post"
    __table_args__ = (Index(None, "browser_hash"), Index(None, "account_id"), Index(None, "created_at"))

    id: Mapped[Id]
    browser_hash: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    path: Mapped[str] = mapped_column(String(2000))
    fields: Mapped[list[list[str]]] = mapped_column(JSONB)
    """Pairs of name and value, in the order sent."""
    created_at: Mapped[Moment]


class KnownDeviceRow(Base):
    """A browser that an account has been used with.

    The digest is of account and cookie together: two residents at one computer leave nothing in common.
    """

    __tablename__ = "known_device"
    __table_args__ = (Index(None, "last_seen_at"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_seen_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]


class SignInNoticeRow(Base):
    """A mail that told of a sign-in with a new device, and its link for saying "this was not me"."""

    __tablename__ = "sign_in_notice"
    __table_args__ = (Index(None, "account_id", "sent_at"), Index(None, "sent_at"))

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    sent_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class AccountHoldRow(Base):
    """Somebody said that a sign-in was not theirs: until the owner is back, nothing sensitive is changed."""

    __tablename__ = "account_hold"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"), primary_key=True)
    held_at: Mapped[Moment]
    doubted_since: Mapped[Moment]
    """From when on somebody else may have been at work: an e-mail address confirmed later lifts nothing."""
    token_hash: Mapped[str | None] = mapped_column(String(64))
    link_sent_at: Mapped[Moment | None]
