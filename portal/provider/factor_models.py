"""Tables of what a person proves themselves with beside a password.

An authenticator's secret must be known to us to check a code, so it is sealed. Recovery codes are slow hashes: a code
short enough to copy by hand is short enough to be guessed from a fast one. Of a passkey we hold the public half.
"""

import uuid

from sqlalchemy import BigInteger, Boolean, ForeignKey, LargeBinary, String, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Id, Moment
from portal.provider.models import Base, Person


class Passkey(Base):
    """A key pair on a device of the person's, or in a keeper of passwords that their devices share."""

    __tablename__ = "passkey"

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey(Person.id, ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    credential: Mapped[bytes] = mapped_column(LargeBinary)
    """The attested credential data of WebAuthn: kind of device, credential id, public key."""
    name: Mapped[str] = mapped_column(String(60))
    """What the person calls it."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """The highest count seen. Devices that do not count send 0 for ever."""
    backup_eligible: Mapped[bool] = mapped_column(Boolean)
    """Whether it may be copied to other devices. Never changes."""
    backed_up: Mapped[bool] = mapped_column(Boolean)
    """Whether it was copied when it was last used."""
    made_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class Authenticator(Base):
    """An application that shows a code every half minute. One for each person, and only once a code proved it."""

    __tablename__ = "authenticator"

    person_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey(Person.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The secret, encrypted under a key derived from `secret_key`."""
    last_step: Mapped[int] = mapped_column(BigInteger)
    """The half minute of the newest code that was taken: neither it nor an older one counts again."""
    made_at: Mapped[Moment]


class RecoveryCode(Base):
    """One of ten codes on paper. Kept after use, so that the page can count."""

    __tablename__ = "recovery_code"

    person_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey(Person.id, ondelete="CASCADE"), primary_key=True)
    hashed: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    """One for the ten, so that looking one up costs one hash and not ten."""
    made_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class HalfLogin(Base):
    """A browser whose person has given the first proof and not the second. It opens nothing but the second step."""

    __tablename__ = "half_login"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey(Person.id, ondelete="CASCADE"), index=True)
    amr: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    expires_at: Mapped[Moment] = mapped_column(index=True)


class SpentChallenge(Base):
    """A passkey challenge that was answered, until it would have expired anyway."""

    __tablename__ = "spent_challenge"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[Moment] = mapped_column(index=True)
