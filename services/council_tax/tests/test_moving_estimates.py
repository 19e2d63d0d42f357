"""The estimate of a move is what the council's system then bills, to the penny, whatever stood on the bill before."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.council_tax.queries.moving import OldHome
from services.council_tax.rules.billed import BilledPeriod, Given, charge_to_come, charge_until, states_of
from services.council_tax.rules.charges import BANDS, Band
from services.council_tax.rules.liability import charge_for
from services.council_tax.rules.published import DATA, load
from services.council_tax.rules.years import first_day, last_day
from services.council_tax.standin import charging

CHARGES = {each.charges.year: each.charges for each in load(DATA / "demo_bands.csv")}
GRANTS = (
    ("discount", "single_person", 0),
    ("discount", "student", 0),
    ("discount", "annexe", 0),
    ("premium", "second_home", 100),
    ("reduction", "reduction", 37),
    ("local", "hardship", 15),
    ("band_reduction", "room", 0),
    ("exemption", "N", 0),
)


@dataclass
class Granted:
    """A row of the stand-in's adjustments."""

    id: str
    kind: str
    code: str
    percent: int
    since_on: date
    until_on: date | None
    review_on: date | None = None
    days: int = 0
    pence: int = 0

    @property
    def _mapping(self) -> Mapping[str, Any]:  # its columns
        return self.__dict__


@dataclass
class Opened:
    """A row of the stand-in's accounts."""

    opened_on: date
    band: Band
    closed_on: date | None = None
    granted: list[Granted] = field(default_factory=list)


@st.composite
def accounts(draw: st.DrawFn, year: int) -> Opened:
    """An account with whatever can change its charge, each for some days of the year."""
    begins, ends = first_day(year), last_day(year)
    opened_on = draw(st.dates(begins - timedelta(days=400), ends))
    granted = []
    for nth, (kind, code, percent) in enumerate(draw(st.lists(st.sampled_from(GRANTS), unique=True, max_size=3))):
        since_on = draw(st.dates(begins - timedelta(days=40), ends))
        until_on = draw(st.none() | st.dates(since_on, ends))
        granted.append(Granted(str(nth), kind, code, percent, since_on, until_on))
    return Opened(opened_on, draw(st.sampled_from(BANDS)), granted=granted)


def billed(account: Any, year: int) -> charging.Charged:  # in the place of a row
    return charging.charge(account, account.granted, year)


def periods(charged: charging.Charged) -> list[BilledPeriod]:
    """As the portal reads them from the bill."""
    return [
        BilledPeriod(
            each.since_on,
            each.until_on,
            each.band,
            each.pence,
            tuple(Given(one.kind, one.code, one.pence) for one in each.adjustments),
        )
        for each in charged.periods
    ]


@given(data=st.data(), year=st.sampled_from(sorted(CHARGES)))
def test_the_last_bill_is_the_one_that_was_estimated(data: st.DataObject, year: int) -> None:
    account = data.draw(accounts(year))
    left_on = data.draw(st.dates(first_day(year), last_day(year)).filter(lambda day: day > account.opened_on))
    estimate = charge_until(CHARGES[year], periods(billed(account, year)), left_on)
    charged = billed(replace(account, closed_on=left_on), year)
    assert estimate.pence == charged.pence
    assert estimate.days == sum(each.days for each in charged.periods)


@given(data=st.data(), year=st.sampled_from(sorted(CHARGES)))
def test_a_bill_is_read_back_as_it_was_charged(data: st.DataObject, year: int) -> None:
    charged = billed(data.draw(accounts(year)), year)
    assert charge_for(CHARGES[year], states_of(periods(charged))).pence == charged.pence


@given(data=st.data())
def test_a_year_without_a_bill_goes_on_as_the_last_one_ended(data: st.DataObject) -> None:
    year = data.draw(st.sampled_from(sorted(CHARGES)[:-1]))
    account = data.draw(accounts(year))
    for each in account.granted:
        each.until_on = None
    left_on = data.draw(st.dates(first_day(year + 1), last_day(year + 1)))
    estimate = charge_to_come(CHARGES[year + 1], periods(billed(account, year)), left_on)
    assert estimate.pence == billed(replace(account, closed_on=left_on), year + 1).pence


def test_a_home_without_a_charge_stays_without_one() -> None:
    assert charge_until(CHARGES[2026], [], date(2026, 9, 1)).pence == 0
    assert charge_to_come(CHARGES[2026], [], date(2026, 9, 1)).pence == 0


def test_what_is_owed_beside_the_year_stays_owed() -> None:
    old = OldHome((), balance=12_345)
    assert (old.to_pay, old.credit) == (12_345, 0)
    assert (replace(old, balance=-5).to_pay, replace(old, balance=-5).credit) == (0, 5)
