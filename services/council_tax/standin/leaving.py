"""Who pays on an account still, and who has left it while others stayed: it is none of theirs any more."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from services.council_tax.backoffice.values import Person
from services.council_tax.standin import records
from services.council_tax.standin.faults import nothing_there

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type


def check(db: Connection, row: AnyRow, person_id: str, today: date) -> None:
    """Raises Fault for somebody who left before today, unless the account was closed by that."""
    mine = next(each for each in records.people(db, row.reference) if each.id == person_id)
    left_on = mine.until_on
    if left_on is not None and left_on < today and (row.closed_on is None or left_on < row.closed_on):
        raise nothing_there()


def payers(db: Connection, row: AnyRow) -> Sequence[Person]:
    """Who pays: those who are on the account, or were to its end. An agent only acts for them."""
    return [
        each
        for each in records.people(db, row.reference)
        if each.role != "agent" and each.until_on in (None, row.closed_on)
    ]


def is_alone(db: Connection, row: AnyRow, person_id: str) -> bool:
    """Whether this person pays, and nobody else does. An account on which nobody is left is nobody's own."""
    return {each.id for each in payers(db, row)} == {person_id}
