"""Permits, and what belongs to one: its place, its vehicle, its proofs."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import AccountId, CaseId, Id, Moment
from services.permits.models.base import EXACTLY_CAR, Base

HELD: Final = ("asked", "to_pay")
"""Permits that are not valid and hold their place."""


class Permit(Base):
    """One permit for one stretch of days, from the application on.

    `asked` (an officer decides) and `to_pay` hold their place; `active` is valid on the days of `valid`; `expired`,
    `replaced` (by its successor), `cancelled`, `revoked`, `refused` and `lapsed` (not paid in time) are over.
    A renewal, another vehicle or another address make a new row of the same `chain_id`: a chain has one place.
    Forgetting the resident empties `account_id`, `vrm`, `uprn`, `address` and `answers`.
    """

    __tablename__ = "permit"
    __table_args__ = (
        CheckConstraint("kind in ('resident', 'visitor', 'business', 'carer', 'temporary')", name="kind"),
        CheckConstraint(
            "status in ('asked', 'to_pay', 'active', 'expired', 'replaced', 'cancelled', 'revoked', 'refused',"
            " 'lapsed')",
            name="status",
        ),
        CheckConstraint("price_pence >= 0 and worth_pence >= 0 and paid_pence >= 0", name="pence"),
        CheckConstraint("refunded_pence between 0 and paid_pence", name="refunded"),
        CheckConstraint("(kind = 'business') = (business_id is not null)", name="business"),
        CheckConstraint("kind <> 'visitor' or vrm = ''", name="visitor_car"),
        CheckConstraint("status <> 'active' or paid_pence >= price_pence", name="paid"),
        CheckConstraint("not (upper_inf(valid) or lower_inf(valid))", name="valid"),
        # Never two for one car in one zone on one day.
        ExcludeConstraint(
            (text(EXACTLY_CAR), "="),
            ("valid", "&&"),
            name="ex_permit_no_overlap",
            where=text("status = 'active' and vrm <> ''"),
        ),
        # Nor two applications for it at once.
        ExcludeConstraint(
            (text(EXACTLY_CAR), "="),
            ("valid", "&&"),
            name="ex_permit_asked_once",
            where=text("status in ('asked', 'to_pay') and vrm <> ''"),
        ),
        # A chain has one place, so it is one permit on any day, and one change of it is asked for at a time.
        ExcludeConstraint(
            (text("permits.exactly(chain_id::text)"), "="),
            ("valid", "&&"),
            name="ex_permit_one_of_a_chain",
            where=text("status = 'active'"),
        ),
        Index("uq_permit_one_change", "chain_id", unique=True, postgresql_where=text("status in ('asked', 'to_pay')")),
        Index(None, "account_id", "created_at", "id"),
        Index(None, "business_id", "created_at", "id"),
        Index(None, "chain_id"),
        Index("ix_permit_uprn", "uprn", postgresql_where=text("status in ('asked', 'to_pay', 'active')")),
        # Enforcement asks by registration, and lists a zone.
        Index("ix_permit_vrm", "vrm", "zone", postgresql_where=text("status = 'active'")),
        # Whoever applies for a car: is it asked for already, or had it a temporary permit.
        Index("ix_permit_vrm_held", "vrm", postgresql_where=text("status in ('asked', 'to_pay')")),
        Index("ix_permit_vrm_temporary", "vrm", postgresql_where=text("kind = 'temporary'")),
        Index("ix_permit_zone", "zone", "id", postgresql_where=text("status = 'active'")),
        Index("ix_permit_ends", "last_on", "account_id", "id", postgresql_where=text("status = 'active'")),
        Index("ix_permit_held", "held_until_at", postgresql_where=text("status = 'to_pay'")),
        Index("ix_permit_closed", "closed_at", postgresql_where=text("account_id is not null")),
    )

    id: Mapped[Id]
    case_id: Mapped[CaseId] = mapped_column(unique=True)
    reference: Mapped[str] = mapped_column(String(9), unique=True)
    """The case's, which is on the permit too."""
    chain_id: Mapped[UUID] = mapped_column(Uuid)
    """The id of the first permit of the chain."""
    predecessor_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("permits.permit.id"))
    why: Mapped[str] = mapped_column(String(10))
    """`first`, `renewal`, `vehicle` or `address`: what it was asked for."""
    account_id: Mapped[AccountId | None]
    business_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("permits.business.id"))
    kind: Mapped[str] = mapped_column(String(12))
    zone: Mapped[str] = mapped_column(String(12), ForeignKey("permits.zone.code"))
    vrm: Mapped[str] = mapped_column(String(8))
    """Upper case without spaces; empty for visitor parking, which names cars later."""
    uprn: Mapped[str | None] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(300))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)  # what else was said on the application, plain JSON
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    """Its days; the upper bound is the day after the last."""
    last_on: Mapped[date]
    """The last day, for lists by day."""
    length: Mapped[str] = mapped_column(String(4))
    """What was bought: `12m`, `28d`. A change of vehicle or address keeps it, with `bought_on`."""
    bought_on: Mapped[date]
    """The first day of the length that was bought: that of `valid`, unless this came out of a change."""
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(200))
    """Why an officer decides, or why it is over: codes of rules/reasons.py with spaces between."""
    caps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # the fields of rules/caps.py's Cap, plain JSON
    """The caps that it counts against."""
    tariff_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("permits.tariff.id"))
    price: Mapped[dict[str, Any]] = mapped_column(JSONB)  # how the price came about, plain JSON
    price_pence: Mapped[int]
    """What is to be paid for this row: for a change, the difference."""
    worth_pence: Mapped[int]
    """What the whole length costs with this vehicle."""
    paid_pence: Mapped[int]
    refunded_pence: Mapped[int]
    line_id: Mapped[UUID | None] = mapped_column(Uuid)
    """The line of the payment that paid it."""
    held_until_at: Mapped[Moment | None]
    """Until when its place is held for whoever has yet to pay."""
    created_at: Mapped[Moment]
    active_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]


