"""A resident's visitor parking: what is left to use, which cars are there, and what more hours would cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Date, DateTime, bindparam, func, literal, select

from portal.kit import Account, NotFound, Refused, being_paid, clock, session, settings_of
from portal.kit import gettext as _
from services.permits.models.permits import Permit
from services.permits.models.visitors import VisitorBalance, VisitorPurchase, VisitorSession
from services.permits.models.zones import Zone
from services.permits.queries.tariffs import tariff_on
from services.permits.rules.registrations import shown
from services.permits.rules.tariff import Tariff as TariffVersion
from services.permits.rules.visit_prices import HOUR, VisitPrices
from services.permits.rules.visits import Hours, hours_price, lanes_of, offers, step_of, taken_for
from services.permits.settings import PermitSettings
from services.permits.workflow import SERVICE

PAGE: Final = "/services/permits/visitors"
"""Asked outside a request too, where no address can be built from an endpoint."""
HOURS: Final = "visitor_hours"
"""The payable."""
YEAR: Final = timedelta(days=365)
MOST_SHOWN: Final = 10
MOST_CARS: Final = 5
"""Cars of earlier visits that are offered again."""
_ACTIVE = literal("active", literal_execute=True)
_ENTITLED = (
    select(Permit.id, Permit.zone, Permit.uprn, Permit.address, Permit.answers, Zone.title, Zone.hours)
    .join(Zone, Zone.code == Permit.zone)
    .where(
        Permit.account_id == bindparam("account"),
        Permit.kind == "visitor",
        Permit.status == _ACTIVE,
        Permit.valid.contains(bindparam("today", type_=Date())),
    )
    .order_by(Permit.created_at.desc(), Permit.id)
)
_BALANCES = (
    select(VisitorBalance.id, VisitorBalance.zone, VisitorBalance.minutes, Zone.title, Zone.hours)
    .join(Zone, Zone.code == VisitorBalance.zone)
    .where(VisitorBalance.account_id == bindparam("account"))
    .order_by(VisitorBalance.zone)
)
_VISIT = (
    VisitorSession.id,
    VisitorSession.vrm,
    VisitorSession.zone,
    func.lower(VisitorSession.during).label("began_at"),
    VisitorSession.ends_at,
    VisitorSession.minutes,
    VisitorSession.stopped_at,
)
_LATELY = (
    select(*_VISIT)
    .where(VisitorSession.balance_id == bindparam("balance"))
    .order_by(VisitorSession.created_at.desc(), VisitorSession.id)
    .limit(MOST_SHOWN)
)
_NOW_THERE = (
    select(*_VISIT)
    .where(
        VisitorSession.balance_id == bindparam("balance"),
        VisitorSession.ends_at > bindparam("now", type_=DateTime(timezone=True)),
    )
    .order_by(VisitorSession.ends_at, VisitorSession.id)
)
_OWN_VISIT = (
    select(*_VISIT, VisitorSession.key)
    .join(VisitorBalance, VisitorBalance.id == VisitorSession.balance_id)
    .where(VisitorSession.id == bindparam("visit"), VisitorBalance.account_id == bindparam("account"))
)
_REDUCED = select(
    func.coalesce(
        func.sum(
            func.least(VisitorPurchase.reduced_minutes, VisitorPurchase.minutes - VisitorPurchase.refunded_minutes)
        ),
        0,
    )
).where(
    VisitorPurchase.balance_id == bindparam("balance"),
    VisitorPurchase.status == "paid",
    VisitorPurchase.paid_at > bindparam("since", type_=DateTime(timezone=True)),
)
_REDUCED_CHOSEN = (
    select(VisitorPurchase.id, VisitorPurchase.reduced_minutes)
    .where(
        VisitorPurchase.balance_id == bindparam("balance"),
        VisitorPurchase.status != "paid",
        VisitorPurchase.reduced_minutes > 0,
    )
    .order_by(VisitorPurchase.created_at.desc())
    .limit(MOST_SHOWN)
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor's car. `minutes` is its time in whole steps; `stopped_at` is set when it ended early."""

    id: UUID
    vrm: str
    zone: str
    began_at: datetime
    ends_at: datetime
    minutes: int
    stopped_at: datetime | None

    @property
    def car(self) -> str:
        """Its registration as it is read."""
        return shown(self.vrm)

    @property
    def is_there(self) -> bool:
        """Whether it may park at this moment."""
        return self.ends_at > clock.now()


@dataclass(frozen=True, slots=True)
class Visiting:
    """Visitor parking in one zone. `permit_id` is None where the permit is over, and only unused hours are left.

    `marks` are the tariff's codes of what lowers the price. `uprn` is the home's, None for an address that was typed.
    """

    zone: str
    zone_title: str
    hours: str
    address: str
    uprn: str | None
    marks: frozenset[str]
    permit_id: UUID | None
    balance_id: UUID | None
    minutes: int


@dataclass(frozen=True, slots=True)
class Stay:
    """A visit of so many hours, and the minutes that it takes off the balance."""

    hours: int
    taken: int


