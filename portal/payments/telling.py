"""Tell the payer: that a payment came, that money is on its way back, or that it could not be given back."""

from typing import Final

from portal.notices.telling import tell
from portal.notices.topics import PAYMENTS
from portal.payments.models import PaymentRow, RefundRow

PAGE: Final = "/payments/{}"
"""The pages are `portal.home`'s, which stands above this room: the address is spelt out, and a test holds it."""


def tell_paid(row: PaymentRow, *, late: bool) -> None:
    """That the money has come, once for each payment; `late` where it had been told to have come to nothing."""
    _tell(row, "paid_late" if late else "paid", "paid")


def tell_refunded(row: PaymentRow, refund: RefundRow) -> None:
    """That a refund has gone out."""
    _tell(row, "refunded", f"refunded:{refund.id}")


def _tell(row: PaymentRow, template: str, event: str) -> None:
    if row.account_id is None:
        return
    tell(
        row.account_id,
        topic=PAYMENTS,
        template=f"payments/mail/{template}.txt",
        key=f"payment:{row.id}:{event}",
        path=PAGE.format(row.reference),
        reference=row.reference,
    )