class PermitSlot(Base):
    """One place of those that there are: the cap of an account, a household or a zone, held by the primary key.

    `scope` says of what, such as `household:10001:resident`; `number` counts from 1 and is never above `most`, which
    is what the cap was when the place was taken. A trigger sees at commit that an active permit has a place of each of
    its `caps`; which those are, the council's settings say, and the database takes the permit's word for it.
    """

    __tablename__ = "permit_slot"
    __table_args__ = (
        CheckConstraint("number between 1 and most", name="cap"),
        UniqueConstraint("chain_id", "scope"),
    )

    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    most: Mapped[int]
    chain_id: Mapped[UUID] = mapped_column(Uuid)


class Vehicle(Base):
    """What somebody knew of a vehicle on a day: DVLA, a document or the resident. Never its keeper."""

    __tablename__ = "vehicle"
    __table_args__ = (
        CheckConstraint("source in ('dvla', 'document', 'resident')", name="source"),
        Index(None, "as_of_at"),
    )

    vrm: Mapped[str] = mapped_column(String(8), primary_key=True)
    as_of_at: Mapped[Moment] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(8))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)  # the fields of rules/vehicles.py's Vehicle, plain JSON


class CourtesyCar(Base):
    """Another car that stands in for a permit's own for some days, one at a time."""

    __tablename__ = "courtesy_car"
    __table_args__ = (
        CheckConstraint("not (upper_inf(valid) or lower_inf(valid))", name="valid"),
        ExcludeConstraint(
            (text("permits.exactly(chain_id::text)"), "="), ("valid", "&&"), name="ex_courtesy_car_one_at_a_time"
        ),
        Index(None, "permit_id"),
        Index(None, "vrm"),
        # Which run today, of all that there ever were: the list for enforcement.
        Index(None, "valid", postgresql_using="gist"),
    )

    id: Mapped[Id]
    permit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("permits.permit.id"))
    chain_id: Mapped[UUID] = mapped_column(Uuid)
    zone: Mapped[str] = mapped_column(String(12))
    vrm: Mapped[str] = mapped_column(String(8))
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    created_at: Mapped[Moment]


class Proof(Base):
    """A document sent as proof, deleted on its date."""

    __tablename__ = "proof"
    __table_args__ = (
        CheckConstraint("purpose in ('address', 'vehicle', 'carer', 'business', 'reduction', 'other')", name="purpose"),
        Index(None, "account_id", "draft_id"),
        Index(None, "case_id"),
        Index(None, "delete_on"),
    )

    id: Mapped[Id]
    account_id: Mapped[AccountId]
    draft_id: Mapped[UUID | None] = mapped_column(Uuid)
    """The draft that it was added to."""
    case_id: Mapped[CaseId | None]
    """The case, once it was sent."""
    file_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    purpose: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(30))
    """What it is: `utility_bill`, `tenancy`, `v5c`…"""
    delete_on: Mapped[date]
    created_at: Mapped[Moment]
