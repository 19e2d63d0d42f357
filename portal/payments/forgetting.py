"""What this room keeps on one resident: for the file of their data, and to be forgotten.

The books must be kept, so a payment stays when its payer is forgotten, and is nobody's: reference, amount, and the
service's own name for the thing.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, select, tuple_, update

from portal import clock
from portal.db.session import session
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.payments.models import BasketLineRow, PaymentLineRow, PaymentRow, RefundRow
from portal.payments.rows import line_rows

BASKETS_KEPT: Final = timedelta(days=90)
PAYERS_KEPT: Final = timedelta(days=7 * 365)
"""Six years, for which somebody may sue over a contract (Limitation Act 1980, section 5), and one to spare."""
AT_ONCE: Final = 1000

_LINES = (
    select(BasketLineRow)
    .where(BasketLineRow.account_id == bindparam("account"))
    .order_by(BasketLineRow.added_at, BasketLineRow.id)
)
_PAYMENTS = (
    select(PaymentRow).where(PaymentRow.account_id == bindparam("account")).order_by(PaymentRow.made_at, PaymentRow.id)
)
_REFUNDS = (
    select(RefundRow)
    .join(PaymentRow, PaymentRow.id == RefundRow.payment_id)
    .where(PaymentRow.account_id == bindparam("account"))
    .order_by(RefundRow.made_at, RefundRow.id)
)
_OLD = (
    select(PaymentRow.id)
    .where(PaymentRow.account_id.is_not(None), PaymentRow.made_at < bindparam("before"))
    .order_by(PaymentRow.made_at, PaymentRow.id)
    .limit(AT_ONCE)
)
_UNSEEN: Final = {"synchronize_session": False}


def everything_about(account_id: uuid.UUID) -> dict[str, Any]:  # plain JSON
    """Basket and payments, with what was refunded, as plain JSON values."""
    whose = {"account": account_id}
    payments = session().scalars(_PAYMENTS, whose).all()
    lines = line_rows([row.id for row in payments])
    return {
        "basket": [
            {"service": row.service, "what": row.code, "key": row.key, "pence": row.amount, "added_at": row.added_at}
            for row in session().scalars(_LINES, whose)
        ],
        "payments": [_payment(row, lines[row.id]) for row in payments],
        "refunds": [
            {"payment": str(row.payment_id), "pence": row.amount, "reason": row.reason, "state": row.state}
            | {"made_at": row.made_at, "ended_at": row.ended_at}
            for row in session().scalars(_REFUNDS, whose)
        ],
    }


def _payment(row: PaymentRow, lines: Sequence[PaymentLineRow]) -> Mapping[str, Any]:  # plain JSON
    return {
        "id": str(row.id),
        "reference": row.reference,
        "state": row.state,
        "pence": row.amount,
        "made_at": row.made_at,
        "ended_at": row.ended_at,
        "lines": [
            {"service": line.service, "what": line.code, "key": line.key, "for": line.description}
            | {"pence": line.amount, "refunded": line.refunded}
            for line in lines
        ],
    }


def forget(account_id: uuid.UUID) -> None:
    """Empty their basket, and let their payments be nobody's."""
    session().execute(delete(BasketLineRow).where(BasketLineRow.account_id == account_id), execution_options=_UNSEEN)
    theirs = select(PaymentRow.id).where(PaymentRow.account_id == account_id)
    _let_be_nobodys(session().scalars(theirs).all())


def hand_over(source: uuid.UUID, target: uuid.UUID) -> None:
    """What staff put in the basket for a caller who has claimed their account is now in the resident's own basket.

    But for what is in there already. Payments go along; one that is open stays behind if the resident has one too.
    """
    things = select(BasketLineRow.service, BasketLineRow.code, BasketLineRow.key)
    theirs = things.where(BasketLineRow.account_id == target)
    of_source = BasketLineRow.account_id == source
    same = tuple_(BasketLineRow.service, BasketLineRow.code, BasketLineRow.key).in_(theirs)
    session().execute(delete(BasketLineRow).where(of_source, same), execution_options=_UNSEEN)
    session().execute(update(BasketLineRow).where(of_source).values(account_id=target), execution_options=_UNSEEN)
    ended = PaymentRow.ended_at.is_not(None)
    payments = update(PaymentRow).where(PaymentRow.account_id == source, ended).values(account_id=target)
    session().execute(payments, execution_options=_UNSEEN)


@job("payments.let_go", cron="53 3 * * *")
def let_go() -> None:
    """Each night: empty baskets that nobody has touched for three months; let old payments be nobody's."""
    now = clock.now()
    delete_in_portions(BasketLineRow, BasketLineRow.added_at < now - BASKETS_KEPT)
    while old := session().scalars(_OLD, {"before": now - PAYERS_KEPT}).all():
        _let_be_nobodys(old)
        session().commit()


def _let_be_nobodys(payments: Sequence[uuid.UUID]) -> None:
    """Whose they were, the way back to them, and why money was given back, which staff write in words of their own."""
    of_them, its_own = RefundRow.payment_id.in_(payments), PaymentRow.id.in_(payments)
    session().execute(update(RefundRow).where(of_them).values(reason=""), execution_options=_UNSEEN)
    nobodys = update(PaymentRow).where(its_own).values(account_id=None, return_hash=None)
    session().execute(nobodys, execution_options=_UNSEEN)
