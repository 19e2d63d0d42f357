"""An account as its pages show it: what is owed, what comes next, the statement, and a person's other properties."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from portal.kit import Account as Resident
from portal.kit import Answer, JoinedRecord, Unavailable, ask_office, clock, joined_records
from services.council_tax.backoffice.client import SERVICE, system
from services.council_tax.backoffice.values import Account, AccountLine, Accounts, Instalment, Person, Statement
from services.council_tax.queries.bills import get_own
from services.council_tax.queries.debits import all_due_pence, is_collected

T = TypeVar("T")
AT_ONCE: Final = 25
MOST_PROPERTIES: Final = 20
_MARK: Final = re.compile(r"[A-Za-z0-9_.:=-]{0,60}")
OPEN: Final = ("due", "late", "part_paid", "future")


@dataclass(frozen=True, slots=True)
class Glance:
    """What somebody in a hurry wants to know. Pence; `next_on` is None when nothing more is to be paid this year.

    `late` is what should have been paid already. `credit` is what the council owes them.
    """

    owed: int
    credit: int
    late: int
    next_pence: int
    next_on: date | None
    all_due: int
    """What is to be paid at once, because no payment to come is left for it. 0 while there are payments."""
    collected: bool
    """Whether the next payment is collected by Direct Debit, so that they need do nothing."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing is owed at all."""
        return self.owed == 0


def glance(account: Account) -> Glance:
    """The account in a few figures."""
    late = sum(one.pence - one.paid for one in account.instalments if one.state == "late")
    coming = next((one for one in account.instalments if one.state in OPEN and one.state != "late"), None)
    next_on, next_pence = (coming.due_on, coming.pence - coming.paid) if coming else (None, 0)
    owed, debit = max(account.balance, 0), account.direct_debit
    all_due = all_due_pence(account) or (0 if late or coming else owed)
    collected = bool(debit and debit.next_on and not all_due and is_collected(debit, debit.next_on))
    if collected and debit is not None:
        next_on, next_pence = debit.next_on, debit.next_pence
    return Glance(
        owed=owed,
        credit=max(-account.balance, 0),
        late=late,
        next_pence=next_pence,
        next_on=next_on,
        all_due=all_due,
        collected=collected,
    )


def own_records(resident: Resident) -> Sequence[JoinedRecord]:
    """The council tax accounts that the resident has joined."""
    return joined_records(resident, SERVICE)


def ask_statement(resident: Resident, reference: str, after: str) -> Answer[Statement]:
    """One page of the statement, newest first. Only the first page is kept for when the system is away."""
    person = get_own(resident, reference).person_key
    mark = after if _MARK.fullmatch(after) else ""
    if mark:
        return _unkept(lambda: system().statement(person, reference, after=mark, limit=AT_ONCE))
    return ask_office(
        resident.id,
        service=SERVICE,
        key=f"statement:{reference}",
        question=lambda: system().statement(person, reference, limit=AT_ONCE),
        kind=Statement,
    )


def properties_key(record: JoinedRecord) -> str:
    """Under which the last good list of this record's person is kept."""
    return f"properties:{record.person_key}"


def ask_properties(resident: Resident, record: JoinedRecord, after: str = "") -> Answer[Accounts]:
    """All that the system has in the name of this record's person, open ones first, some at a time."""
    mark = after if _MARK.fullmatch(after) else ""
    if mark:
        return _unkept(lambda: system().accounts(record.person_key, after=mark, limit=MOST_PROPERTIES))
    return ask_office(
        resident.id,
        service=SERVICE,
        key=properties_key(record),
        question=lambda: system().accounts(record.person_key, limit=MOST_PROPERTIES),
        kind=Accounts,
    )


def _unkept(question: Callable[[], T]) -> Answer[T]:
    """Now or not at all: whoever makes up addresses of further pages fills no table."""
    try:
        return Answer(question(), clock.now(), fresh=True)
    except Unavailable:
        return Answer(None, None, fresh=False)


def shown_lines(lines: Sequence[AccountLine], joined: Collection[str]) -> Sequence[AccountLine]:
    """But for addresses that are kept from others and that the resident has not shown to be theirs."""
    return [line for line in lines if line.reference in joined or not line.protected]


def people_now(account: Account) -> Sequence[Person]:
    """Who is on the account today."""
    today = clock.today()
    return [one for one in account.people if one.until_on is None or one.until_on > today]


def unpaid(one: Instalment) -> int:
    """What is left to pay of an instalment, in pence."""
    return max(one.pence - one.paid, 0)


def besides(account: Account) -> int:
    """What is late beside what the next step of recovery is about, in pence: other years, what agents have, costs."""
    recovery = account.recovery
    if recovery is None or recovery.next_step is None or recovery.pay_by_on is None:
        return 0
    later = sum(unpaid(one) for one in account.instalments if one.state in OPEN and one.due_on > recovery.pay_by_on)
    return max(account.balance - recovery.pay_pence - later, 0)
