"""What a council's system does by night: bills of a new year, collections by Direct Debit, steps of recovery.

Done when an account is first asked for on a day: the stand-in has no night, and `account.kept_on` says that it is done.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from services.council_tax.rules.years import first_day, last_day, year_of
from services.council_tax.standin import billing, charging, debits, deciding, leaving, records, recovery
from services.council_tax.standin.behaviour import Behaviour
from services.council_tax.standin.store import account

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type
ANNUAL: Final = timedelta(days=21)
"""How long before the year its bills go out."""
_BEHIND = (
    select(account.c.reference)
    .where(account.c.reference.in_(bindparam("refs", expanding=True)), account.c.kept_on < bindparam("today"))
    .order_by(account.c.reference)
    .with_for_update()
)
_KEPT = update(account).where(account.c.reference == bindparam("ref")).values(kept_on=bindparam("today"))


def up_to_date(
    db: Connection, person_id: str, reference: str, *, told: Behaviour, today: date, now: datetime, lock: bool = False
) -> AnyRow:
    """The row of somebody's account, after all that was due has been done. Raises Fault when it is not theirs."""
    row = records.own(db, person_id, reference, lock=lock)
    leaving.check(db, row, person_id, today)
    decided = deciding.decide_due(db, told, today, now, reference=reference)
    if row.kept_on >= today:
        return records.own(db, person_id, reference) if decided else row
    records.own(db, person_id, reference, lock=True)
    keep(db, reference, today)
    return records.own(db, person_id, reference)


def catch_up(db: Connection, references: Sequence[str], today: date) -> bool:
    """Do what is due on accounts that are only listed; whether there was anything."""
    behind = db.execute(_BEHIND, {"refs": references, "today": today}).scalars().all()
    for reference in behind:
        keep(db, reference, today)
    return bool(behind)


def keep(db: Connection, reference: str, today: date) -> None:
    """Do what is due on one account, which is locked."""
    row = records.row_of(db, reference)
    for year in range(row.billed_year + 1, year_of(today) + 1):
        if charging.find_published(year) is not None and (row.closed_on is None or year_of(row.closed_on) >= year):
            debits.collect(db, reference, min(today, last_day(row.billed_year)))
            billing.bill_year(db, reference, year, issued_on=first_day(year) - ANNUAL)
    debits.collect(db, reference, today)
    recovery.take_steps(db, reference, year_of(today), row.kept_on, today)
    db.execute(_KEPT, {"ref": reference, "today": today})
