"""Random years, tables, households and moves: the ground of the property tests."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import strategies as st

from services.council_tax.rules.charges import BANDS, NINTHS, Charges, Part
from services.council_tax.rules.disregards import DISREGARDS, Resident, Spell
from services.council_tax.rules.exemptions import EXEMPTIONS
from services.council_tax.rules.liability import Change, State
from services.council_tax.rules.years import first_day, last_day

YEARS = st.integers(2018, 2040)


def days(year: int) -> st.SearchStrategy[date]:
    """Any day of a financial year."""
    return st.dates(first_day(year), last_day(year))


@st.composite
def tables(draw: st.DrawFn, year: int | None = None) -> Charges:
    """A table as councils make them: each part rounded by itself, so that bands miss their proportion by pennies."""
    chosen = draw(YEARS) if year is None else year
    parts = []
    for at, most in enumerate((300_000, 40_000, 60_000)):
        pence = draw(st.integers(1, most))
        parts.append(Part(f"part_{at}", {band: (pence * ninths + 4) // 9 for band, ninths in NINTHS.items()}))
    return Charges(chosen, {band: sum(part.by_band[band] for part in parts) for band in BANDS}, tuple(parts))


RATES = st.fractions(0, 1, max_denominator=100)
CHANGES = st.one_of(
    st.builds(Change, st.sampled_from(("discount", "local", "reduction")), st.just("some"), rate=RATES),
    st.builds(
        Change, st.just("premium"), st.just("some"), rate=st.sampled_from((Fraction(1), Fraction(2), Fraction(3)))
    ),
    st.builds(
        Change, st.just("reduction"), st.just("award"), weekly_pence=st.fractions(0, 10_000, max_denominator=700)
    ),
)


@st.composite
def states(draw: st.DrawFn, year: int) -> State:
    """How things are from a day in or before a year."""
    return State(
        since_on=draw(st.dates(first_day(year) - timedelta(days=400), last_day(year) + timedelta(days=30))),
        band=draw(st.sampled_from(BANDS)),
        liable=draw(st.sampled_from((True, True, True, False))),
        occupied=draw(st.booleans()),
        adults_counted=draw(st.integers(0, 4)),
        band_reduction=draw(st.booleans()),
        exemption=draw(st.sampled_from(("", "", "", *(one.code for one in EXEMPTIONS)))),
        changes=tuple(draw(st.lists(CHANGES, max_size=3))),
    )


@st.composite
def stories(draw: st.DrawFn) -> tuple[Charges, list[State]]:
    """A year's table, and what happened to an account around that year."""
    charges = draw(tables())
    return charges, draw(st.lists(states(charges.year), max_size=6))


@st.composite
def households(draw: st.DrawFn) -> list[Resident]:
    """Who lives in a home, some of them disregarded for a while."""
    some_day = st.dates(date(2024, 1, 1), date(2027, 12, 31))
    spell = st.tuples(st.sampled_from(DISREGARDS), some_day, st.none() | st.integers(0, 700)).map(
        lambda made: Spell(made[0].code, made[1], None if made[2] is None else made[1] + timedelta(days=made[2]))
    )
    resident = st.builds(Resident, st.none() | some_day, st.lists(spell, max_size=2).map(tuple))
    return draw(st.lists(resident, max_size=5))
