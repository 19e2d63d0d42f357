"""The table that a search at the desk looks into.

It stands beside the case and not in its row: a case changes often, its words seldom, and each new version of a row
is entered into every index anew.
"""

import uuid

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Moment


class CaseSearchRow(Base):
    """The words by which a case is found. It goes when the person is forgotten: its reference finds the case still."""

    __tablename__ = "case_search"
    __table_args__ = (
        Index("ix_case_search_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index(
            "ix_case_search_unread",
            text("coalesce(try_at, opened_at)"),
            "case_id",
            postgresql_where=text("read_at is null"),
        ),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"), primary_key=True)
    opened_at: Mapped[Moment]
    """The case's, which orders what is found."""
    facts: Mapped[str] = mapped_column(Text)
    """What was sent, in the words of the case's service, when it was last asked."""
    read_at: Mapped[Moment | None]
    """When it was asked; empty means that it shall be asked again."""
    try_at: Mapped[Moment | None]
    """Not before then is it asked again, once it could not say."""
    words: Mapped[str] = mapped_column(TSVECTOR)
