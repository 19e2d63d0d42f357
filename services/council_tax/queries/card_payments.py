"""What can be paid by card for an account, and what was paid and is not on it yet."""

from typing import Final

from sqlalchemy import bindparam, func, select

from portal.kit import Account as Resident
from portal.kit import Due, Refused, session
from portal.kit import gettext as _
from services.council_tax.backoffice.values import Account
from services.council_tax.models import CardPayment
from services.council_tax.queries.accounts import glance
from services.council_tax.queries.bills import ask_account

CODE: Final = "bill"
"""The payable: its key is the reference of the account."""

_ON_ITS_WAY = select(func.coalesce(func.sum(CardPayment.pence - CardPayment.refunded), 0)).where(
    CardPayment.reference == bindparam("ref"), CardPayment.state == "sent"
)


def on_its_way(reference: str) -> int:
    """Pence that came by card for this account and that the council's system has not booked yet, whoever paid them."""
    return int(session().scalars(_ON_ITS_WAY, {"ref": reference}).one())


def payable_pence(found: Account, reference: str) -> tuple[int, int]:
    """What should be paid now, and all that is owed, in pence and less what is on its way. 0 where nothing is."""
    shown, coming = glance(found), on_its_way(reference)
    owed = max(shown.owed - coming, 0)
    now = shown.all_due or shown.late or (0 if shown.collected else shown.next_pence) or shown.owed
    return min(max(now - coming, 0) or owed, owed), owed


def price(resident: Resident, key: str) -> Due:
    """What this resident can pay of an account: what is due now, or another amount up to all that is owed.

    Raises NotFound when the account is not theirs; Refused when nothing is owed, or the council's system has never yet
    told us what is.
    """
    found = ask_account(resident, key).value
    if found is None:
        raise Refused(_("Our council tax system does not answer, so we cannot say what is owed. Try again later."))
    now, owed = payable_pence(found, key)
    if owed <= 0:
        raise Refused(_("Nothing is owed on this council tax account now."))
    return Due(
        amount=now,
        description=_("Council tax %(reference)s", reference=key),
        url=f"/services/council_tax/accounts/{key}/pay",
        most=owed,
    )
