"""What the council knows of parking: zones, prices, permits, visitor parking, businesses. Status of what was asked for
is the ledger's (`case_id`), money the payments room's (`line_id`).

The invariants are the database's: see the constraints. `exactly(text)` makes a range of one text, because PostgreSQL
can exclude overlaps of ranges without an extension, and `btree_gist`, which would exclude equal text, is not among
what the embedded server brings.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.kit import AccountId, CaseId, Id, Moment, service_metadata

HELD: Final = ("asked", "to_pay")
"""Permits that are not valid and hold their place."""
EXACTLY_CAR: Final = "permits.exactly(zone || ' ' || vrm)"


class Base(DeclarativeBase):
    """This service's tables."""

    metadata = service_metadata(__name__)


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


class Business(Base):
    """A business that parks. It belongs to its members, not to one account."""

    __tablename__ = "business"
    __table_args__ = (CheckConstraint("status in ('asked', 'open', 'closed')", name="status"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(20))
    """Of its business rates account or at Companies House; empty where it has none."""
    uprn: Mapped[str | None] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(300))
    postcode: Mapped[str] = mapped_column(String(8))
    zone: Mapped[str | None] = mapped_column(String(12), ForeignKey("permits.zone.code"))
    status: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[Moment]


class BusinessMember(Base):
    """Somebody who acts for a business: `owner` (members too), `manager` (permits), `driver` (sees)."""

    __tablename__ = "business_member"
    __table_args__ = (CheckConstraint("role in ('owner', 'manager', 'driver')", name="role"), Index(None, "account_id"))

    business_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("permits.business.id"), primary_key=True)
    account_id: Mapped[AccountId] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(8))
    joined_at: Mapped[Moment]


class BusinessInvitation(Base):
    """A code that lets whoever brings it act for a business, once. Deleted when it is used, taken back or too old."""

    __tablename__ = "business_invitation"
    __table_args__ = (
        CheckConstraint("role in ('owner', 'manager', 'driver')", name="role"),
        Index(None, "business_id", "created_at"),
        Index(None, "expires_at"),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("permits.business.id"))
    role: Mapped[str] = mapped_column(String(8))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the code, which is shown once and kept nowhere."""
    made_by: Mapped[AccountId | None] = mapped_column(index=True)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]


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


class VisitorBalance(Base):
    """Minutes of visitor parking that somebody has bought for a zone and not used. Never below zero."""

    __tablename__ = "visitor_balance"
    __table_args__ = (CheckConstraint("minutes >= 0", name="minutes"), UniqueConstraint("account_id", "zone"))

    id: Mapped[Id]
    account_id: Mapped[AccountId]
    zone: Mapped[str] = mapped_column(String(12), ForeignKey("permits.zone.code"))
    uprn: Mapped[str | None] = mapped_column(String(12), index=True)
    """The address that it is for: what may be bought in a year is counted for all who live there."""
    minutes: Mapped[int]
    created_at: Mapped[Moment]


class VisitorPurchase(Base):
    """Minutes that were bought: once for each line of a payment."""

    __tablename__ = "visitor_purchase"
    __table_args__ = (
        CheckConstraint("minutes > 0 and pence >= 0", name="bought"),
        CheckConstraint("refunded_minutes between 0 and minutes and refunded_pence between 0 and pence", name="back"),
        CheckConstraint("status in ('to_pay', 'paid', 'given_up')", name="status"),
        CheckConstraint("reduced_minutes between 0 and minutes", name="reduced"),
        Index(None, "balance_id", "created_at"),
    )

    id: Mapped[Id]
    balance_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("permits.visitor_balance.id"))
    minutes: Mapped[int]
    reduced_minutes: Mapped[int]
    """How many of them at the lower price of somebody who is entitled to it."""
    pence: Mapped[int]
    status: Mapped[str] = mapped_column(String(8))
    tariff_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("permits.tariff.id"))
    line_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    refunded_minutes: Mapped[int]
    refunded_pence: Mapped[int]
    created_at: Mapped[Moment]
    paid_at: Mapped[Moment | None]


class VisitorSession(Base):
    """A visitor's car for some hours. `lane` counts those that may be there at once for one home, from 1.

    `home` is the address by its UPRN; for one that somebody typed, the balance.
    """

    __tablename__ = "visitor_session"
    __table_args__ = (
        CheckConstraint("lane between 1 and lanes", name="lane"),
        CheckConstraint("minutes >= 0 and taken >= 0", name="minutes"),
        ExcludeConstraint(
            (text("permits.exactly(home || ' ' || lane::text)"), "="),
            ("during", "&&"),
            name="ex_visitor_session_one_in_a_lane",
        ),
        ExcludeConstraint((text(EXACTLY_CAR), "="), ("during", "&&"), name="ex_visitor_session_one_for_a_car"),
        Index(None, "balance_id", "created_at"),
        Index(None, "home", "created_at"),
        Index(None, "ends_at"),
        Index(None, "vrm", "ends_at"),
        Index(None, "zone", "ends_at", "id"),
    )

    id: Mapped[Id]
    balance_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("permits.visitor_balance.id"))
    home: Mapped[str] = mapped_column(String(36))
    zone: Mapped[str] = mapped_column(String(12))
    vrm: Mapped[str] = mapped_column(String(8))
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    ends_at: Mapped[Moment]
    """The end of `during`, for lists."""
    minutes: Mapped[int]
    """Its time, in whole steps."""
    taken: Mapped[int]
    """Minutes that it took off the balance: fewer than its time where longer visits are cheaper."""
    lane: Mapped[int]
    lanes: Mapped[int]
    key: Mapped[UUID] = mapped_column(Uuid, unique=True)
    """Of the page that started it: pressing twice starts one."""
    created_at: Mapped[Moment]
    stopped_at: Mapped[Moment | None]


class EnforcementToken(Base):
    """Who may ask which cars may park, by the digest of their token."""

    __tablename__ = "enforcement_token"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]


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
