"""The accounts of the demo's people, lived through from the day on which they began until today.

Ada and Ben share a home, Carys's address is kept from others, Edwin is behind with his payments, Gita lets several
homes. Devi has no account, and Fern, who has just moved in, has none yet: the home that she will name is free.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, text, update

from services.council_tax.backoffice.values import BillKind
from services.council_tax.rules.premiums import empty_premiums
from services.council_tax.rules.years import first_day, last_day, year_of
from services.council_tax.standin import (
    billing,
    charging,
    debits,
    dwellings,
    instalments,
    ledger,
    moves,
    records,
    recovery,
)
from services.council_tax.standin.keeping import ANNUAL
from services.council_tax.standin.opening import Granted, Opening, Someone, open_account
from services.council_tax.standin.store import account, debit

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type
ADA_BEN: Final = "71000101"
CARYS: Final = "71000202"
EDWIN: Final = "71000303"
GITA: Final = ("71000404", "71000405", "71000406", "71000407", "71000408", "71000409")
PERSON: Final = {key: f"person-{key}" for key in ("ada", "ben", "carys", "edwin", "gita")}
BEHIND: Final = timedelta(days=45)
"""For how long Edwin has paid nothing."""
WATCHED: Final = timedelta(days=100)
_LOCK = text("select pg_advisory_xact_lock(hashtext('council_tax_standin demo'))")


@dataclass(frozen=True, slots=True)
class Life:
    """How somebody has paid: by Direct Debit, or each payment for which `pays` says so."""

    opening: Opening
    many: int = 10
    collected: bool = False
    pays: Callable[[AnyRow], bool] = lambda _due: True
    all_at_once: bool = False
    watched: bool = False
    """Whether steps of recovery were taken in the last months."""
    left_on: date | None = None


def seed(db: Connection, today: date) -> None:
    """Let them have lived until today, unless they are there."""
    db.execute(_LOCK)
    if db.execute(select(account.c.reference).where(account.c.reference == ADA_BEN)).first() is not None:
        return
    for life in (_ada_and_ben(today), _carys(today), _edwin(today), *_gita(today)):
        _live(db, life, today)


def _ada_and_ben(today: date) -> Life:
    people = (
        Someone(PERSON["ada"], "Ada Example", "joint", e_billing=True),
        Someone(PERSON["ben"], "Ben Sample", "joint"),
    )
    return Life(Opening(dwellings.at("W6 9JU")[0], people, _ago(today, 3, 6, 14), ADA_BEN, day=1), collected=True)


def _carys(today: date) -> Life:
    began = _ago(today, 2, 9, 2)
    granted = (Granted("band_reduction", "room", began, review_on=_ago(today, -1, 4, 1)),)
    people = (Someone(PERSON["carys"], "Carys Enghraifft", e_billing=True),)
    opening = Opening(dwellings.at("W14 0AA")[0], people, began, CARYS, day=25, protected=True, granted=granted)
    return Life(opening, many=12, collected=True)


def _edwin(today: date) -> Life:
    """One payment of three years ago is still owed, and nothing has been paid for some weeks."""
    began, oldest = _ago(today, 3, 4, 1), year_of(today) - 3
    granted = (Granted("discount", "single_person", began, review_on=today + timedelta(days=60)),)
    people = (Someone(PERSON["edwin"], "Edwin Specimen"),)
    opening = Opening(dwellings.at("SW6 1AA")[0], people, began, EDWIN, granted=granted)
    return Life(
        opening,
        many=12,
        pays=lambda due: due.due_on < today - BEHIND and not (due.year == oldest and due.number == 10),
        watched=True,
    )


def _gita(today: date) -> tuple[Life, ...]:
    """Her home, four that she lets and that nobody lives in for now, and one that she has sold."""
    owner, landlord = (
        Someone(PERSON["gita"], "Gita Placeholder"),
        Someone(PERSON["gita"], "Gita Placeholder", "landlord"),
    )
    street, home = dwellings.at("W14 9HE"), dwellings.at("W6 9JX")[0]
    to_her = (*home.lines, home.postcode)
    long_ago, empty_since = _ago(today, 3, 5, 1), _ago(today, 2, 7, 1)
    granted = {
        1: (Granted("premium", "long_term_empty", empty_premiums(empty_since)[0][0], percent=100),),
        2: (Granted("premium", "second_home", max(date(2025, 4, 1), long_ago), percent=100),),
        3: (Granted("local", "empty", today - timedelta(days=40), today - timedelta(days=11)),),
    }
    began = {1: empty_since, 2: long_ago, 3: today - timedelta(days=40), 4: today - timedelta(days=9), 5: long_ago}
    let = tuple(
        Life(
            Opening(street[nth], (landlord,), began[nth], GITA[nth], send_to=to_her, granted=granted.get(nth, ())),
            all_at_once=nth == 5,
            left_on=today - timedelta(days=40) if nth == 5 else None,
        )
        for nth in range(1, 6)
    )
    return (Life(Opening(home, (owner,), _ago(today, 3, 8, 20), GITA[0], day=15), collected=True), *let)


def _live(db: Connection, life: Life, today: date) -> None:
    """Bill each year, and pay as they pay."""
    opening = life.opening
    reference = open_account(db, opening, today)
    db.execute(
        update(account)
        .where(account.c.reference == reference)
        .values(many=life.many, method="direct_debit" if life.collected else "card")
    )
    if life.collected:
        _instruct(db, opening)
    for year in range(year_of(opening.opened_on), year_of(today) + 1):
        if charging.find_published(year) is None:
            continue
        annual = first_day(year) - ANNUAL
        kind: BillKind = "annual" if opening.opened_on < annual else "new_account"
        issued_on = max(annual, opening.opened_on)
        billing.bill_year(db, reference, year, issued_on=issued_on, kind=kind)
        _pay_year(db, life, reference, year, min(today, last_day(year)), today)
    if life.left_on is not None:
        home = opening.send_to or ()
        moves.close(db, records.row_of(db, reference), life.left_on, home, life.left_on + timedelta(days=5))


def _pay_year(db: Connection, life: Life, reference: str, year: int, until_on: date, today: date) -> None:
    if life.collected:
        debits.collect(db, reference, until_on)
        return
    plan = [each for each in instalments.read(db, reference, year) if each.due_on <= until_on]
    whole = sum(each.pence for each in instalments.read(db, reference, year))
    for nth, due in enumerate(plan):
        pence = (whole if nth == 0 else 0) if life.all_at_once else due.pence
        if pence and life.pays(due):
            ledger.take(db, reference, pence=pence, on=due.due_on, year=year, kind="payment")
    if life.watched:
        recovery.take_steps(db, reference, year, max(first_day(year), today - WATCHED), until_on)


def _instruct(db: Connection, opening: Opening) -> None:
    """A Direct Debit from the beginning."""
    values = {
        "id": f"debit-{opening.reference}",
        "reference": opening.reference,
        "state": "active",
        "day": opening.day,
        "payer_name": opening.people[0].name,
        "account_ending": opening.reference[-2:],
        "first_on": opening.opened_on,
        "made_at": datetime.combine(opening.opened_on, time(9), UTC),
    }
    db.execute(insert(debit), values)


def _ago(today: date, years: int, month: int, day: int) -> date:
    """That day of the year that began so many years before this one."""
    year = year_of(today) - years
    return date(year if month >= 4 else year + 1, month, day)
