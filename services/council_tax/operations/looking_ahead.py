"""Each night, account by account: note the days of which residents want to be reminded, so that morning is quick, and
tell them of what has ended or is to be looked at again."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, tuple_

from portal.kit import (
    JoinedRecord,
    NotFound,
    OfficeRefused,
    Unavailable,
    clock,
    get_account,
    job,
    joined_after,
    protect,
    session,
    tell,
)
from services.council_tax.backoffice.client import system
from services.council_tax.backoffice.values import Account
from services.council_tax.models import DayAhead
from services.council_tax.queries.days import days_of
from services.council_tax.queries.ends import ends_of
from services.council_tax.workflow import RECORD, SERVICE

AT_ONCE: Final = 100
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
_KEPT = (
    select(DayAhead.account_id, DayAhead.reference, DayAhead.key, DayAhead.on)
    .where(DayAhead.account_id > bindparam("after"), DayAhead.account_id <= bindparam("upto"))
    .where(tuple_(DayAhead.account_id, DayAhead.reference).in_(bindparam("untold", expanding=True)))
)
_NOTED_BEFORE = delete(DayAhead).where(
    DayAhead.account_id > bindparam("after"), DayAhead.account_id <= bindparam("upto")
)


@job("council_tax.look_ahead", cron="11 2 * * *")
def look_ahead() -> None:
    """Begin with the first accounts."""
    portion.defer(after=str(FIRST))


@job("council_tax.look_ahead_portion")
def portion(after: str) -> None:
    """Look at the next accounts, and ask for those that come after them.

    What was noted before goes, also of residents in between who have no account any more. What the system cannot tell
    of just now keeps the days of last night. When it can tell of none, it is away: the job is tried again later.
    Raises Unavailable.
    """
    found = joined_after(SERVICE, UUID(after), AT_ONCE)
    told, untold = _ask(found)
    if untold and len(untold) == len(found):
        raise Unavailable
    accounts = [(record, account) for record, account in told if account is not None]
    days = [day for record, account in accounts for day in _days(record, account)]
    upto = found[-1].account_id if found else LAST
    between = {"after": UUID(after), "upto": upto}
    kept = session().execute(_KEPT, between | {"untold": [(each.account_id, each.key) for each in untold]}).all()
    session().execute(_NOTED_BEFORE, between)
    if days or kept:
        session().execute(insert(DayAhead), [*days, *(row._asdict() for row in kept)])
    for record, account in accounts:
        _protect(record, account)
        _tell_ends(record, account)
    if found:
        portion.defer(after=str(upto))


def _ask(records: Sequence[JoinedRecord]) -> tuple[list[tuple[JoinedRecord, Account | None]], list[JoinedRecord]]:
    """Each account, None where the system no longer knows them on it; and those that it cannot tell of just now."""
    told: list[tuple[JoinedRecord, Account | None]] = []
    untold = []
    for record in records:
        try:
            told.append((record, system(patient=True).account(record.person_key, record.key)))
        except NotFound:
            told.append((record, None))
        except (Unavailable, OfficeRefused):
            untold.append(record)
    return told, untold


def _protect(record: JoinedRecord, account: Account) -> None:
    """What the system says of an address now counts, not what it said on joining."""
    if account.protected is not record.protected:
        protect(SERVICE, RECORD, record.key, protected=account.protected, actor="system:council_tax")


def _days(record: JoinedRecord, account: Account) -> Sequence[Mapping[str, Any]]:  # the columns of a row
    return [
        {"account_id": record.account_id, "reference": record.key, "key": day.key, "on": day.on}
        for day in days_of(account, clock.today())
        if day.reminds
    ]


def _tell_ends(record: JoinedRecord, account: Account) -> None:
    """Once for each: telling twice is telling once."""
    for end in ends_of(account, clock.today()):
        with suppress(NotFound):  # the resident closed theirs meanwhile
            tell(
                get_account(record.account_id),
                template=f"council_tax/mail/{end.letter}.txt",
                key=f"{end.letter}:{end.key}",
                path=f"/services/council_tax/accounts/{record.key}/discounts",
                reference=record.key,
            )
