"""What home shows of parking, narrowly read: one statement for the cards, and one for what happened lately.

Everybody who signs in waits for both, whether they park or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Date, DateTime, Row, and_, bindparam, cast, func, literal, null, or_, select, true, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.kit import Account, clock, count_of_drafts, session
from services.permits.models.businesses import Business, BusinessMember
from services.permits.models.permits import CourtesyCar, Permit
from services.permits.models.visitors import VisitorBalance, VisitorPurchase, VisitorSession
from services.permits.models.zones import Zone
from services.permits.rules.application_steps import Journey
from services.permits.rules.permits import HOLDING, Held
from services.permits.workflow import SERVICE

MOST: Final = 100
MOST_LATELY: Final = 20
_MINE = Permit.account_id == bindparam("account")
_TODAY = bindparam("today", type_=Date())
_VALID = and_(Permit.status == "active", Permit.valid.contains(_TODAY))
_NOTHING, _NO_DAY, _NO_TIME = literal(""), cast(null(), Date()), cast(null(), DateTime(timezone=True))
_LENT = (
    select(CourtesyCar.vrm)
    .where(CourtesyCar.permit_id == Permit.id, CourtesyCar.valid.contains(_TODAY), _VALID)
    .correlate(Permit)
    .limit(1)
    .scalar_subquery()
)
_PERMITS = select(
    literal("permit").label("what"),
    Permit.id,
    _NOTHING.label("zone"),
    Permit.kind.label("name"),
    Permit.status.label("status"),
    Permit.vrm.label("vrm"),
    func.coalesce(_LENT, Permit.vrm).label("car"),
    func.coalesce(func.lower(Permit.valid, type_=Date()), Permit.bought_on).label("first_on"),
    Permit.last_on.label("last_on"),
    Permit.held_until_at.label("until_at"),
    literal(0).label("minutes"),
    literal(0).label("cars"),
    Permit.created_at.label("newest_at"),
).where(
    _MINE,
    Permit.business_id.is_(None),
    Permit.status.in_(sorted(HOLDING)),
    # Visitor parking that is valid has a card with what is left of it.
    or_(Permit.kind != "visitor", Permit.status != "active"),
)
_ENTITLED = (
    select(Permit.zone, func.max(Permit.created_at).label("newest_at"))
    .where(_MINE, Permit.kind == "visitor", _VALID)
    .group_by(Permit.zone)
    .subquery()
)
_THERE = (
    select(
        func.array_agg(aggregate_order_by(VisitorSession.vrm, VisitorSession.ends_at, VisitorSession.id))[1].label(
            "car"
        ),
        func.min(VisitorSession.ends_at).label("until_at"),
        func.count().label("cars"),
    )
    .where(
        VisitorSession.balance_id == VisitorBalance.id,
        VisitorSession.ends_at > bindparam("now", type_=DateTime(timezone=True)),
    )
    .correlate(VisitorBalance)
    .lateral()
)
_VISITING = (
    select(
        literal("visiting"),
        VisitorBalance.id,
        Zone.code,
        Zone.title,
        _NOTHING,
        _NOTHING,
        _THERE.c.car,
        _NO_DAY,
        _NO_DAY,
        _THERE.c.until_at,
        func.coalesce(VisitorBalance.minutes, 0),
        _THERE.c.cars,
        _ENTITLED.c.newest_at,
    )
    .select_from(Zone)
    .outerjoin(_ENTITLED, _ENTITLED.c.zone == Zone.code)
    .outerjoin(
        VisitorBalance, and_(VisitorBalance.zone == Zone.code, VisitorBalance.account_id == bindparam("account"))
    )
    .outerjoin(_THERE, true())
    .where(or_(_ENTITLED.c.zone.is_not(None), VisitorBalance.minutes > 0))
)
_BUSINESSES = (
    select(
        literal("business"),
        Business.id,
        _NOTHING,
        Business.name,
        _NOTHING,
        _NOTHING,
        _NOTHING,
        _NO_DAY,
        _NO_DAY,
        _NO_TIME,
        literal(0),
        literal(0),
        _NO_TIME,
    )
    .join(BusinessMember, BusinessMember.business_id == Business.id)
    .where(BusinessMember.account_id == bindparam("account"))
)
_ALL = union_all(_PERMITS, _VISITING, _BUSINESSES).subquery()
# The newest permits first; visitor parking of a permit before what is left of earlier ones, by zone; the rest by name.
_CARDS = (
    select(count_of_drafts(SERVICE, list(Journey)).label("begun"), _ALL)
    .select_from(select(literal(1).label("one")).subquery())  # a row for what is begun where nothing else is found
    .outerjoin(_ALL, true())
    .order_by(_ALL.c.newest_at.desc().nulls_last(), _ALL.c.zone, _ALL.c.name, _ALL.c.id)
    .limit(MOST)
)
_OVER = select(
    literal("over").label("what"),
    Permit.id,
    Permit.reference.label("reference"),
    literal(0).label("minutes"),
    Permit.closed_at.label("at"),
).where(_MINE, Permit.business_id.is_(None), Permit.status == "expired", Permit.closed_at.is_not(None))
_BOUGHT = (
    select(literal("bought"), VisitorPurchase.id, _NOTHING, VisitorPurchase.minutes, VisitorPurchase.paid_at)
    .join(VisitorBalance, VisitorBalance.id == VisitorPurchase.balance_id)
    .where(VisitorBalance.account_id == bindparam("account"), VisitorPurchase.status == "paid")
)
_BOTH = union_all(_OVER, _BOUGHT).subquery()
_LATELY = select(_BOTH).order_by(_BOTH.c.at.desc(), _BOTH.c.id).limit(MOST_LATELY)


@dataclass(frozen=True, slots=True)
class VisitingNow:
    """Visitor parking in one zone: what is left, how many cars are there, and which has to go first and when."""

    zone: str
    zone_title: str
    minutes: int
    cars: int
    car: str
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class AtHome:
    """What somebody has: permits, each with the car that may park with it today; visitor parking; businesses.

    `begun` is how many applications they have not sent.
    """

    begun: int
    permits: Sequence[tuple[Held, str]]
    visiting: Sequence[VisitingNow]
    businesses: Sequence[tuple[UUID, str]]


@dataclass(frozen=True, slots=True)
class Happened:
    """A permit that is `over`, with its reference, or minutes that were `bought`."""

    what: Literal["over", "bought"]
    id: UUID
    reference: str
    minutes: int
    at: datetime


def at_home(account: Account) -> AtHome:
    """What has a card on home."""
    asked = {"account": account.id, "today": clock.today(), "now": clock.now()}
    rows = session().execute(_CARDS, asked).all()
    return AtHome(
        begun=rows[0].begun,
        permits=[(_held(row), row.car) for row in rows if row.what == "permit"],
        visiting=[
            VisitingNow(row.zone, row.name, row.minutes, row.cars, row.car or "", row.until_at)
            for row in rows
            if row.what == "visiting"
        ],
        businesses=[(row.id, row.name) for row in rows if row.what == "business"],
    )


def happened_lately(account: Account) -> Sequence[Happened]:
    """Permits whose last day is over, and hours bought: the latest first."""
    return [Happened(*row) for row in session().execute(_LATELY, {"account": account.id})]


def _held(row: Row[*tuple[Any, ...]]) -> Held:  # columns of several types
    return Held(
        id=row.id,
        kind=row.name,
        vrm=row.vrm,
        first_on=row.first_on,
        last_on=row.last_on,
        status=row.status,
        held_until_at=row.until_at,
    )
