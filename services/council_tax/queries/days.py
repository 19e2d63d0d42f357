"""The days of an account that matter: payments, a Direct Debit's collections, reviews, the last day before a step."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import Account as Resident
from portal.kit import CalendarEntry, NotFound, Reminder, Unavailable, clock, last_answer, money, session
from portal.kit import gettext as _
from services.council_tax.backoffice.values import Account, Instalment
from services.council_tax.models import DayAhead
from services.council_tax.queries.accounts import own_records, unpaid
from services.council_tax.queries.bills import account_key, ask_account
from services.council_tax.queries.debits import is_collected
from services.council_tax.rules.naming import adjustment_called
from services.council_tax.workflow import SERVICE

MOST_ACCOUNTS: Final = 10
"""Whose days are in one resident's calendar; a landlord of more has the list."""
ASKS_FOR: Final = 0.4
"""Seconds within which accounts are asked for, one after another: the page waits for one second."""
RECENT: Final = timedelta(minutes=10)
"""What was told so lately is not asked again: with a slow system, days that came too late are there the next time."""
FIRST: Final = UUID(int=0)
_PEOPLE = (
    select(DayAhead.account_id)
    .where(DayAhead.on == bindparam("day"), DayAhead.account_id > bindparam("after"))
    .distinct()
    .order_by(DayAhead.account_id)
    .limit(bindparam("many"))
    .subquery()
)
_THEIRS = (
    select(DayAhead.account_id, DayAhead.reference, DayAhead.key)
    .where(DayAhead.on == bindparam("day"), DayAhead.account_id.in_(select(_PEOPLE)))
    .order_by(DayAhead.account_id, DayAhead.reference, DayAhead.key)
)


@dataclass(frozen=True, slots=True)
class Day:
    """One day. `reminds`: whether somebody must do something for it."""

    key: str
    on: date
    title: str
    kind: Literal["payment", "deadline"]
    reminds: bool


def days_of(account: Account, today: date) -> Sequence[Day]:
    """What is to come of an account, the next first."""
    days = [*_payments(account), *_reviews(account), *_last_chance(account)]
    return sorted((day for day in days if day.on >= today), key=lambda day: (day.on, day.key))


def calendar(resident: Resident) -> Sequence[CalendarEntry]:
    """For the calendar's page and feed; while the system is away or slow, as it last told us.

    Raises Unavailable when it has never told us of one of the accounts: days are not left out unsaid.
    """
    until = time.monotonic() + ASKS_FOR
    entries: list[CalendarEntry] = []
    records = own_records(resident)
    for record in records[:MOST_ACCOUNTS]:
        url = f"/services/council_tax/accounts/{record.key}/instalments"
        with suppress(NotFound):  # the system does not show it to them any more: it has no days
            told = _told(resident, record.key, until)
            which = f" ({_home(told)})" if len(records) > 1 else ""
            entries += [
                CalendarEntry(
                    on=day.on, title=f"{day.title}{which}", url=url, kind=day.kind, key=f"{record.key}:{day.key}"
                )
                for day in days_of(told, clock.today())
            ]
    return entries


def _home(account: Account) -> str:
    """Which home it is, as its people call it; by its number where the address is kept from others: a feed is read on
    many a screen."""
    lines = account.property.lines
    return lines[0] if lines and not account.protected else account.reference


def reminders(on: date, after: UUID | None, limit: int) -> Sequence[Reminder]:
    """Whom to remind of that day, for the next `limit` accounts after one."""
    asked = {"day": on, "after": after or FIRST, "many": limit}
    return [
        Reminder(
            account_id=row.account_id,
            key=f"{row.reference}:{row.key}",
            on=on,
            url=f"/services/council_tax/accounts/{row.reference}/instalments",
        )
        for row in session().execute(_THEIRS, asked)
    ]


def _told(resident: Resident, reference: str, until: float) -> Account:
    """The account as it was told lately; asked once more while there is time, or when it was never told."""
    last = last_answer(resident.id, service=SERVICE, key=account_key(reference), kind=Account)
    is_recent = last.as_of_at is not None and clock.now() - last.as_of_at < RECENT
    if last.value is not None and (is_recent or time.monotonic() > until):
        return last.value
    found = ask_account(resident, reference).value
    if found is None:
        raise Unavailable
    return found


def _payments(account: Account) -> Sequence[Day]:
    return [
        _payment(account, one) for one in account.instalments if unpaid(one) and one.state not in ("paid", "cancelled")
    ]


def _payment(account: Account, one: Instalment) -> Day:
    debit, key, amount = account.direct_debit, f"payment-{account.year}-{one.number}", money(unpaid(one))
    if debit is not None and debit.next_on is not None and is_collected(debit, one.due_on):
        return Day(key, one.due_on, _("Council tax: we collect %(amount)s", amount=amount), "payment", reminds=False)
    return Day(key, one.due_on, _("Council tax: pay %(amount)s", amount=amount), "payment", reminds=True)


def _reviews(account: Account) -> Sequence[Day]:
    return [
        Day(
            f"review-{one.id}"[:80],
            one.review_on,
            _("Council tax: we ask whether this still applies: %(what)s", what=adjustment_called(one.kind, one.code)),
            "deadline",
            reminds=True,
        )
        for one in account.adjustments
        if one.review_on is not None and one.until_on is None and account.closed_on is None
    ]


def _last_chance(account: Account) -> Sequence[Day]:
    recovery = account.recovery
    if recovery is None or recovery.next_step is None or recovery.pay_by_on is None:
        return ()
    title = _("Council tax: last day to pay %(amount)s before the next step", amount=money(recovery.pay_pence))
    return (
        Day(f"step-{recovery.next_step}-{recovery.pay_by_on}", recovery.pay_by_on, title, "deadline", reminds=True),
    )
