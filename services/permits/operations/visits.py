"""Visitors' cars: start, stop, stay longer. What the database holds besides is said with its tables.

Whoever starts a car holds the balances of all who live in the home, so that what is read of them is still so when it
is written: what is left, which lanes are taken, how many visits there were this year.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import DateTime, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.exc import IntegrityError

from portal.kit import Account, NotFound, Refused, clock, limit, ngettext, session, settings_of
from portal.kit import gettext as _
from services.permits.models.visitors import VisitorBalance, VisitorSession
from services.permits.queries.enforcement import may_park
from services.permits.queries.visits import YEAR, Visit, Visiting, get_visit, get_visiting, minutes_taken, visit_prices
from services.permits.rules.registrations import find_meant, is_possible, is_possible_abroad, normalise, shown
from services.permits.rules.visit_prices import HOUR
from services.permits.rules.visits import SMALLEST, lanes_of, minutes_used, step_of
from services.permits.settings import PermitSettings

LONGEST_MARK: Final = 8
"""Characters of a registration of another country that the list for enforcement takes."""
HOUR_SECONDS: Final = 3600
MOST_STARTS: Final = 60
"""Cars that one resident may start in an hour, those that are refused too: nobody tries out registrations here."""
_NEW_BALANCE = insert(VisitorBalance).on_conflict_do_nothing(index_elements=["account_id", "zone"])
_OWN = and_(VisitorBalance.account_id == bindparam("account"), VisitorBalance.zone == bindparam("zone"))
# In the order of ids, so that two who hold the same do not wait crosswise; and not against new rows that refer to
# one, which whoever puts hours in a basket writes before the basket is theirs.
_HOME = (
    select(VisitorBalance)
    .where(or_(_OWN, VisitorBalance.uprn == bindparam("uprn")))
    .order_by(VisitorBalance.id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_VISIT = (
    select(VisitorSession, VisitorBalance)
    .join(VisitorBalance, VisitorBalance.id == VisitorSession.balance_id)
    .where(VisitorSession.id == bindparam("visit"), VisitorBalance.account_id == bindparam("account"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_BY_KEY = (
    select(VisitorSession.id)
    .join(VisitorBalance, VisitorBalance.id == VisitorSession.balance_id)
    .where(VisitorSession.key == bindparam("key"), VisitorBalance.account_id == bindparam("account"))
)
_TAKEN = select(VisitorSession.lane).where(
    VisitorSession.home == bindparam("home"),
    VisitorSession.ends_at > bindparam("now", type_=DateTime(timezone=True)),
)
_THIS_YEAR = select(func.count()).where(
    VisitorSession.home == bindparam("home"),
    VisitorSession.created_at > bindparam("since", type_=DateTime(timezone=True)),
)


def start_visit(account: Account, *, registration: str, hours: int, key: UUID, zone: str = "") -> Visit:
    """Let a visitor's car park from now on. The same `key` again gives the visit that it started.

    Raises NotFound where the resident has no visitor parking; Refused with the sentence of the rule that says no;
    TooMany.
    """
    before = session().execute(_BY_KEY, {"key": key, "account": account.id}).scalar_one_or_none()
    if before is not None:
        return get_visit(account, before)
    visiting = get_visiting(account, zone)
    if visiting.permit_id is None:
        raise Refused(_("Your visitor parking in this zone is over, so you cannot start a car there."))
    limit(f"permits.visit:{account.id}", limit=MOST_STARTS, seconds=HOUR_SECONDS)
    vrm, minutes = read_registration(registration), _minutes(hours)
    balance = hold_home(account, visiting)
    lane, lanes = _find_lane(_home_of(balance))
    _refuse_when_allowed(vrm, visiting.zone)
    began_at = clock.now()
    ends_at = began_at + timedelta(minutes=minutes)
    visit = VisitorSession(
        id=uuid4(),
        balance_id=balance.id,
        home=_home_of(balance),
        zone=visiting.zone,
        vrm=vrm,
        during=Range(began_at, ends_at),
        ends_at=ends_at,
        minutes=minutes,
        taken=minutes_taken(minutes, visiting.marks),
        lane=lane,
        lanes=lanes,
        key=key,
        created_at=began_at,
    )
    with _all_or_nothing(vrm):
        _take(balance, visit.taken)
        session().add(visit)
    return get_visit(account, visit.id)


def stop_visit(account: Account, *, visit_id: UUID) -> Visit:
    """Let a visitor's car park no longer; hours that were not begun go back to the balance.

    Stopping what is over changes nothing. Raises NotFound.
    """
    visit, balance = _hold_visit(account, visit_id)
    now = clock.now()
    if visit.ends_at > now:
        began_at = _began(visit)
        used = minutes_used(began_at, now, _step(), visit.minutes)
        taken = min(visit.taken, minutes_taken(used, get_visiting(account, visit.zone).marks))
        balance.minutes += visit.taken - taken
        visit.minutes, visit.taken = used, taken
        visit.stopped_at = now
        _set_end(visit, max(now, began_at + SMALLEST))
        session().flush()  # what is read next is what was written
    return get_visit(account, visit_id)


def lengthen_visit(account: Account, *, visit_id: UUID, ends_at: datetime, hours: int = 1) -> Visit:
    """Let a visitor's car stay longer. `ends_at` is the end that the page showed: pressing twice is pressing once.

    Raises NotFound; Refused when it is gone, when not enough is left, or when it would be there too long.
    """
    visit, balance = _hold_visit(account, visit_id)
    if visit.ends_at != ends_at:
        return get_visit(account, visit_id)
    if visit.ends_at <= clock.now():
        raise Refused(_("The time of %(car)s is up. Start it again.", car=shown(visit.vrm)))
    visiting = get_visiting(account, visit.zone)
    if visiting.permit_id is None:
        raise Refused(_("Your visitor parking in this zone is over, so the car cannot stay longer."))
    more = _minutes(hours)
    if visit.minutes + more > settings_of(PermitSettings).visit_hours_longest * HOUR:
        raise Refused(_("A visitor’s car cannot stay longer than that. Start it again when its time is up."))
    taken = max(visit.taken, minutes_taken(visit.minutes + more, visiting.marks))
    with _all_or_nothing(visit.vrm):
        _take(balance, taken - visit.taken)
        visit.minutes, visit.taken = visit.minutes + more, taken
        _set_end(visit, visit.ends_at + timedelta(minutes=more))
    return get_visit(account, visit_id)


def hold_home(account: Account, visiting: Visiting) -> VisitorBalance:
    """The resident's balance for a zone, made if there is none; it and those of all who live there are held.

    The address is today's permit's: somebody who moved within the zone takes their hours along.
    """
    make_balance(account, visiting)
    whose = {"account": account.id, "zone": visiting.zone, "uprn": visiting.uprn}
    held = session().scalars(_HOME, whose).all()
    own = next(each for each in held if (each.account_id, each.zone) == (account.id, visiting.zone))
    if visiting.permit_id is not None:
        own.uprn = visiting.uprn
    return own


def make_balance(account: Account, visiting: Visiting) -> None:
    """A balance for the zone, if there is none: two tabs that both need one get the same."""
    if visiting.balance_id is None:
        new = {"id": uuid4(), "account_id": account.id, "zone": visiting.zone, "uprn": visiting.uprn}
        session().execute(_NEW_BALANCE, new | {"minutes": 0, "created_at": clock.now()})


def read_registration(typed: str) -> str:
    """The registration as it is kept. Raises Refused for one that cannot be, asking whether another was meant."""
    vrm = normalise(typed)
    if is_possible(vrm) or (len(vrm) <= LONGEST_MARK and is_possible_abroad(vrm) and find_meant(vrm) is None):
        return vrm
    if meant := find_meant(vrm):
        raise Refused(_("There is no such registration. Did you mean %(mark)s?", mark=shown(meant)))
    raise Refused(_("Enter the car’s registration, as it is on its number plate, such as AB12 CDE"))


def _minutes(hours: int) -> int:
    """Minutes of a visit. Raises Refused for hours that nobody can choose."""
    longest = settings_of(PermitSettings).visit_hours_longest
    if not 1 <= hours <= longest:
        raise Refused(_("Choose from 1 to %(longest)s hours", longest=longest))
    return hours * HOUR


def _find_lane(home: str) -> tuple[int, int]:
    """A free place among those that there may be at once, and how many those are. Raises Refused when none is free."""
    prices, now = visit_prices(), clock.now()
    lanes = lanes_of(prices)
    taken = set(session().scalars(_TAKEN, {"home": home, "now": now}))
    free = next((lane for lane in range(1, lanes + 1) if lane not in taken), None)
    if free is None:
        raise Refused(
            ngettext(
                "Only %(n)s visitor’s car can be at your home at once. Stop it first.",
                "Only %(n)s visitors’ cars can be at your home at once. Stop one of them first.",
                lanes,
            )
        )
    if prices.sessions_a_year is not None:
        visits = session().execute(_THIS_YEAR, {"home": home, "since": now - YEAR}).scalar_one()
        if visits >= prices.sessions_a_year:
            raise Refused(_("Your home has had all the visits that it may have in 12 months."))
    return free, lanes


def _refuse_when_allowed(vrm: str, zone: str) -> None:
    """Raises Refused for a car that may park there anyway: nobody is to pay for it twice."""
    if may_park(vrm, zone):
        raise _there_already(vrm)


def _there_already(vrm: str) -> Refused:
    return Refused(_("%(car)s may park there already, so you need not start it.", car=shown(vrm)))


def _take(balance: VisitorBalance, minutes: int) -> None:
    """Take minutes off a balance that is held. Raises Refused when there are not so many; the database would too."""
    if balance.minutes < minutes:
        raise Refused(_("You do not have enough hours left. Choose fewer, or buy more."))
    balance.minutes -= minutes


@contextmanager
def _all_or_nothing(vrm: str) -> Iterator[None]:
    """What is changed in this block is written at its end, or not at all: the page of a refusal is committed too.

    Raises Refused when the car, or the last place of the home, was taken elsewhere in the same moment: the database
    says so.
    """
    try:
        with session().begin_nested():
            yield
            session().flush()  # here, where the database's no can be told in words
    except IntegrityError as error:
        broken = str(error.orig)
        if "ex_visitor_session_one_for_a_car" in broken:
            raise _there_already(vrm) from None
        if "ex_visitor_session_one_in_a_lane" in broken:
            raise Refused(_("Another car was started for your home in the same moment. Try again.")) from None
        raise


def _hold_visit(account: Account, visit_id: UUID) -> tuple[VisitorSession, VisitorBalance]:
    row = session().execute(_VISIT, {"visit": visit_id, "account": account.id}).one_or_none()
    if row is None:
        raise NotFound(_("We cannot find this visit."))
    return row[0], row[1]


def _set_end(visit: VisitorSession, ends_at: datetime) -> None:
    visit.during = Range(_began(visit), ends_at)
    visit.ends_at = ends_at


def _began(visit: VisitorSession) -> datetime:
    began_at = visit.during.lower
    assert began_at is not None  # every visit has a beginning
    return began_at


def _step() -> int:
    """Minutes in which visits are counted; hours where the council no longer sells any."""
    try:
        return step_of(visit_prices())
    except Refused:
        return HOUR


def _home_of(balance: VisitorBalance) -> str:
    return balance.uprn or str(balance.id)
