"""Hold our books against the gateway's, name each difference, and take in what we missed.

What we have missed is recorded as a return or a webhook would have recorded it, money of another amount or that came
twice on the suspense account; what cannot be, is named for somebody to look into: money that is not ours, a payment or
refund that the gateway does not know.
"""

import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar

from sqlalchemy import DateTime, Uuid, bindparam, or_, select, tuple_

from portal import clock
from portal.db.session import session
from portal.errors import NotFound
from portal.jobs.queue import job
from portal.payments import refunding
from portal.payments.balancing import faults_in_the_books
from portal.payments.beside import is_known
from portal.payments.gateway import GatewayPayment, GatewayRefund, Page
from portal.payments.govuk_pay import gateway
from portal.payments.models import PaymentRow, RefundRow
from portal.payments.recording import take_in
from portal.payments.strange_refunds import take_strange
from portal.web.state import web_state

log = logging.getLogger(__name__)
T = TypeVar("T")

Kind = Literal[
    "missed_state", "other_amount", "not_ours", "twice", "not_there", "missed_refund", "refund_not_ours", "books"
]
AT_ONCE: Final = 500
LOOKED_BACK: Final = timedelta(days=3)
"""What each night's run looks at: a search lags, and a night may be missed."""
THIS_SECOND: Final = timedelta(seconds=1)
"""The gateway's searches are to whole seconds: what was begun in this one is before the next."""

