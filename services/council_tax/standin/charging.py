"""What an account is charged for a year, by the rules of council tax."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, Final

from sqlalchemy import Row

from services.council_tax.backoffice.values import Adjustment, Band, Part, Period, Published
from services.council_tax.rules.charges import BANDS, Charges
from services.council_tax.rules.discounts import BY_CODE as DISCOUNTS
from services.council_tax.rules.liability import SINGLE, Change, State, charge_for
from services.council_tax.rules.liability import Period as Priced
from services.council_tax.rules.published import DATA, load

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type
DAY: Final = timedelta(days=1)
TITLES: Final = {
    "borough": ("The council", "Y cyngor"),
    "adult_care": ("Adult social care", "Gofal cymdeithasol i oedolion"),
    "precept": ("Greater London Authority", "Awdurdod Llundain Fwyaf"),
}
"""As they stand on the bills of the demo's council, which lies in London."""


@dataclass(frozen=True, slots=True)
class Charged:
    """The charge of a year, the periods that make it, and what each adjustment (by its id) did: days and pence.

    `full` is the charge before any adjustment; with `by_code` it adds up to `pence`.
    """

    pence: int
    full: int
    by_code: dict[str, int]
    periods: tuple[Period, ...]
    done: dict[str, tuple[int, int]]


def charge(account: AnyRow, adjustments: Sequence[AnyRow], year: int) -> Charged:
    """What an account is charged for a year that was published."""
    priced = charge_for(_tables()[year], _states(account, adjustments))
    done: dict[str, tuple[int, int]] = {}
    periods = tuple(_period(each, adjustments, done) for each in priced.periods)
    by_code: dict[str, int] = {}
    for period in priced.periods:
        for reason in period.reasons:
            by_code[reason.code] = by_code.get(reason.code, 0) + reason.pence
    return Charged(priced.pence, sum(each.full_pence for each in priced.periods), by_code, periods, done)


def _states(account: AnyRow, adjustments: Sequence[AnyRow]) -> Iterable[State]:
    """How things are from each day on which something begins or ends."""
    days = {account.opened_on}
    for each in adjustments:
        days.add(max(each.since_on, account.opened_on))
        if each.until_on is not None:
            days.add(max(each.until_on + DAY, account.opened_on))
    for day in sorted(day for day in days if account.closed_on is None or day < account.closed_on):
        holds = [each for each in adjustments if _holds(each, day)]
        yield State(
            since_on=day,
            band=account.band,
            exemption=next((each.code for each in holds if each.kind == "exemption"), ""),
            band_reduction=any(each.kind == "band_reduction" for each in holds),
            changes=tuple(_change(each) for each in holds if each.kind not in ("exemption", "band_reduction")),
        )
    if account.closed_on is not None:  # the day of leaving is not charged to who leaves: LGFA 1992 s2
        yield State(since_on=account.closed_on, band=account.band, liable=False)


def _holds(adjustment: AnyRow, day: date) -> bool:
    return bool(adjustment.since_on <= day and (adjustment.until_on is None or day <= adjustment.until_on))


def _change(adjustment: AnyRow) -> Change:
    """What it does to a charge: as granted, or by the law of its code, or as a disregard that leaves one who counts."""
    if adjustment.percent:
        return Change(adjustment.kind, adjustment.code, rate=Fraction(adjustment.percent, 100))
    known = DISCOUNTS.get(adjustment.code)
    return Change(adjustment.kind, adjustment.code, rate=known.change().rate if known else SINGLE)


def _period(priced: Priced, adjustments: Sequence[AnyRow], done: dict[str, tuple[int, int]]) -> Period:
    """A period as a bill shows it; what each adjustment did in it is added to `done`."""
    shown = []
    for reason in priced.reasons:
        code = reason.code if reason.kind != "band_reduction" else None
        row = next(
            each
            for each in adjustments
            if each.kind == reason.kind and code in (None, each.code) and _holds(each, priced.since_on)
        )
        days, pence = done.get(row.id, (0, 0))
        done[row.id] = (days + priced.days, pence + reason.pence)
        value = Adjustment.model_validate({name: row._mapping[name] for name in Adjustment.model_fields})
        shown.append(value.model_copy(update={"days": priced.days, "pence": reason.pence}))
    return Period(
        since_on=priced.since_on,
        until_on=priced.until_on,
        days=priced.days,
        band=priced.band,
        pence=priced.pence,
        adjustments=tuple(shown),
    )


def find_published(year: int) -> Published | None:
    """What was set for a year, as the API says it; None where nothing was."""
    tables = _tables()
    if year not in tables:
        return None
    now, before = tables[year], tables.get(year - 1)
    return Published(
        year=year,
        parts=tuple(_part(each.code, now, before, "D") for each in now.parts),
        charges=dict(now.by_band),
        by_part={band: tuple(pence for _, pence in now.parts_of(band)) for band in BANDS},
    )


def parts_of(year: int, band: Band) -> tuple[Part, ...]:
    """Where the money of a band goes, with the change since the year before; nothing for a year that was not set."""
    tables = _tables()
    if year not in tables:
        return ()
    now, before = tables[year], tables.get(year - 1)
    return tuple(_part(each.code, now, before, band) for each in now.parts)


def _part(code: str, now: Charges, before: Charges | None, band: Band) -> Part:
    title, title_cy = TITLES[code]
    pence, former = dict(now.parts_of(band))[code], dict(before.parts_of(band)).get(code) if before else None
    percent = _percent(code, now, before, band) if former else None
    return Part(code=code, title=title, title_cy=title_cy, pence=pence, change_percent=percent)


def _percent(code: str, now: Charges, before: Charges | None, band: Band) -> Decimal | None:
    """By how much a part rose, to one place.

    Those of the council are measured against all that it set the year before, as SI 2011/3038 Sch 1 wants it for
    authorities with adult social care.
    """
    if before is None:
        return None
    was, is_now = dict(before.parts_of(band)), dict(now.parts_of(band))
    base = was["borough"] + was.get("adult_care", 0) if code in ("borough", "adult_care") else was[code]
    former = was[code] if "adult_care" in is_now else base  # from 2025 the council's is one line: SI 2025/8
    return (Decimal(is_now[code] - former) * 100 / base).quantize(Decimal("0.1"))


@cache
def _tables() -> dict[int, Charges]:
    """The demo council's tables of every year."""
    return {each.charges.year: each.charges for each in load(DATA / "demo_bands.csv")}
