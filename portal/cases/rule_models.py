"""What the council sets for its own work: teams, routing rules, response templates."""

import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment


class TeamRow(Base):
    """A team with a list of cases."""

    __tablename__ = "team"

    slug: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    title_cy: Mapped[str] = mapped_column(String(80))
    closed_at: Mapped[Moment | None]


class RoutingRuleRow(Base):
    """One rule: the first in order whose conditions a new case meets says which team gets it."""

    __tablename__ = "routing_rule"
    __table_args__ = (Index(None, "position", "id"),)

    id: Mapped[Id]
    position: Mapped[int]
    service: Mapped[str] = mapped_column(String(40))
    """Empty means any; so with the next two."""
    type: Mapped[str] = mapped_column(String(40))
    area: Mapped[str] = mapped_column(String(40))
    conditions: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Further facts that the case must have, by name: `{"channel": ["telephone"]}`."""
    team: Mapped[str] = mapped_column(ForeignKey("portal.team.slug"))
    version: Mapped[int]
    changed_by: Mapped[str] = mapped_column(String(120))
    changed_at: Mapped[Moment]


class ResponseTemplateRow(Base):
    """A response that staff use again. What it says is in its versions, of which none is ever changed."""

    __tablename__ = "response_template"
    __table_args__ = (Index(None, "service", "type", "title", "id"),)

    id: Mapped[Id]
    service: Mapped[str] = mapped_column(String(40))
    """Empty means any; so with the type."""
    type: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(SmallInteger)
    """The one in use."""
    retired_at: Mapped[Moment | None]


class ResponseVersionRow(Base):
    """One version of a response, in English and Welsh, with `{{merge fields}}`."""

    __tablename__ = "response_version"

    template_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.response_template.id"), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    body_cy: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(String(120))
    written_at: Mapped[Moment]