_OURS = select(PaymentRow).where(
    or_(PaymentRow.gateway_id == bindparam("gateway_id"), PaymentRow.reference == bindparam("reference"))
)
_PAID = (
    select(PaymentRow.id, PaymentRow.made_at, PaymentRow.gateway_id, PaymentRow.reference)
    .where(
        PaymentRow.gateway_id.is_not(None),
        PaymentRow.made_at >= bindparam("since", type_=DateTime(timezone=True)),
        PaymentRow.made_at < bindparam("until", type_=DateTime(timezone=True)),
        tuple_(PaymentRow.made_at, PaymentRow.id)
        > tuple_(bindparam("at", type_=DateTime(timezone=True)), bindparam("id", type_=Uuid())),
    )
    .order_by(PaymentRow.made_at, PaymentRow.id)
    .limit(AT_ONCE)
)
_REFUNDS = select(RefundRow).where(RefundRow.gateway_id == bindparam("gateway_id")).order_by(RefundRow.id)
_UNSENT = select(RefundRow.id).where(RefundRow.payment_id == bindparam("payment"), RefundRow.state == "created")
_OF_PAYMENT = select(PaymentRow.id).where(PaymentRow.gateway_id == bindparam("gateway_id"))
_GONE = (
    select(RefundRow.id, RefundRow.made_at, RefundRow.gateway_id, PaymentRow.gateway_id, PaymentRow.reference)
    .join(PaymentRow, PaymentRow.id == RefundRow.payment_id)
    .where(
        RefundRow.gateway_id.is_not(None),
        RefundRow.made_at >= bindparam("since", type_=DateTime(timezone=True)),
        RefundRow.made_at < bindparam("until", type_=DateTime(timezone=True)),
        tuple_(RefundRow.made_at, RefundRow.id)
        > tuple_(bindparam("at", type_=DateTime(timezone=True)), bindparam("id", type_=Uuid())),
    )
    .order_by(RefundRow.made_at, RefundRow.id)
    .limit(AT_ONCE)
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the two do not agree, in words for whoever keeps the books; no name of a person."""

    kind: Kind
    subject: str
    """Our reference of the payment, or the gateway's id where there is none."""
    says: str
    mended: bool


@dataclass(slots=True)
class Report:
    """What a reconciliation found. Pence as the gateway has them."""

    payments: int = 0
    refunds: int = 0
    taken: int = 0
    given_back: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def left(self) -> Sequence[Difference]:
        """What somebody has to look into."""
        return [each for each in self.differences if not each.mended]

    def note(self, kind: Kind, subject: str, says: str, *, mended: bool = False) -> None:
        """One difference more."""
        self.differences.append(Difference(kind, subject, says, mended))


def reconcile(since_at: datetime, until_at: datetime) -> Report:
    """Compare what was begun from `since_at` to just before `until_at`, and commit what was missed, one by one.

    Call outside a transaction. Raises Unavailable when the gateway does not answer; what was taken in until then stays.
    """
    report, seen = Report(), set[str]()
    for theirs in _every(lambda page: gateway().payments_between(since_at, until_at, page=page)):
        seen.add(theirs.id)
        _compare_payment(report, theirs)
    _look_for_payments(report, seen, since_at, until_at)
    seen.clear()
    for refund in _every(lambda page: gateway().refunds_between(since_at, until_at, page=page)):
        seen.add(refund.id)
        _compare_refund(report, refund)
    _look_for_refunds(report, seen, since_at, until_at)
    session().rollback()  # so that all of what follows is read as of one moment
    for fault in faults_in_the_books():
        report.note("books", "ledger", fault)
    session().rollback()
    return report


@job("payments.reconcile", attempts=3, cron="23 5 * * *")
def reconcile_lately() -> None:
    """Each night: the last three days. Every difference that is left is an error in the log."""
    if not web_state().settings.pay.is_set:
        return
    now = clock.now()
    report = reconcile(now - LOOKED_BACK, now + THIS_SECOND)
    for each in report.differences:
        log.log(
            logging.INFO if each.mended else logging.ERROR, "payments: %s %s: %s", each.kind, each.subject, each.says
        )


def _every(fetch: Callable[[int], Page[T]]) -> Iterator[T]:
    """Everything on all pages."""
    page: int | None = 1
    while page is not None:
        found = fetch(page)
        yield from found.items
        page = found.next_page


def _compare_payment(report: Report, theirs: GatewayPayment) -> None:
    asked = {"gateway_id": theirs.id, "reference": theirs.reference}
    rows = session().scalars(_OURS, asked).all()
    ours = next((row for row in rows if row.gateway_id == theirs.id), rows[0] if rows else None)
    report.payments += 1
    report.taken += theirs.amount if theirs.is_paid else 0
    if ours is None:
        if theirs.is_paid:
            report.note("not_ours", theirs.id, f"{theirs.amount} pence were paid that we know nothing of")
    elif ours.gateway_id not in (None, theirs.id) and (ours.state == "paid" or not theirs.is_paid):
        if theirs.is_paid:  # the other one was never shown to anybody, or so we thought
            _take_beside(
                report, "twice", ours, theirs, f"{theirs.amount} pence were paid a second time, as {theirs.id}"
            )
    elif ours.amount != theirs.amount and theirs.is_paid and ours.state != "paid":
        _take_beside(report, "other_amount", ours, theirs, f"{theirs.amount} pence there, {ours.amount} pence here")
    elif ours.amount != theirs.amount:
        report.note("other_amount", ours.reference, f"{theirs.amount} pence there, {ours.amount} pence here")
    elif _differs(ours, theirs):
        _mend_payment(report, ours.id, theirs.id)
    session().rollback()


def _take_beside(report: Report, kind: Kind, ours: PaymentRow, theirs: GatewayPayment, says: str) -> None:
    """It becomes a payment of its own, for staff to give back."""
    payment_id, reference = ours.id, ours.reference
    session().rollback()
    take_in(payment_id, gateway().get(theirs.id))
    session().commit()
    report.note(kind, reference, says, mended=is_known(theirs.id))


def _differs(ours: PaymentRow, theirs: GatewayPayment) -> bool:
    if theirs.is_paid or ours.state == "paid":
        return theirs.is_paid != (ours.state == "paid")
    return theirs.is_finished and ours.ended_at is None


def _mend_payment(report: Report, payment_id: uuid.UUID, gateway_id: str) -> None:
    """Record what the gateway says now, which is newer than its search."""
    session().rollback()
    said = gateway().get(gateway_id)
    before = _row(payment_id).state
    take_in(payment_id, said)
    session().commit()
    row = _row(payment_id)
    if row.state != before or _differs(row, said):
        says = f"{said.state} there, {before} here" + (f", now {row.state}" if row.state != before else "")
        report.note("missed_state", row.reference, says, mended=not _differs(row, said))


def _row(payment_id: uuid.UUID) -> PaymentRow:
    return session().get_one(PaymentRow, payment_id)


def _look_for_payments(report: Report, seen: set[str], since_at: datetime, until_at: datetime) -> None:
    """Those of ours that the search did not show, one by one."""
    at, id = since_at, uuid.UUID(int=0)
    while rows := session().execute(_PAID, {"since": since_at, "until": until_at, "at": at, "id": id}).all():
        session().rollback()
        for row in rows:
            if row.gateway_id not in seen:
                _look_for_payment(report, row.gateway_id, row.reference)
        at, id = rows[-1].made_at, rows[-1].id


def _look_for_payment(report: Report, gateway_id: str, reference: str) -> None:
    try:
        found = gateway().get(gateway_id)
    except NotFound:
        report.note("not_there", reference, f"the gateway knows no payment {gateway_id}")
    else:
        _compare_payment(report, found)


def _compare_refund(report: Report, theirs: GatewayRefund) -> None:
    report.refunds += 1
    report.given_back += theirs.amount if theirs.state == "success" else 0
    rows = session().scalars(_REFUNDS, {"gateway_id": theirs.id}).all()
    if not rows:
        if theirs.state != "error":
            _take_refund(report, theirs)
    elif sum(row.amount for row in rows) != theirs.amount:
        ours = sum(row.amount for row in rows)
        report.note("other_amount", theirs.id, f"{theirs.amount} pence refunded there, {ours} pence here")
    elif any(row.state != theirs.state for row in rows):
        _mend_refunds(report, theirs, [row.id for row in rows])
    session().rollback()


def _take_refund(report: Report, theirs: GatewayRefund) -> None:
    """A refund that we do not know: ours, whose answer was lost, or one that was made in the gateway's pages."""
    payment_id = session().scalar(_OF_PAYMENT, {"gateway_id": theirs.payment_id})
    if payment_id is None:
        report.note("refund_not_ours", theirs.id, f"{theirs.amount} pence were refunded of a payment that is not ours")
        return
    reference = _row(payment_id).reference
    for refund_id in session().scalars(_UNSENT, {"payment": payment_id}).all():
        session().rollback()
        refunding.follow(refund_id)
    taken = take_strange(payment_id, theirs)
    session().commit()
    report.note("missed_refund", reference, f"{theirs.amount} pence were refunded there, as {theirs.id}", mended=taken)


def _mend_refunds(report: Report, theirs: GatewayRefund, refund_ids: Sequence[uuid.UUID]) -> None:
    session().rollback()
    for refund_id in refund_ids:
        refunding.follow(refund_id)
    rows = session().scalars(_REFUNDS, {"gateway_id": theirs.id}).all()
    mended = all(row.state == theirs.state for row in rows)
    report.note("missed_state", theirs.id, f"refund of {theirs.amount} pence: {theirs.state} there", mended=mended)


def _look_for_refunds(report: Report, seen: set[str], since_at: datetime, until_at: datetime) -> None:
    at, id = since_at, uuid.UUID(int=0)
    while rows := session().execute(_GONE, {"since": since_at, "until": until_at, "at": at, "id": id}).all():
        session().rollback()
        for refund_id, made_at, gateway_id, payment_gateway_id, reference in rows:
            at, id = made_at, refund_id
            if gateway_id not in seen and gateway_id is not None and payment_gateway_id is not None:
                _look_for_refund(report, payment_gateway_id, gateway_id, reference)


def _look_for_refund(report: Report, payment_id: str, refund_id: str, reference: str) -> None:
    try:
        found = gateway().get_refund(payment_id, refund_id)
    except NotFound:
        report.note("not_there", reference, f"the gateway knows no refund {refund_id}")
    else:
        _compare_refund(report, found)
