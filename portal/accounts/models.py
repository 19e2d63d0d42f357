"""The account, who may sign in to it, and what its resident told us."""

import uuid
from datetime import date
from typing import Final

from sqlalchemy import ARRAY, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment
from portal.web.languages import LANGUAGES

# A resident has one home and may want letters elsewhere. Earlier addresses are the services' business
# (council tax keeps its own), so a change replaces the row.
ADDRESS_KINDS = ("home", "correspondence")
CONTACT_WAYS = ("email", "text", "telephone", "letter")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


class AccountRow(Base):
    """One resident. The id is our own, so that an account outlives every provider."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(_one_of("language", tuple(LANGUAGES)), name="language"),
        Index("ix_account_unclaimed_since", "unclaimed_since", postgresql_where=text("unclaimed_since is not null")),
    )

    id: Mapped[Id]
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]
    unclaimed_since: Mapped[Moment | None]
    """Since when staff keep it for somebody who rings or writes, and who has yet to sign in and claim it."""


class IdentityRow(Base):
    """A (issuer, subject) pair that opens an account. Several may point at one account."""

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        Index(None, "account_id"),
        # For the job that deletes what has been moved long ago: none on most days.
        Index("ix_identity_moved_at", "moved_at", postgresql_where=text("moved_at is not null")),
        CheckConstraint("moved_at is null or moved_to is not null", name="moved"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[Moment]
    last_used_at: Mapped[Moment]
    moved_to: Mapped[str | None] = mapped_column(String(500))
    """The issuer that the council moves this one's people to."""
    moved_at: Mapped[Moment | None]
    """Since when an identity at that issuer takes its place. Until then the resident has yet to come and prove it."""


FOLDED_NAME: Final = "regexp_replace(normalize(lower(family_name), NFKD), '[\u0300-\u036f''’. -]', '', 'g')"
"""A last name as it is heard: in small letters, without accents, blanks, hyphens and apostrophes."""


class ProfileRow(Base):
    """What the resident told us about themselves. `email` alone is always confirmed before it is written."""

    __tablename__ = "profile"
    __table_args__ = (
        CheckConstraint(_one_of("contact_by", CONTACT_WAYS), name="contact_by"),
        Index("ix_profile_email_lower", text("lower(email)")),
        Index("ix_profile_family_name_folded", text(FOLDED_NAME)),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"), primary_key=True)
    given_name: Mapped[str] = mapped_column(String(100), default="")
    family_name: Mapped[str] = mapped_column(String(100), default="")
    preferred_name: Mapped[str] = mapped_column(String(100), default="")
    date_of_birth: Mapped[date | None] = mapped_column(Date)
    email: Mapped[str | None] = mapped_column(String(254))
    email_confirmed_at: Mapped[Moment | None]
    phone: Mapped[str | None] = mapped_column(String(20))
    contact_by: Mapped[str | None] = mapped_column(String(10))
    contact_needs: Mapped[str] = mapped_column(String(500), default="")


class VerifiedClaimRow(Base):
    """What a provider has verified, kept apart from what the resident typed."""

    __tablename__ = "verified_claim"
    __table_args__ = (
        Index("ix_verified_claim_email_lower", text("lower(value)"), postgresql_where=text("name = 'email'")),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(500), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(500))
    level: Mapped[str] = mapped_column(String(10))
    verified_at: Mapped[Moment]


class AddressRow(Base):
    """Where the resident lives, and where letters go when that is elsewhere."""

    __tablename__ = "address"
    __table_args__ = (
        UniqueConstraint("account_id", "kind"),
        Index(None, "postcode"),
        CheckConstraint(_one_of("kind", ADDRESS_KINDS), name="kind"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    kind: Mapped[str] = mapped_column(String(20))
    uprn: Mapped[str | None] = mapped_column(String(12))
    lines: Mapped[list[str]] = mapped_column(ARRAY(String(100)))
    postcode: Mapped[str] = mapped_column(String(8))
    since_at: Mapped[Moment]


class EmailChangeRow(Base):
    """A new e-mail address that waits for its owner. One for each account: asking again replaces it."""

    __tablename__ = "email_change"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    token_hash: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class WaitingIdentityRow(Base):
    """An identity that nobody has linked, whose e-mail address an account has: it waits, in this browser, for proof.

    No claim is kept. Once it is known what to do, the browser goes to the provider again and brings them afresh.
    """

    __tablename__ = "waiting_identity"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[Id]
    browser_hash: Mapped[str] = mapped_column(String(64), unique=True)
    provider: Mapped[str] = mapped_column(String(60))
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    next_path: Mapped[str] = mapped_column(Text)
    """Sealed by who asks to keep it, as the path of an unfinished sign-in is."""
    apart: Mapped[bool]
    """Whether the person has said that they want an account of their own."""
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class WaitingCandidateRow(Base):
    """An account that a waiting identity may belong to."""

    __tablename__ = "waiting_candidate"
    __table_args__ = (Index(None, "account_id"),)

    waiting_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("portal.waiting_identity.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"), primary_key=True)
    by_mail: Mapped[bool]
    """Whether the account's own mailbox is proof enough, because its old ways no longer lead in."""
    token_hash: Mapped[str | None] = mapped_column(String(64))


class ClaimCodeRow(Base):
    """A code by which a resident claims the account that staff kept for them. Kept as a hash, good for one use."""

    __tablename__ = "claim_code"
    __table_args__ = (Index(None, "account_id"), Index(None, "claimed_by_id"))

    id: Mapped[Id]
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
    claimed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
