"""What is kept about a resident on the way to and from back offices: shown to them, handed over, and forgotten."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, delete, select, update

from portal.backoffices.models import ACCOUNTS, DeliveryRow, LastAnswerRow
from portal.backoffices.sealed import DELIVERIES, answer_purpose, unseal
from portal.db.session import session

_ANSWERS = (
    select(LastAnswerRow)
    .where(LastAnswerRow.account_id == bindparam("account"))
    .order_by(LastAnswerRow.service, LastAnswerRow.key)
)
_DELIVERIES = select(DeliveryRow).where(DeliveryRow.account_id == bindparam("account")).order_by(DeliveryRow.number)
_NOBODY_ADDS = select(ACCOUNTS.c.id).where(ACCOUNTS.c.id == bindparam("account")).with_for_update()
"""An answer that is on its way is kept before this or, once the account is closed, not at all."""
_UNSEEN: Final = {"synchronize_session": False}


def forget(account_id: uuid.UUID) -> None:
    """Forget what offices said of a resident and what still waits to be sent: it is not sent any more."""
    session().execute(_NOBODY_ADDS, {"account": account_id})
    for table in (LastAnswerRow, DeliveryRow):
        session().execute(delete(table).where(table.account_id == account_id), execution_options=_UNSEEN)


def hand_over(source: uuid.UUID, target: uuid.UUID) -> None:
    """What staff sent under one account for a caller who has claimed it is now the resident's own.

    Answers are sealed for the account that asked, so they are asked for anew.
    """
    theirs = update(DeliveryRow).where(DeliveryRow.account_id == source).values(account_id=target)
    session().execute(theirs, execution_options=_UNSEEN)
    session().execute(delete(LastAnswerRow).where(LastAnswerRow.account_id == source), execution_options=_UNSEEN)


def everything_about(account_id: uuid.UUID) -> Mapping[str, Any]:  # plain JSON, whatever the offices said
    """For the resident's data file: the last answers of back offices, and what was sent or waits."""
    answers = session().scalars(_ANSWERS, {"account": account_id})
    deliveries = session().scalars(_DELIVERIES, {"account": account_id})
    return {
        "last_answers": [
            {
                "service": row.service,
                "question": row.key,
                "as_of_at": row.as_of_at,
                "answer": _opened(row.sealed, answer_purpose(account_id, row.service, row.key)),
            }
            for row in answers
        ],
        "sent_to_back_offices": [
            {
                "service": row.service,
                "act": row.act,
                "case": row.case_id,
                "made_at": row.made_at,
                "state": row.state,
                "done_at": row.done_at,
                "waiting": _opened(row.sealed, DELIVERIES),
            }
            for row in deliveries
        ],
    }


def _opened(sealed: str | None, purpose: str) -> Any:  # whatever JSON it is
    content = unseal(sealed, purpose) if sealed else None
    return json.loads(content) if content else None
