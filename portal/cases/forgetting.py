"""Forget who asked for a case: the case stays, and nothing in the ledger leads to the person any more."""

import uuid

from sqlalchemy import case as sql_case
from sqlalchemy import delete, update

from portal.cases import talk
from portal.cases.models import CaseEventRow, CaseRow, DraftRow
from portal.db.session import session


def forget(account_id: uuid.UUID) -> None:
    """Keep the cases without the person. Drafts go altogether, and what was said, noted and handed in."""
    talk.forget(account_id)
    forgotten = sql_case((CaseEventRow.actor == f"account:{account_id}", "account:forgotten"), else_=CaseEventRow.actor)
    session().execute(delete(DraftRow).where(DraftRow.account_id == account_id))
    session().execute(
        update(CaseEventRow)
        .where(CaseEventRow.account_id == account_id)
        .values(account_id=None, actor=forgotten, reason="")
    )
    session().execute(
        update(CaseRow)
        .where(CaseRow.account_id == account_id)
        .values(account_id=None, idempotency_key=None, rating_words="", opened_by="")
    )
