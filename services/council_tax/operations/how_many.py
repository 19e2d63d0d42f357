"""How many payments a year has: ten, or twelve for who asks."""

from typing import Literal
from uuid import UUID

from portal.kit import Account, Case, record
from services.council_tax.backoffice.changes import SetInstalments
from services.council_tax.operations.asking import ask_change


def set_how_many(account: Account, *, reference: str, many: Literal[10, 12], key: UUID) -> Case:
    """Ask the council's system for so many payments a year. SI 1992/613 Sch 1 para 2(3A) gives a right to twelve.

    `key` names the form that was sent: a second press is one request. Raises NotFound, Conflict, TooMany.
    """
    change = SetInstalments(many=many)
    case = ask_change(account, reference=reference, change=change, case_type="instalments", key=f"{key} {many}")
    record("council_tax.instalments_set", actor=f"account:{account.id}", subject=f"case:{case.id}", many=many)
    return case
