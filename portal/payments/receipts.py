"""What was paid: for the resident's own pages, for the service's, and for staff."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from portal.accounts.values import Account
from portal.payments.values import PaidLine, Payment, Refund


def get_payment(account: Account, reference: str) -> Payment:
    """The resident's own payment with its lines. `reference` may be typed by hand. Raises NotFound."""
    raise NotImplementedError


def find_open(account: Account) -> Payment | None:
    """The payment that the resident has open, if there is one."""
    raise NotImplementedError


def payments_of(account: Account, *, after: str | None = None, many: int = 20) -> tuple[Sequence[Payment], str | None]:
    """The resident's payments, newest first, and the mark of the next page (`after`), None at the end."""
    raise NotImplementedError


def payments_for(account: Account, service: str, key: str) -> Sequence[PaidLine]:
    """What the resident has paid for one thing of a service, newest first."""
    raise NotImplementedError


def being_paid(account: Account, service: str, key: str) -> datetime | None:
    """Until when a payment that is open now can still pay for one thing; None where none is open.

    For a place that is held while its resident pays. A payment may still come later: `on_paid` then says whether it
    is wanted.
    """
    raise NotImplementedError


def find_for_staff(reference: str) -> Payment | None:
    """Anybody's payment with its lines, by its reference or by the gateway's id for it."""
    raise NotImplementedError


def refunds_of(payment_id: uuid.UUID) -> Sequence[Refund]:
    """The refunds of a payment, oldest first."""
    raise NotImplementedError


def in_suspense(*, after: str | None = None, many: int = 50) -> tuple[Sequence[Payment], str | None]:
    """Payments with a line that nobody has taken, oldest first, only those lines; and the mark of the next page."""
    raise NotImplementedError
