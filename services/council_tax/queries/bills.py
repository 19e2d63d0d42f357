"""The bills of a joined account, from the council's system or as it last told us."""

import re
from dataclasses import replace
from typing import Final

from portal.kit import Account as Resident
from portal.kit import Answer, JoinedRecord, NotFound, ask_office, clock, get_joined
from services.council_tax.backoffice.client import SERVICE, system
from services.council_tax.backoffice.values import Account, Bill, BillLine
from services.council_tax.queries.forwarding import forwardings_of
from services.council_tax.workflow import REASONS

_BILL_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
Bills = tuple[BillLine, ...]


def get_own(resident: Resident, reference: str) -> JoinedRecord:
    """The resident's joined record of that reference. Raises NotFound, alike for another's and for none."""
    return get_joined(resident, SERVICE, reference)


def account_key(reference: str) -> str:
    """Under which name the account is remembered."""
    return f"account:{reference}"


def ask_account(resident: Resident, reference: str) -> Answer[Account]:
    """The account, now or as it last was.

    Raises NotFound, also for who has left it while others stayed: what came after that day is not theirs to see, and
    no change is theirs to ask for. Every page that asks for a change asks for the account first.
    """
    person = get_own(resident, reference).person_key
    answer = ask_office(
        resident.id,
        service=SERVICE,
        key=account_key(reference),
        question=lambda: _open_to(person, system().account(person, reference)),
        kind=Account,
    )
    if answer.value is not None:  # kept before the day came
        _open_to(person, answer.value)
    return answer


def ask_bills(resident: Resident, reference: str) -> Answer[Bills]:
    """The bills of the account, newest first, now or as they last were. Raises NotFound."""
    person = get_own(resident, reference).person_key
    return ask_office(
        resident.id,
        service=SERVICE,
        key=f"bills:{reference}",
        question=lambda: system().bills(person, reference),
        kind=Bills,
    )


def ask_bill(resident: Resident, reference: str, bill_id: str) -> Answer[Bill]:
    """One bill of the account; while the system is away, one that was looked at before.

    Raises NotFound for one that does not exist and for one of another account, alike.
    """
    person = get_own(resident, reference).person_key
    if not _BILL_ID.fullmatch(bill_id):
        raise NotFound
    answer = ask_office(
        resident.id,
        service=SERVICE,
        key=f"bill:{bill_id}",
        question=lambda: _bill(person, reference, bill_id),
        kind=Bill,
    )
    if answer.value is not None and answer.value.reference != reference:
        raise NotFound
    return replace(answer, value=_without_anothers_address(resident, answer.value)) if answer.value else answer


def by_year(bills: Bills) -> list[tuple[int, list[BillLine]]]:
    """The bills under their years, the newest year and bill first."""
    newest = sorted(bills, key=lambda bill: (bill.year, bill.issued_on, bill.id), reverse=True)
    years: dict[int, list[BillLine]] = {}
    for bill in newest:
        years.setdefault(bill.year, []).append(bill)
    return list(years.items())


def _open_to(person: str, account: Account) -> Account:
    left_on = next((one.until_on for one in account.people if one.id == person), None)
    stayed = account.closed_on is None or (left_on is not None and left_on < account.closed_on)
    if left_on is not None and left_on < clock.today() and stayed:
        raise NotFound(str(REASONS["not_found"]))
    return account


def _bill(person: str, reference: str, bill_id: str) -> Bill:
    bill = system().bill(person, bill_id)
    if bill.reference != reference:  # before it would be kept
        raise NotFound
    return bill


def _without_anothers_address(resident: Resident, bill: Bill) -> Bill:
    """The bill, without the address that one of several on it moved to: only who told us of it may see it."""
    home = (*bill.property.lines, bill.property.postcode)
    if len(bill.names) < 2 or bill.send_to == home or bill.send_to in forwardings_of(resident, bill.reference):
        return bill
    return bill.model_copy(update={"send_to": ()})
