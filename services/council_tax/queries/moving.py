"""What a move would cost, which homes are at a postcode, and whether a move has been told already."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from portal.kit import Account as Resident
from portal.kit import (
    Case,
    NotFound,
    Refused,
    Unavailable,
    clock,
    gazetteer,
    get_case,
    normalise_postcode,
    session,
    settings_of,
)
from portal.kit import gettext as _
from services.council_tax.backoffice.values import Account, Band, Bill
from services.council_tax.models import AskedChange
from services.council_tax.queries.bills import ask_account, ask_bill, ask_bills
from services.council_tax.queries.published import dwellings_at, get_charges
from services.council_tax.rules.billed import BilledPeriod, Given, charge_to_come, charge_until
from services.council_tax.rules.liability import Order, State, YearCharge
from services.council_tax.rules.moves import Arriving, arrive
from services.council_tax.rules.years import year_of
from services.council_tax.settings import CouncilTaxSettings

_OF_MINE = (
    select(AskedChange.case_id, AskedChange.closed_at)
    .where(
        AskedChange.account_id == bindparam("account"),
        AskedChange.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(AskedChange.created_at.desc(), AskedChange.case_id)
)
_OF_ACCOUNT = _OF_MINE.where(AskedChange.reference == bindparam("ref"))
_INTO_HOME = _OF_MINE.where(AskedChange.change["uprn"].astext == bindparam("uprn"))


@dataclass(frozen=True, slots=True)
class Begun:
    """What an estimate of a new home says of one year: its charge, and its payments if it is billed now."""

    year: int
    arriving: Arriving


@dataclass(frozen=True, slots=True)
class NewHome:
    """What the new home costs until the end of the year, pence. `unset` is a year whose charges are not known yet."""

    begun: tuple[Begun, ...]
    alone: bool
    """Whether only one adult lives there: the single person discount is in the sum."""
    unset: int | None = None

    @property
    def pence(self) -> int:
        """All years together."""
        return sum(one.arriving.charge.pence for one in self.begun)


@dataclass(frozen=True, slots=True)
class Ended:
    """One year of the home that somebody leaves: what was charged, and what it comes to after the move."""

    year: int
    before: int
    charge: YearCharge


@dataclass(frozen=True, slots=True)
class OldHome:
    """The last bill of a home that somebody leaves, pence. Of `to_pay` and `credit` one is nothing."""

    ended: tuple[Ended, ...]
    balance: int
    """What is owed before the move; below nothing when it is a credit."""
    unset: int | None = None

    @property
    def left(self) -> int:
        """What is left to pay; below nothing when something is given back."""
        return self.balance + sum(one.charge.pence - one.before for one in self.ended)

    @property
    def to_pay(self) -> int:
        """What is left to pay."""
        return max(0, self.left)

    @property
    def credit(self) -> int:
        """What is given back, or goes to the new home."""
        return max(0, -self.left)


def find_homes(postcode: str) -> list[dict[str, str]]:
    """The homes at a postcode, at least one, as a draft keeps them: uprn, label, and band where it is known.

    From the valuation list; while the council's system is away, from the address register, without bands. Raises
    Refused, Unavailable, each with a sentence on what to do instead.
    """
    wanted = normalise_postcode(postcode)
    try:
        found = [
            {"uprn": one.uprn, "label": ", ".join((*one.lines, one.postcode)), "band": one.band}
            for one in dwellings_at(wanted)
        ]
    except Unavailable:
        found = _from_register(wanted)
    if not found:
        raise Refused(_("No home in our area has this postcode. Check it, or see below whom to tell instead"))
    return found


def new_home(band: Band | None, moved_on: date, adults: int) -> NewHome | None:
    """What a home costs from a day on, to the end of this council tax year; None when that cannot be said now.

    By days (LGFA 1992 s2 and s10), for a bill that is made today or on the day of the move.
    """
    if band is None:
        return None
    today = clock.today()
    state = State(moved_on, band, adults_counted=min(adults, 2))
    begun: list[Begun] = []
    for year in range(year_of(moved_on), max(year_of(today), year_of(moved_on)) + 1):
        try:
            arriving = arrive(get_charges(year), state, today=today, order=_order())
        except NotFound:
            return NewHome(tuple(begun), adults == 1, unset=year)
        except Unavailable:
            return None
        begun.append(Begun(year, arriving))
    return NewHome(tuple(begun), adults == 1)


def old_home(resident: Resident, reference: str, left_on: date) -> OldHome | None:
    """What the account comes to when everybody leaves on a day; None when that cannot be said now. Raises NotFound."""
    account = ask_account(resident, reference).value
    if account is None:
        return None
    try:
        return _old_home(resident, account, left_on)
    except Unavailable:
        return None


def pending_move(resident: Resident, *, reference: str = "", uprn: str = "") -> Case | None:
    """A move that the resident has told us of and that is not settled: of this account, or into this home."""
    rows = session().execute(*_asked(resident, reference, uprn)).all()
    open_ones = [row.case_id for row in rows if row.closed_at is None]
    return get_case(resident.id, open_ones[0]) if open_ones else None


def times_told(resident: Resident, *, reference: str = "", uprn: str = "") -> int:
    """How many moves of this account or into this home were told and settled: a number for the next one's key."""
    return sum(row.closed_at is not None for row in session().execute(*_asked(resident, reference, uprn)))


