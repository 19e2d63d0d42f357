"""Each night: note the days of which residents want to be reminded, account by account, so that morning is quick."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert

from portal.kit import JoinedRecord, NotFound, clock, job, joined_after, session
from services.council_tax.backoffice.client import system
from services.council_tax.models import DayAhead
from services.council_tax.queries.days import days_of
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
    days = [day for record in found for day in _days(record)]
    upto = found[-1].account_id if found else LAST
    session().execute(_NOTED_BEFORE, {"after": UUID(after), "upto": upto})
    if days:
        session().execute(insert(DayAhead), days)
    if found:
        portion.defer(after=str(upto))


def _days(record: JoinedRecord) -> Sequence[Mapping[str, Any]]:  # the columns of a row
    try:
        account = system(patient=True).account(record.person_key, record.key)
    except NotFound:  # the system no longer knows them on it
        return ()
    return [
        {"account_id": record.account_id, "reference": record.key, "key": day.key, "on": day.on}
        for day in days_of(account, clock.today())
        if day.reminds
    ]
