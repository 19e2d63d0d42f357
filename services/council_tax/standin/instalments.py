"""The payments of a year: planned when a bill is issued, planned anew when the charge or the days change."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from services.council_tax.backoffice.values import Instalment
from services.council_tax.rules.allocation import state_of
from services.council_tax.rules.instalments import Due
from services.council_tax.standin import ledger
from services.council_tax.standin.store import instalment

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type

_READ = (
    select(instalment)
    .where(instalment.c.reference == bindparam("ref"), instalment.c.year == bindparam("year"))
    .order_by(instalment.c.number)
)
_DROP = delete(instalment).where(instalment.c.reference == bindparam("ref"), instalment.c.year == bindparam("year"))
_CANCEL = (
    update(instalment)
    .where(
        instalment.c.reference == bindparam("ref"),
        instalment.c.year == bindparam("in_year"),
        instalment.c.paid < instalment.c.pence,
    )
    .values(cancelled=True)
)


def read(db: Connection, reference: str, year: int) -> Sequence[AnyRow]:
    """The rows of a year's payments, in order."""
    return db.execute(_READ, {"ref": reference, "year": year}).all()


def dues(rows: Sequence[AnyRow]) -> tuple[Due, ...]:
    """The payments as the rules know them."""
    return tuple(Due(each.number, each.due_on, each.pence) for each in rows)


def paid_ones(rows: Sequence[AnyRow], most: int) -> tuple[Due, ...]:
    """What was paid, as payments that came to just that, up to `most` in all: what is beyond is a credit."""
    found = []
    for each in rows:
        pence = min(each.paid, most)
        most -= pence
        if pence > 0:
            found.append(Due(each.number, each.due_on, pence))
    return tuple(found)


def write(db: Connection, reference: str, year: int, planned: Sequence[Due]) -> None:
    """These payments and no others; what was paid falls to them anew."""
    db.execute(_DROP, {"ref": reference, "year": year})
    rows = [
        {"reference": reference, "year": year, "number": number, "due_on": each.on, "pence": each.pence, "paid": 0}
        for number, each in enumerate(sorted(planned, key=lambda one: one.on), 1)
    ]
    if rows:
        db.execute(insert(instalment), rows)
    ledger.allot(db, reference, year)


def cancel(db: Connection, reference: str, year: int) -> None:
    """The right to pay by instalments is lost: SI 1992/613 reg 23(3). What is owed is owed at once."""
    db.execute(_CANCEL, {"ref": reference, "in_year": year})


def with_states(rows: Sequence[AnyRow], today: date) -> tuple[Instalment, ...]:
    """Each payment with where it stands today."""
    return tuple(
        Instalment.model_validate(
            {
                "number": each.number,
                "due_on": each.due_on,
                "pence": each.pence,
                "paid": each.paid,
                "state": _state(each, today),
            }
        )
        for each in rows
    )


def _state(row: AnyRow, today: date) -> str:
    if row.cancelled and row.paid < row.pence:
        return "cancelled"
    return state_of(Due(row.number, row.due_on, row.pence), row.paid, today)
