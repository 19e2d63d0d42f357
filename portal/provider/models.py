"""The provider's own tables, in the schema `provider`. They refer to nothing outside it.

Secrets that we hand out (codes, tokens, cookies, mailed links) are kept as SHA-256 digests: each has 256 random
bits, so a slow hash would add nothing. Passwords, which people choose, are Argon2id.
"""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.db.base import NAMES, Id, Moment
from portal.signing.tables import SigningKeyColumns

SCHEMA = "provider"


class Base(DeclarativeBase):
    """Tables in the schema `provider`. Not `base_for`: the provider knows no table of core, not even as a stub."""

    metadata = MetaData(schema=SCHEMA, naming_convention=NAMES)


class Person(Base):
    """Someone who can sign in. `id` is the `sub` claim: it never changes and is never given out twice."""

    __tablename__ = "person"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Case-folded; what the resident typed differs at most in case."""
    email_verified_at: Mapped[Moment | None]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    given_name: Mapped[str] = mapped_column(String(100))
    family_name: Mapped[str] = mapped_column(String(100))
    birthdate: Mapped[date | None]
    phone: Mapped[str | None] = mapped_column(String(40))
    groups: Mapped[list[str]] = mapped_column(ARRAY(String(200)), default=list)
    """What they belong to as somebody who works for the council. Told only to clients that may have it."""
    demo: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str] = mapped_column(String(200))
    """One line beside a demo person's button."""
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]


class ClientRow(Base):
    """A relying party that we know."""

    __tablename__ = "client"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    home_url: Mapped[str | None] = mapped_column(String(500))
    """Where a resident who has lost the thread can go on."""
    auth_method: Mapped[str] = mapped_column(String(40))
    secret_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    redirect_uris: Mapped[list[str]] = mapped_column(ARRAY(String(500)))
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(ARRAY(String(500)))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    id_token_alg: Mapped[str] = mapped_column(String(10))
    require_nonce: Mapped[bool] = mapped_column(Boolean)
    consent: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether a person is asked before it learns anything."""
    require_signed_request: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether it always signs its authorization requests (RFC 9101), so that no others are taken in its name."""
    require_pushed_request: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether it always pushes them (RFC 9126)."""
    created_at: Mapped[Moment]
    title_cy: Mapped[str] = mapped_column(String(200))
    """Empty where it has no name in Welsh."""
    subject_type: Mapped[str] = mapped_column(String(10))
    """`public`, or `pairwise`: it knows people by ids that no client of another sector is told."""
    sector: Mapped[str | None] = mapped_column(String(253))
    """With `pairwise`: whose clients share ids. Kept when redirect URIs change, or everybody would be a stranger."""
    jwks_uri: Mapped[str | None] = mapped_column(String(500))
    """Where its keys are fetched from; `jwks` then holds what was there at `jwks_read_at`."""
    jwks_read_at: Mapped[Moment | None]
    jwks_tried_at: Mapped[Moment | None]
    backchannel_logout_uri: Mapped[str | None] = mapped_column(String(500))
    identity: Mapped[bool] = mapped_column(Boolean, default=False)
    """In the shape of One Login: whether it may ask for proven identities."""
    max_age: Mapped[bool] = mapped_column(Boolean, default=False)
    """In that shape: whether it may ask for a fresh sign-in by `max_age`."""
    origin: Mapped[str] = mapped_column(String(10))
    """Who says what stands here: `command` or `settings`."""


class Login(Base):
    """One sign-in of one browser. The cookie's own secret is another value than any that stands here."""

    __tablename__ = "login"

    id: Mapped[Id]
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey(Person.id, ondelete="CASCADE"), index=True)
    auth_at: Mapped[Moment]
    amr: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    seen_at: Mapped[Moment]
    expires_at: Mapped[Moment] = mapped_column(index=True)
    ended_at: Mapped[Moment | None]
    sid_key: Mapped[uuid.UUID] = mapped_column(Uuid, default=uuid.uuid4)
    """What clients with pairwise subjects hear as `sid` is made of it (see `session_ids`); others hear `id`."""


class Code(Base):
    """An authorization code, good once and for a minute. Kept after use, so that a second use is noticed."""

    __tablename__ = "code"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    client_id: Mapped[str] = mapped_column(String(100), ForeignKey(ClientRow.id, ondelete="CASCADE"))
    login_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey(Login.id, ondelete="CASCADE"), index=True)
    redirect_uri: Mapped[str] = mapped_column(String(500))
    scope: Mapped[str] = mapped_column(String(200))
    nonce: Mapped[str | None] = mapped_column(String(500))
    code_challenge: Mapped[str] = mapped_column(String(128))
    claims: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Claims granted one by one, beside those of the scopes: their names, by `userinfo` and `id_token`."""
    vector: Mapped[str | None] = mapped_column(String(40))
    """In the shape of One Login: the credentials that the client asked for, as the ID token's `vot` says them."""
    expires_at: Mapped[Moment] = mapped_column(index=True)
    used_at: Mapped[Moment | None]


