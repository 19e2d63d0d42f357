"""What was paid: for the resident's own pages, for the service's, and for staff."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import DateTime, Uuid, bindparam, exists, or_, select, tuple_

from portal import clock
from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import NotFound
from portal.payments.models import PaymentLineRow, PaymentRow, RefundRow
from portal.payments.references import read_payment_reference
from portal.payments.rows import line_rows, payment_from, payments_from, refund_from
from portal.payments.values import OPEN, SUSPENSE, PaidLine, Payment, Refund

GATEWAY_ALLOWS: Final = timedelta(minutes=90)
"""How long GOV.UK Pay lets a payer take (docs.payments.service.gov.uk, payment flow)."""
SLACK: Final = timedelta(minutes=5)
"""For the payer to come back, and for us to hear of it."""

_OWN = select(PaymentRow).where(
    PaymentRow.account_id == bindparam("account"), PaymentRow.reference == bindparam("reference")
)
_PLACE = select(PaymentRow.made_at, PaymentRow.id).where(PaymentRow.reference == bindparam("reference"))
_IS_OPEN = select(PaymentRow).where(PaymentRow.account_id == bindparam("account"), PaymentRow.state.in_(OPEN))
_MARK = tuple_(bindparam("at", type_=DateTime(timezone=True)), bindparam("id", type_=Uuid()))
_HISTORY = (
    select(PaymentRow)
    .where(
        PaymentRow.account_id == bindparam("account"),
        tuple_(PaymentRow.made_at, PaymentRow.id) < _MARK,
    )
    .order_by(PaymentRow.made_at.desc(), PaymentRow.id.desc())
    .limit(bindparam("many"))
)
_FOR_THING = (
    select(PaymentLineRow, PaymentRow.reference)
    .join(PaymentRow, PaymentRow.id == PaymentLineRow.payment_id)
    .where(
        PaymentRow.account_id == bindparam("account"),
        PaymentLineRow.service == bindparam("service"),
        PaymentLineRow.key == bindparam("key"),
        PaymentLineRow.outcome != "",
    )
    .order_by(PaymentLineRow.paid_at.desc(), PaymentLineRow.id.desc())
)
_BEING_PAID = (
    select(PaymentRow.made_at)
    .join(PaymentLineRow, PaymentLineRow.payment_id == PaymentRow.id)
    .where(
        PaymentRow.state.in_(OPEN),
        PaymentLineRow.service == bindparam("service"),
        PaymentLineRow.code == bindparam("code"),
        PaymentLineRow.key == bindparam("key"),
    )
    .order_by(PaymentRow.made_at.desc())
    .limit(1)
)
_ANYBODYS = select(PaymentRow).where(
    or_(PaymentRow.reference == bindparam("reference"), PaymentRow.gateway_id == bindparam("typed"))
)
_OF_LINES = (
    select(PaymentLineRow.id, PaymentRow.reference)
    .join(PaymentRow, PaymentRow.id == PaymentLineRow.payment_id)
    .where(PaymentLineRow.id.in_(bindparam("lines", expanding=True)))
    .order_by(PaymentLineRow.id)
)
_REFUNDS = (
    select(RefundRow).where(RefundRow.payment_id == bindparam("payment")).order_by(RefundRow.made_at, RefundRow.id)
)
_LOOSE = exists().where(
    PaymentLineRow.payment_id == PaymentRow.id,
    PaymentLineRow.outcome.in_(SUSPENSE),
    PaymentLineRow.refunded < PaymentLineRow.amount,
)
_IN_SUSPENSE = (
    select(PaymentRow)
    .where(_LOOSE, PaymentRow.state == "paid", tuple_(PaymentRow.made_at, PaymentRow.id) > _MARK)
    .order_by(PaymentRow.made_at, PaymentRow.id)
    .limit(bindparam("many"))
)


def get_payment(account: Account, reference: str) -> Payment:
    """The resident's own payment with its lines. `reference` may be typed by hand. Raises NotFound."""
    read = read_payment_reference(reference)
    row = session().scalars(_OWN, {"account": account.id, "reference": read}).one_or_none() if read else None
    if row is None:
        raise NotFound
    return payment_from(row, line_rows([row.id])[row.id])


