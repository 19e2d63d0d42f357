"""What residents pay for a permit, through the portal's basket."""

from typing import Final
from uuid import UUID

from portal.kit import Account, Due, NotFound, Paid, Payable, Refused, clock
from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from services.permits.operations.granting import activate
from services.permits.operations.money import note_not_refunded, note_refunded
from services.permits.queries.permits import get_own_permit
from services.permits.rules.permits import Permit
from services.permits.workflow import TITLES

PERMIT: Final = "permit"
"""The payable: its key is the permit's id."""


def price(account: Account, key: str) -> Due:
    """What a permit costs that waits to be paid. Raises NotFound, Refused when it cannot be paid (any more)."""
    permit = get_own_permit(account, _permit_id(key))
    if permit.status != "to_pay":
        raise Refused(_sentence(permit))
    if permit.held_until_at is not None and permit.held_until_at < clock.now():
        raise Refused(_("The time in which this permit was held for you is over. Apply again."))
    return Due(
        amount=permit.price_pence,
        description=f"{TITLES[permit.kind]} {permit.reference}",
        url=f"/services/permits/{permit.id}",
    )


def on_paid(paid: Paid) -> bool:
    """The money for a permit is the council's: the permit is valid. False when it cannot be made so any more."""
    try:
        permit_id = _permit_id(paid.key)
    except NotFound:
        return False
    return activate(permit_id, paid=paid.amount, line_id=paid.line_id)


def _permit_id(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        raise NotFound(_("We cannot find this permit.")) from None


def _sentence(permit: Permit) -> str:
    if permit.status == "asked":
        return _("An officer has not decided about this permit yet.")
    if permit.status == "active":
        return _("This permit is paid for.")
    return _("This permit can no longer be paid for. Apply again if you still want it.")


PAYABLE: Final = Payable(
    code=PERMIT,
    title=_l("Parking permit"),
    account="permits.permit",
    price=price,
    on_paid=on_paid,
    on_refunded=note_refunded,
    on_refund_failed=note_not_refunded,
    settled=_l("Your permit is valid from its first day. There is nothing to put in your car."),
    if_refunded=_l(
        "If the permit is valid, it stays so. To end it, choose “End the permit early” on its case. That gives back"
        " what the rules say."
    ),
)
