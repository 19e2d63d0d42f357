"""Give money back for permits: to the cards that paid, the last payment first, never more than was paid."""

import logging
from typing import Final
from uuid import UUID

from sqlalchemy import Update, bindparam, select, update

from portal.kit import NotFound, Refunded, Refused, get_account, in_language, refund, session
from services.permits.models.permits import Permit as PermitRow
from services.permits.queries.permits import bought_with
from services.permits.rules.permits import Permit
from services.permits.rules.reasons import in_words
from services.permits.workflow import ACTOR

log = logging.getLogger(__name__)

_GIVEN: Final = (
    update(PermitRow)
    .where(PermitRow.id == bindparam("this"))
    .values(refunded_pence=PermitRow.refunded_pence + bindparam("given"))
)
_PAID_BY: Final = PermitRow.id == bindparam("this"), PermitRow.line_id == bindparam("line")
_AT_LEAST: Final = (
    update(PermitRow)
    .where(*_PAID_BY, PermitRow.refunded_pence < bindparam("whole"))
    .values(refunded_pence=bindparam("whole"))
)
_AT_MOST: Final = (
    update(PermitRow)
    .where(*_PAID_BY, PermitRow.refunded_pence > bindparam("whole"))
    .values(refunded_pence=bindparam("whole"))
)
# Who ends a permit has its row and waits for the payment; who tells of a refund has the payment. So that they do not
# wait for each other, the second goes away, and tells it later again.
_OF_LINE: Final = select(PermitRow.id).where(*_PAID_BY).with_for_update(nowait=True)
_UNSEEN: Final = {"synchronize_session": False}


def give_back(permit: Permit, pence: int, *, reason: str, key: str) -> int:
    """Give back so much of what was paid for the length that the permit is part of. Pence that are on their way.

    It goes out once the transaction is committed. `reason` is a code of `rules/reasons.py`; the same `key` again is the
    same refund. What staff gave back meanwhile is not given twice.
    """
    rest = pence
    for part in reversed(bought_with(permit)):
        amount = min(rest, part.paid_pence - part.refunded_pence)
        if amount <= 0 or part.line_id is None:
            continue
        try:
            refund(ACTOR, line_id=part.line_id, amount=amount, reason=_words(permit, reason), key=f"{key}:{part.id}")
        except Refused:
            log.error("of the line %s there are no %s pence left to give back", part.line_id, amount)
            continue
        session().execute(_GIVEN, {"this": part.id, "given": amount}, execution_options=_UNSEEN)
        rest -= amount
    return pence - rest


def note_refunded(refunded: Refunded) -> None:
    """Money of a line has gone back, by us or by staff: never let it be given back again.

    Raises OperationalError while somebody else changes the permit: it is told later again.
    """
    _count(_AT_LEAST, refunded)


def note_not_refunded(refunded: Refunded) -> None:
    """Money of a line did not go back in the end: it is not counted. Staff see it, and may have it go back anew.

    Raises OperationalError while somebody else changes the permit: it is told later again.
    """
    _count(_AT_MOST, refunded)


def _count(change: Update, refunded: Refunded) -> None:
    asked = {"this": UUID(refunded.key), "line": refunded.line_id}
    session().execute(_OF_LINE, asked).all()
    session().execute(change, asked | {"whole": refunded.refunded}, execution_options=_UNSEEN)


def _words(permit: Permit, reason: str) -> str:
    """Why, in the language of who reads it."""
    try:
        language = get_account(permit.account_id).language if permit.account_id else "en"
    except NotFound:  # closed meanwhile
        language = "en"
    with in_language(language):
        return in_words(reason)
