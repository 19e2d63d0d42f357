"""Each night, account by account: note the days of which residents want to be reminded, so that morning is quick, and
tell them of what has ended or is to be looked at again."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert

from portal.kit import JoinedRecord, NotFound, clock, get_account, job, joined_after, session, tell
from services.council_tax.backoffice.client import system
from services.council_tax.backoffice.values import Account
from services.council_tax.models import DayAhead
from services.council_tax.queries.days import days_of
from services.council_tax.queries.ends import ends_of
from services.council_tax.workflow import SERVICE

AT_ONCE: Final = 100
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
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

    What was noted before goes, also of residents in between who have no account any more. While the system is away,
    the job is tried again later, and the days of last night stay. Raises Unavailable.
    """
    found = joined_after(SERVICE, UUID(after), AT_ONCE)
    accounts = [(record, account) for record in found if (account := _account(record)) is not None]
    days = [day for record, account in accounts for day in _days(record, account)]
    upto = found[-1].account_id if found else LAST
    session().execute(_NOTED_BEFORE, {"after": UUID(after), "upto": upto})
    if days:
        session().execute(insert(DayAhead), days)
    for record, account in accounts:
        _tell_ends(record, account)
    if found:
        portion.defer(after=str(upto))


def _account(record: JoinedRecord) -> Account | None:
    try:
        return system(patient=True).account(record.person_key, record.key)
    except NotFound:  # the system no longer knows them on it
        return None


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