def _asked(resident: Resident, reference: str, uprn: str) -> Any:  # a statement and its values
    if reference:
        return _OF_ACCOUNT, {"account": resident.id, "kinds": ("move_out", "move_within"), "ref": reference}
    return _INTO_HOME, {"account": resident.id, "kinds": ("move_in", "move_within"), "uprn": uprn}


def _old_home(resident: Resident, account: Account, left_on: date) -> OldHome | None:
    ended: list[Ended] = []
    bills = {year: _newest(resident, account.reference, year) for year in _billed(account, left_on)}
    last = bills.get(account.year)
    if last is None:
        return None
    for year, bill in bills.items():
        if bill is not None:
            charge = charge_until(get_charges(year), periods_of(bill), left_on, order=_order())
            ended.append(Ended(year, bill.charge, charge))
    for year in range(account.year + 1, year_of(left_on) + 1):
        try:
            charge = charge_to_come(get_charges(year), periods_of(last), left_on, order=_order())
        except NotFound:
            return OldHome(tuple(ended), account.balance, unset=year)
        ended.append(Ended(year, 0, charge))
    return OldHome(tuple(ended), account.balance)


def _billed(account: Account, left_on: date) -> Iterator[int]:
    """The billed years that leaving on that day changes: the last, and the one before where it reaches back to it."""
    if year_of(left_on) < account.year:
        yield account.year - 1
    yield account.year


def _newest(resident: Resident, reference: str, year: int) -> Bill | None:
    for line in ask_bills(resident, reference).value or ():
        if line.year == year:
            return ask_bill(resident, reference, line.id).value
    return None


def periods_of(bill: Bill) -> Sequence[BilledPeriod]:
    """The periods of a bill in the terms of the rules."""
    return [
        BilledPeriod(
            one.since_on,
            one.until_on,
            one.band,
            one.pence,
            tuple(Given(each.kind, each.code, each.pence) for each in one.adjustments),
        )
        for one in bill.periods
    ]


def _order() -> Order:
    return settings_of(CouncilTaxSettings).order_of_reductions


def _from_register(postcode: str) -> list[dict[str, str]]:
    try:
        return [{"uprn": one.uprn, "label": one.label, "band": ""} for one in gazetteer().by_postcode(postcode)]
    except Unavailable:
        raise Unavailable(_("We cannot look up addresses at the moment. Try again in a few minutes")) from None
