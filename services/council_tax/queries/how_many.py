"""What ten or twelve payments a year would come to, and what somebody asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from portal.kit import Account as Resident
from portal.kit import Case
from services.council_tax.backoffice.values import Account
from services.council_tax.queries.debits import asked_row
from services.council_tax.rules.instalments import Due, due_dates, spread

FIRST_OF_THE_MONTH: Final = 1


@dataclass(frozen=True, slots=True)
class AskedHowMany:
    """The choice that was sent."""

    case: Case
    many: Literal[10, 12]


def get_asked_how_many(resident: Resident, reference: str, case_reference: str) -> AskedHowMany:
    """What the resident asked of the payments of this account. Raises NotFound."""
    case, row = asked_row(resident, reference, case_reference, kinds=("instalments",))
    return AskedHowMany(case, 12 if row.change["many"] == 12 else 10)


def plans(account: Account, asked_on: date) -> Mapping[Literal[10, 12], Sequence[Due]]:
    """The payments that are left of the account's year with each number: with the one that it has, as they are."""
    now = account.many
    other: Literal[10, 12] = 10 if now == 12 else 12
    coming = [one for one in account.instalments if one.due_on > asked_on and one.state not in ("paid", "cancelled")]
    as_now = [Due(number, one.due_on, one.pence - one.paid) for number, one in enumerate(coming, 1)]
    return {now: as_now, other: would_be(account, asked_on, other)}


def would_be(account: Account, asked_on: date, many: Literal[10, 12]) -> Sequence[Due]:
    """The payments that would be left of the account's year: what is not due yet, spread anew. Empty: nothing is left.

    An estimate: the council's system makes the plan.
    """
    left = sum(one.pence - one.paid for one in account.instalments if one.due_on > asked_on and one.state != "paid")
    day = account.direct_debit.day if account.direct_debit else _day_of(account)
    days = due_dates(asked_on, account.year, many=many, day=day)
    return [
        Due(number, on, pence)
        for number, (on, pence) in enumerate(zip(days, spread(max(0, left), len(days)), strict=False), 1)
    ]


def _day_of(account: Account) -> int:
    """The day of the month on which the last payment falls."""
    return min(account.instalments[-1].due_on.day, 28) if account.instalments else FIRST_OF_THE_MONTH
