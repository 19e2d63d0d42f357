"""Forget a resident, and who asked for what so long ago that nobody will ask."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from portal.kit import Account, NotFound, clock, delete_file, job, session
from services.council_tax.models import AskedChange, CardPayment, DayAhead
from services.council_tax.operations import card_payments
from services.council_tax.workflow import KEPT_DAYS

AT_ONCE: Final = 500
WITHOUT_THE_PERSON: Final[dict[str, Any]] = {  # columns of four types
    "account_id": None,
    "reference": "",
    "change": {},
    "files": [],
}


def forget(account: Account) -> None:
    """Keep that something was asked, for the figures; who asked and for what goes, the evidence with it."""
    _let_go_of(AskedChange.account_id == account.id)
    session().execute(delete(DayAhead).where(DayAhead.account_id == account.id))
    card_payments.tell_before_forgetting(account)
    session().execute(update(CardPayment).where(CardPayment.account_id == account.id).values(account_id=None))


def claim(source: UUID, account: Account) -> None:
    """What staff sent in under `source` for somebody who has claimed it since is that resident's own."""
    for table in (AskedChange, CardPayment):
        session().execute(update(table).where(table.account_id == source).values(account_id=account.id))


@job("council_tax.let_go", cron="47 3 * * *")
def let_go() -> None:
    """Each night: forget who asked for what was closed six years ago, and payments that were booked as long ago."""
    before = clock.now() - timedelta(days=KEPT_DAYS)
    _let_go_of(AskedChange.closed_at < before)
    session().execute(delete(CardPayment).where(CardPayment.ended_at < before))


def _let_go_of(which: ColumnElement[bool]) -> None:
    some = select(AskedChange.case_id, AskedChange.account_id, AskedChange.files)
    some = some.where(which, AskedChange.account_id.is_not(None)).limit(AT_ONCE)
    while rows := session().execute(some).all():
        for row in rows:
            for file_id in row.files:
                with suppress(NotFound):  # gone already
                    delete_file(row.account_id, file_id)
        ids = [row.case_id for row in rows]
        session().execute(update(AskedChange).where(AskedChange.case_id.in_(ids)).values(WITHOUT_THE_PERSON))
