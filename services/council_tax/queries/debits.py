"""What a resident asked about a Direct Debit, and what will be collected."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select

from portal.kit import Account as Resident
from portal.kit import Case, NotFound, clock, get_case, session
from services.council_tax.backoffice.values import Account, DirectDebit
from services.council_tax.models import AskedChange
from services.council_tax.rules.debit_plan import Collection as Collected
from services.council_tax.rules.debit_plan import ToCome, collections, last_with_the_bank
from services.council_tax.workflow import SERVICE

_ASKED = select(AskedChange).where(
    AskedChange.case_id == bindparam("case"), AskedChange.account_id == bindparam("account")
)


@dataclass(frozen=True, slots=True)
class AskedDebit:
    """An instruction that was sent, or (`ends`) the wish to end one."""

    case: Case
    reference: str
    asked_on: date
    ends: bool
    payer_name: str = ""
    account_ending: str = ""
    day: int = 0


def get_asked_debit(resident: Resident, reference: str, case_reference: str) -> AskedDebit:
    """What the resident asked about the Direct Debit of this account. Raises NotFound."""
    case, row = asked_row(resident, reference, case_reference, kinds=("direct_debit", "direct_debit_end"))
    asked_on = row.created_at.astimezone(clock.LOCAL).date()
    if row.kind == "direct_debit_end":
        return AskedDebit(case, reference, asked_on, ends=True)
    told = row.change
    return AskedDebit(case, reference, asked_on, False, told["payer_name"], told["account_ending"], told["day"])


def plan_of(account: Account, asked_on: date, day: int) -> Sequence[Collected]:
    """The payments of the account's year as they will be collected on that day of the month: not what the bank has of
    a former instruction."""
    debit, with_bank = account.direct_debit, last_with_the_bank(asked_on)
    to_come = (
        ToCome(one.due_on, one.pence - one.paid)
        for one in account.instalments
        if one.state not in ("paid", "cancelled", "late")
        and not (debit and is_collected(debit, one.due_on) and one.due_on <= with_bank)
    )
    return collections(to_come, asked_on, day, account.year)


def is_collected(debit: DirectDebit, due_on: date) -> bool:
    """Whether a payment of that day is collected: an instruction that ends may still be with the bank once."""
    if debit.state == "ending":
        return debit.last_on is not None and due_on <= debit.last_on
    return debit.state in ("being_set_up", "active")


def all_due_pence(account: Account) -> int:
    """What is due at once, in pence, because reminders went unheeded: nothing is left to be paid by instalments.

    SI 1992/613 reg 23(3). 0 for an account that is paid as billed.
    """
    lost = any(one.state == "cancelled" and one.paid < one.pence for one in account.instalments)
    return max(account.balance, 0) if lost else 0


def late_pence(account: Account) -> int:
    """What should have been paid already, in pence: a Direct Debit does not collect it."""
    return sum(one.pence - one.paid for one in account.instalments if one.state == "late")


def asked_row(
    resident: Resident, reference: str, case_reference: str, *, kinds: Collection[str]
) -> tuple[Case, AskedChange]:
    """The case and what was asked in it, of these kinds and for this account. Raises NotFound."""
    case = get_case(resident.id, case_reference)
    row = session().scalar(_ASKED, {"case": case.id, "account": resident.id}) if case.service == SERVICE else None
    if row is None or row.reference != reference or row.kind not in kinds:
        raise NotFound
    return case, row
