"""How one liable person gets their bills. Each decides for themselves: the other's bills stay as they were."""

from uuid import UUID

from portal.kit import Account, Case, record
from services.council_tax.backoffice.changes import SetEBilling
from services.council_tax.operations.asking import ask_change


def set_e_billing(account: Account, *, reference: str, on: bool, key: UUID) -> Case:
    """Ask the council's system for bills on the screen, or on paper again. `key` names the form that was sent.

    A second press of the same choice is one request. The other choice from the same form, after going back, is another.

    Raises NotFound, TooMany.
    """
    change = SetEBilling(on=on)
    case = ask_change(account, reference=reference, change=change, case_type="e_billing", key=f"{key} {change.on}")
    who = f"account:{account.id}"
    record("council_tax.e_billing_set", actor=who, subject=f"case:{case.id}", on=on)
    return case
