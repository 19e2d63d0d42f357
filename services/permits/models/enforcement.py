"""Who may ask which cars are allowed."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Id, Moment
from services.permits.models.base import Base


class EnforcementToken(Base):
    """Who may ask which cars may park, by the digest of their token."""

    __tablename__ = "enforcement_token"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
