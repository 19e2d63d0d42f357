"""How council tax can be paid from here: the one place that says what is there and what is not yet."""

from dataclasses import dataclass

from portal.kit import settings_of
from services.council_tax.settings import BankTransfer, CouncilTaxSettings


@dataclass(frozen=True, slots=True)
class PayState:
    """`online` is the address of paying by card, empty while the portal cannot take payments.

    `transfer` is the council's bank account; its name is empty where the council has set none.
    """

    reference: str
    online: str
    transfer: BankTransfer

    @property
    def sort_code(self) -> str:
        """As people read it: 12-34-56."""
        code = self.transfer.sort_code
        return f"{code[:2]}-{code[2:4]}-{code[4:]}"


def pay_state(reference: str) -> PayState:
    """What the pages of an account can offer for paying it."""
    return PayState(reference, online="", transfer=settings_of(CouncilTaxSettings).bank_transfer)
