"""The columns of a table of signing keys. Each room that signs has such a table in its own schema."""

from typing import Any

from sqlalchemy import LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Moment


class SigningKeyColumns:
    """A key pair: published before it signs, and for a while after."""

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    alg: Mapped[str] = mapped_column(String(10))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The private key's PEM, encrypted under a key derived from `secret_key`."""
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSONB)
    signs_from: Mapped[Moment]
    published_until: Mapped[Moment | None]
