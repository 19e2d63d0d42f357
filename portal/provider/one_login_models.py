"""What the shape of One Login keeps beside the provider's own tables."""

import uuid

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Moment
from portal.provider.models import Base, Person
from portal.signing.tables import SigningKeyColumns


class IdentityProof(Base):
    """How far a person has come with proving who they are. No row: never tried."""

    __tablename__ = "identity_proof"

    person_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey(Person.id, ondelete="CASCADE"), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20))
    """One of `one_login_identity.Outcome`."""
    decided_at: Mapped[Moment]


class CoreIdentityKey(SigningKeyColumns, Base):
    """A key that signs core identities."""

    __tablename__ = "core_identity_key"