class AccessToken(Base):
    """An opaque access token, good at our userinfo endpoint and nowhere else."""

    __tablename__ = "access_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    client_id: Mapped[str] = mapped_column(String(100), ForeignKey(ClientRow.id, ondelete="CASCADE"))
    login_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey(Login.id, ondelete="CASCADE"), index=True)
    scope: Mapped[str] = mapped_column(String(200))
    claims: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """As in `code`."""
    expires_at: Mapped[Moment] = mapped_column(index=True)
    revoked_at: Mapped[Moment | None]


class RefreshFamily(Base):
    """All refresh tokens that came of one code. One row to lock, so that parallel uses come one after another."""

    __tablename__ = "refresh_family"

    code_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """As in `access_token`: whatever takes back a code's access tokens takes back its refresh tokens too."""
    client_id: Mapped[str] = mapped_column(String(100), ForeignKey(ClientRow.id, ondelete="CASCADE"))
    login_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey(Login.id, ondelete="CASCADE"), index=True)
    scope: Mapped[str] = mapped_column(String(200))
    claims: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """As in `code`."""
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What the first ID token said of the sign-in, such as `auth_time`. Each later one says the same."""
    generation: Mapped[int] = mapped_column(Integer)
    """How often it was turned over. Only tokens of this generation are good."""
    turned_at: Mapped[Moment]
    """When the present generation began."""
    expires_at: Mapped[Moment] = mapped_column(index=True)
    """When no use keeps it alive any longer."""
    revoked_at: Mapped[Moment | None]


class RefreshToken(Base):
    """A refresh token: which family it belongs to, and which generation of it."""

    __tablename__ = "refresh_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    code_digest: Mapped[bytes] = mapped_column(
        LargeBinary, ForeignKey(RefreshFamily.code_digest, ondelete="CASCADE"), index=True
    )
    generation: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[Moment] = mapped_column(index=True)


class PairwiseSubject(Base):
    """The id by which the clients of one sector know a person. Made once: no key decides it, so none can change it."""

    __tablename__ = "pairwise_subject"

    person_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey(Person.id, ondelete="CASCADE"), primary_key=True)
    sector: Mapped[str] = mapped_column(String(253), primary_key=True)
    sub: Mapped[uuid.UUID] = mapped_column(Uuid, unique=True)


class Consent(Base):
    """What a person has allowed a client to learn. One row for both: allowing more adds to it."""

    __tablename__ = "consent"

    person_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey(Person.id, ondelete="CASCADE"), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(100), ForeignKey(ClientRow.id, ondelete="CASCADE"), primary_key=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    claims: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    """Names of claims that were asked for one by one."""
    first_given_at: Mapped[Moment]
    given_at: Mapped[Moment]


class PushedRequest(Base):
    """An authorization request that a client pushed (RFC 9126), checked when it came."""

    __tablename__ = "pushed_request"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """Of the last part of the request URI."""
    client_id: Mapped[str] = mapped_column(String(100), ForeignKey(ClientRow.id, ondelete="CASCADE"))
    values: Mapped[dict[str, str]] = mapped_column(JSONB)
    expires_at: Mapped[Moment] = mapped_column(index=True)
    taken_at: Mapped[Moment | None]
    """When a browser brought the URI. It is good once; the row stays while the person signs in."""


class SigningKey(SigningKeyColumns, Base):
    """A key that signs ID tokens."""

    __tablename__ = "signing_key"


class UsedAssertion(Base):
    """What works once and was used: the `jti` of a client's assertion or request, or a request that was answered."""

    __tablename__ = "used_assertion"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """Of client id and jti together, or of the sealed request."""
    expires_at: Mapped[Moment] = mapped_column(index=True)


class MailedLink(Base):
    """A link that we mailed: to register, to confirm an address, or to choose a new password. Good once."""

    __tablename__ = "mailed_link"
    __table_args__ = (Index(None, "email", "purpose"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    onward: Mapped[str] = mapped_column(String(4000))
    """The sealed authorization request to go on with, or empty."""
    expires_at: Mapped[Moment] = mapped_column(index=True)
    used_at: Mapped[Moment | None]