def find_open(account: Account) -> Payment | None:
    """The payment that the resident has open, if there is one."""
    row = session().scalars(_IS_OPEN, {"account": account.id}).one_or_none()
    return payment_from(row, line_rows([row.id])[row.id]) if row else None


def payments_of(account: Account, *, after: str | None = None, many: int = 20) -> tuple[Sequence[Payment], str | None]:
    """The resident's payments, newest first; and the reference `after` which the next page begins, None at the end."""
    at, id = _place_of(after) or (datetime.max.replace(tzinfo=UTC), uuid.UUID(int=0))
    asked = {"account": account.id, "at": at, "id": id, "many": many + 1}
    return _page(session().scalars(_HISTORY, asked).all(), many)


def payments_for(account: Account, service: str, key: str) -> Sequence[PaidLine]:
    """What the resident has paid for one thing of a service, newest first."""
    asked = {"account": account.id, "service": service, "key": key}
    return [_paid_line(line, reference) for line, reference in session().execute(_FOR_THING, asked)]


def being_paid(service: str, code: str, key: str) -> datetime | None:
    """Until when a payment that is open now can still pay for one thing, whoever pays; None where none is open.

    For a place that is held while somebody pays: its resident, or a colleague in the same business. Money may still
    come later: `on_paid` then says whether it is wanted.
    """
    made_at = session().scalar(_BEING_PAID, {"service": service, "code": code, "key": key})
    return max(made_at + GATEWAY_ALLOWS, clock.now()) + SLACK if made_at else None


def find_for_staff(typed: str) -> Payment | None:
    """Anybody's payment with its lines, by its reference as somebody types it or by the gateway's id for it."""
    typed = typed.strip().replace("\0", "")
    asked = {"reference": read_payment_reference(typed), "typed": typed}
    row = session().scalars(_ANYBODYS, asked).first()
    return payment_from(row, line_rows([row.id])[row.id]) if row else None


def payments_with_lines(line_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """The references of anybody's payments, by the lines that are theirs of these."""
    found = session().execute(_OF_LINES, {"lines": list(line_ids)}) if line_ids else ()
    return {row.id: row.reference for row in found}


def refunds_of(payment_id: uuid.UUID) -> Sequence[Refund]:
    """The refunds of a payment, oldest first."""
    return [refund_from(row) for row in session().scalars(_REFUNDS, {"payment": payment_id})]


def in_suspense(*, after: str | None = None, many: int = 50) -> tuple[Sequence[Payment], str | None]:
    """Payments with money that nobody has taken and that has not been given back, oldest first.

    And the reference `after` which the next page begins. `PaymentLine.in_suspense` and `refundable` say which lines.
    """
    at, id = _place_of(after) or (datetime.min.replace(tzinfo=UTC), uuid.UUID(int=0))
    return _page(session().scalars(_IN_SUSPENSE, {"at": at, "id": id, "many": many + 1}).all(), many)


def _place_of(reference: str | None) -> tuple[datetime, uuid.UUID] | None:
    """Where a page begins, straight from an address; None for anything but a payment, which means the first page."""
    read = read_payment_reference(reference or "")
    found = session().execute(_PLACE, {"reference": read}).one_or_none() if read else None
    return (found.made_at, found.id) if found else None


def _page(rows: Sequence[PaymentRow], many: int) -> tuple[Sequence[Payment], str | None]:
    shown = rows[:many]
    last = shown[-1] if len(rows) > many else None
    return payments_from(shown), last.reference if last else None


def _paid_line(line: PaymentLineRow, reference: str) -> PaidLine:
    assert line.paid_at is not None
    return PaidLine(
        line_id=line.id,
        payment_reference=reference,
        code=line.code,
        key=line.key,
        amount=line.amount,
        refunded=line.refunded,
        taken=line.outcome == "taken",
        paid_at=line.paid_at,
    )
