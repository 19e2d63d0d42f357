"""Programs that may write by Open311."""

from sqlalchemy import ARRAY, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Id, Moment
from services.reporting.models.base import Base


class ApiKey(Base):
    """A key that an operator gave to a program. The key itself is kept nowhere."""

    __tablename__ = "api_key"
    __table_args__ = (CheckConstraint("scopes <@ array['report', 'update', 'status']::varchar[]", name="scopes"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    """Whose program it is."""
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    """`report`: send reports; `update`: send updates of residents; `status`: say as a back office how reports stand."""
    office: Mapped[str | None] = mapped_column(String(40))
    """With `status`: the back office whose reports alone it may speak of."""
    posts_an_hour: Mapped[int]
    created_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    """Since when it opens nothing any more."""
