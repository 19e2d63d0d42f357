"""Refunds that came to nothing and that nobody has asked for again: their payers still wait for that money."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal.db.session import session
from portal.payments.models import PaymentLineRow, PaymentRow, RefundRow
from portal.payments.rows import line_from, refund_from
from portal.payments.values import PaymentLine, Refund

_refused = aliased(RefundRow)
_OF_LINES_WITH_ONE: Final = (
    select(RefundRow, PaymentLineRow, PaymentRow.reference)
    .join(PaymentLineRow, PaymentLineRow.id == RefundRow.line_id)
    .join(PaymentRow, PaymentRow.id == RefundRow.payment_id)
    .where(
        PaymentLineRow.refunded < PaymentLineRow.amount,
        PaymentLineRow.id.in_(select(_refused.line_id).where(_refused.state == "error")),
    )
    .order_by(RefundRow.made_at.desc(), RefundRow.id.desc())
)
_ASKED: Final = 0
_FAILED: Final = 1
"""After the asking where both are of one moment: a refund is not asked for again by itself."""


def not_asked_again(refunds: Collection[Refund]) -> Collection[uuid.UUID]:
    """Which of these failed and wait still, by id. `refunds` are all that there are of their lines.

    What is asked for after a failure is that money again, as far as it goes, of the latest failure first. What was
    asked for before it is other money, whatever became of that.
    """
    of_line = defaultdict(list)
    for each in refunds:
        of_line[each.line_id].append(each)
    return {id for line in of_line.values() for id in _waiting(line)}


def _waiting(refunds: Sequence[Refund]) -> Sequence[uuid.UUID]:
    events: list[tuple[datetime, int, Refund]] = [(each.made_at, _ASKED, each) for each in refunds]
    events += [(each.ended_at, _FAILED, each) for each in refunds if each.state == "error" and each.ended_at]
    left: list[tuple[uuid.UUID, int]] = []
    for _at, kind, refund in sorted(events, key=itemgetter(0, 1)):
        if kind == _FAILED:
            left.append((refund.id, refund.amount))
            continue
        pence = refund.amount
        while pence and left:
            id, waits = left.pop()
            if waits > pence:
                left.append((id, waits - pence))
            pence = max(0, pence - waits)
    return [id for id, _pence in left]


def refunds_refused(may_see: Callable[[str], bool], *, many: int = 50) -> Sequence[tuple[Refund, PaymentLine, str]]:
    """Those that wait still of the services that somebody may see, the newest first, each with its line and the
    reference of its payment: no service is told, so staff ask for them again."""
    found = session().execute(_OF_LINES_WITH_ONE).all()
    refunds = [refund_from(refund) for refund, _line, _reference in found]
    waiting = not_asked_again(refunds)
    shown = [
        (refund, line, reference)
        for refund, (_row, line, reference) in zip(refunds, found, strict=True)
        if refund.id in waiting and may_see(line.service)
    ]
    return [(refund, line_from(line), reference) for refund, line, reference in shown[:many]]
