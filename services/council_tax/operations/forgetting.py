"""Forget a resident, and who asked for what so long ago that nobody will ask."""

from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, select, update

from portal.kit import Account, NotFound, delete_file, session
from services.council_tax.models import AskedChange, CardPayment, DayAhead
from services.council_tax.operations import card_payments

AT_ONCE: Final = 500
WITHOUT_THE_PERSON: Final[dict[str, Any]] = {  # columns of four types
    "account_id": None,
    "reference": "",
    "change": {},
    "files": [],
}
_PAID = (
    select(CardPayment.line_id)
    .where(CardPayment.ended_at < bindparam("before"))
    .order_by(CardPayment.ended_at, CardPayment.line_id)
    .limit(AT_ONCE)
)


def forget(account: Account) -> None:
    """Keep that something was asked, for the figures; who asked and for what goes, the evidence with it."""
    while _some(AskedChange.account_id == account.id):
        pass
    session().execute(delete(DayAhead).where(DayAhead.account_id == account.id))
    card_payments.tell_before_forgetting(account)
    session().execute(update(CardPayment).where(CardPayment.account_id == account.id).values(account_id=None))


def claim(source: UUID, account: Account) -> None:
    """What staff sent in under `source` for somebody who has claimed it since is that resident's own."""
    for table in (AskedChange, CardPayment):
        session().execute(update(table).where(table.account_id == source).values(account_id=account.id))


def let_go_of_changes(before: datetime) -> int:
    """Forget who asked for some of what was closed before that moment."""
    return _some(AskedChange.closed_at < before)


def let_go_of_payments(before: datetime) -> int:
    """Delete some of the payments that were booked, or given back, before that moment."""
    gone = session().scalars(_PAID, {"before": before}).all()
    session().execute(delete(CardPayment).where(CardPayment.line_id.in_(gone)))
    return len(gone)


def _some(which: ColumnElement[bool]) -> int:
    some = select(AskedChange.case_id, AskedChange.account_id, AskedChange.files)
    some = some.where(which, AskedChange.account_id.is_not(None)).order_by(AskedChange.closed_at, AskedChange.case_id)
    rows = session().execute(some.limit(AT_ONCE)).all()
    for row in rows:
        for file_id in row.files:
            with suppress(NotFound):  # gone already
                delete_file(row.account_id, file_id)
    ids = [row.case_id for row in rows]
    session().execute(update(AskedChange).where(AskedChange.case_id.in_(ids)).values(WITHOUT_THE_PERSON))
    return len(rows)