@dataclass(frozen=True, slots=True)
class Offer:
    """So many hours at a price, in pence."""

    hours: int
    pence: int


def visiting_of(account: Account) -> Sequence[Visiting]:
    """All visitor parking of a resident: that of a permit first, then what is left of earlier ones."""
    balances = {row.zone: row for row in session().execute(_BALANCES, {"account": account.id})}
    found: dict[str, Visiting] = {}
    for row in session().execute(_ENTITLED, {"account": account.id, "today": clock.today()}):
        own = balances.pop(row.zone, None)
        marks = frozenset(row.answers.get("marks", ()))
        found.setdefault(
            row.zone,
            Visiting(
                row.zone,
                row.title,
                row.hours,
                row.address,
                row.uprn,
                marks,
                row.id,
                own.id if own else None,
                own.minutes if own else 0,
            ),
        )
    left = [
        Visiting(row.zone, row.title, row.hours, "", None, frozenset(), None, row.id, row.minutes)
        for row in balances.values()
        if row.zone not in found
    ]
    return [*found.values(), *left]


def get_visiting(account: Account, zone: str = "") -> Visiting:
    """The visitor parking of that zone, or the first that there is. Raises NotFound where there is none."""
    found = next((each for each in visiting_of(account) if zone in ("", each.zone)), None)
    if found is None:
        raise NotFound(_("You have no visitor parking in this zone."))
    return found


def cars_there(balance_id: UUID | None) -> Sequence[Visit]:
    """The visitors' cars that may park now, the one whose time is up first at the top."""
    if balance_id is None:
        return []
    rows = session().execute(_NOW_THERE, {"balance": balance_id, "now": clock.now()})
    return [Visit(*row) for row in rows]


def visits_lately(balance_id: UUID | None) -> Sequence[Visit]:
    """The last visits, the newest first."""
    if balance_id is None:
        return []
    return [Visit(*row) for row in session().execute(_LATELY, {"balance": balance_id})]


def cars_before(visits: Sequence[Visit]) -> Sequence[str]:
    """The cars of these visits that are not there now, to be started again with one press; each once."""
    there = {each.vrm for each in visits if each.is_there}
    return [vrm for vrm in dict.fromkeys(each.vrm for each in visits) if vrm not in there][:MOST_CARS]


def get_visit(account: Account, visit_id: UUID) -> Visit:
    """One visit of the resident's. Raises NotFound."""
    row = session().execute(_OWN_VISIT, {"visit": visit_id, "account": account.id}).one_or_none()
    if row is None:
        raise NotFound(_("We cannot find this visit."))
    return Visit(*row[:-1])


def visit_prices() -> VisitPrices:
    """Today's prices for visitors. Raises Refused where the council sells none by the hour."""
    return prices_in(tariff_on(clock.today()))


def prices_in(tariff: TariffVersion) -> VisitPrices:
    """A version's prices for visitors. Raises Refused where it has none by the hour."""
    if tariff.visits is None or not tariff.visits.spans:
        raise Refused(_("The council does not sell visitor parking by the hour."))
    return tariff.visits


def stays_for(visiting: Visiting) -> Sequence[Stay]:
    """The visits that the resident can choose."""
    hours = range(1, settings_of(PermitSettings).visit_hours_longest + 1)
    return [Stay(each, minutes_taken(each * HOUR, visiting.marks)) for each in hours]


def minutes_taken(minutes: int, marks: frozenset[str]) -> int:
    """What a visit takes off the balance at today's prices; its time where the council no longer sells any."""
    try:
        prices = visit_prices()
    except Refused:
        return minutes
    return taken_for(prices, minutes, marks)


def step_minutes() -> int:
    """Minutes in which visits are counted."""
    return step_of(visit_prices())


def at_once() -> int:
    """How many visitors' cars a home may have there at once."""
    return lanes_of(visit_prices())


def price_for(visiting: Visiting, hours: int) -> Hours:
    """What so many hours cost this resident today."""
    used = reduced_used(visiting.balance_id)
    return hours_price(visit_prices(), hours * HOUR, visiting.marks, used)


def reduced_used(balance_id: UUID | None) -> int:
    """Minutes that were bought at the reduced price in the last 12 months and not given back, or are being paid for."""
    if balance_id is None:
        return 0
    asked = {"balance": balance_id, "since": clock.now() - YEAR}
    bought = int(session().execute(_REDUCED, asked).scalar_one())
    chosen = session().execute(_REDUCED_CHOSEN, {"balance": balance_id})
    return bought + sum(int(row.reduced_minutes) for row in chosen if being_paid(SERVICE, HOURS, str(row.id)))


def offers_for(visiting: Visiting) -> Sequence[Offer]:
    """What the resident can buy now."""
    prices, used = visit_prices(), reduced_used(visiting.balance_id)
    return [
        Offer(hours, hours_price(prices, hours * HOUR, visiting.marks, used).price.pence)
        for hours in offers(prices, settings_of(PermitSettings).visitor_hours)
    ]
