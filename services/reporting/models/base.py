"""What all tables of this service belong to."""

from typing import Final

from sqlalchemy.orm import DeclarativeBase

from portal.kit import service_metadata

PUBLIC: Final = "not private and moderation <> 'hidden'"
"""Which reports everybody may see, as their indexes say it."""


class Base(DeclarativeBase):
    """This service's tables."""

    metadata = service_metadata(__name__)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The check of a column that holds one of these codes."""
    return f"{column} in ({', '.join(repr(value) for value in values)})"
