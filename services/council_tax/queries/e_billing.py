"""What a resident asked about how their bills come."""

from dataclasses import dataclass

from portal.kit import Account, Case
from services.council_tax.queries.debits import asked_row


@dataclass(frozen=True, slots=True)
class AskedEBilling:
    """The choice that was sent."""

    case: Case
    on: bool


def get_asked_e_billing(resident: Account, reference: str, case_reference: str) -> AskedEBilling:
    """What the resident asked of the bills of this account. Raises NotFound."""
    case, row = asked_row(resident, reference, case_reference, kinds=("e_billing",))
    return AskedEBilling(case, bool(row.change["on"]))
