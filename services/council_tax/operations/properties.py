"""Add a person's other properties to their account."""

from portal.kit import Account as Resident
from portal.kit import Conflict, JoinedRecord, Unavailable, join_record
from services.council_tax.backoffice.values import AccountLine
from services.council_tax.queries.accounts import ask_properties, own_records, shown_lines
from services.council_tax.workflow import RECORD, SERVICE


def join_others(resident: Resident, of: JoinedRecord, *, after: str = "") -> int:
    """Join the accounts on that page of the person's list which are not joined yet; how many there were.

    Whoever has shown that they are this person on one account is the same person on the others: the council's system
    says which these are. One whose address is kept from others always takes its own facts. Raises Unavailable when it
    does not answer now: what it said before is no proof.
    """
    answer = ask_properties(resident, of, after)
    if answer.value is None or not answer.fresh:
        raise Unavailable
    joined = {one.key for one in own_records(resident)}
    lines = shown_lines(answer.value.items, joined)
    return sum(_join(resident, of, line) for line in lines if line.reference not in joined)


def _join(resident: Resident, of: JoinedRecord, line: AccountLine) -> bool:
    try:
        join_record(
            resident,
            service=SERVICE,
            kind=RECORD,
            key=line.reference,
            person_key=of.person_key,
            role=line.role,
            how="person",
        )
    except Conflict:  # another account has joined it for the same person
        return False
    return True
