"""Where permits are needed, and what they cost."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Id, Moment
from services.permits.models.base import Base


class Zone(Base):
    """A controlled parking zone. `caps` says how many permits of a kind the whole zone takes: {"resident": 500}."""

    __tablename__ = "zone"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    hours: Mapped[str] = mapped_column(String(200))
    """When one needs a permit, in words."""
    caps: Mapped[dict[str, int]] = mapped_column(JSONB)
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)  # what prices ask of a zone, plain JSON
    """What prices ask of a zone, such as {"short": true}."""


class ZonePlace(Base):
    """Which zone a place is in, the narrowest row counting: a UPRN before a postcode, a street and a sector.

    `rule` is `zone` (permits of `zone`), `car_free` (visitors of `zone` alone) or `no_permits`.
    `key` is a UPRN, a postcode as it is printed, `street name|outward postcode` in lower case, or a postcode without
    its last two letters.
    """

    __tablename__ = "zone_place"
    __table_args__ = (
        CheckConstraint("by in ('uprn', 'postcode', 'street', 'sector')", name="by"),
        CheckConstraint("rule in ('zone', 'car_free', 'no_permits')", name="rule"),
        CheckConstraint("(zone is null) = (rule = 'no_permits')", name="zone"),
        Index(None, "zone"),
    )

    by: Mapped[str] = mapped_column(String(8), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    rule: Mapped[str] = mapped_column(String(10))
    zone: Mapped[str | None] = mapped_column(String(12), ForeignKey("permits.zone.code"))


class Tariff(Base):
    """One version of the council's prices, from a day on. Never changed: a new version is added.

    A published table whose first day is not known has the first day that there is.
    """

    __tablename__ = "tariff"
    __table_args__ = (UniqueConstraint("code", "from_on"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40))
    from_on: Mapped[date]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)  # rules/tariff.py's Tariff, validated when it is added
    created_at: Mapped[Moment]
