"""Forget who asked for a case: the case stays, and nothing in the ledger leads to the person any more."""

import uuid
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy import case as sql_case

from portal.cases import talk
from portal.cases.models import CaseEventRow, CaseRow, DraftRow
from portal.cases.search_models import CaseSearchRow
from portal.db.session import session

FORGOTTEN: Final = "account:forgotten"
UNSEEN: Final = {"synchronize_session": False}
# What they wrote and what was written to them, and who they are; what the council did stays, without names.
_NOBODYS_CASE: Final[dict[str, Any]] = {
    "account_id": None,
    "idempotency_key": None,
    "rating_words": "",
    "identity_check": "",
}


def forget(account_id: uuid.UUID) -> None:
    """Keep the cases without the person. Drafts go altogether, and what was said, noted and handed in."""
    talk.forget(account_id)
    session().execute(delete(DraftRow).where(DraftRow.account_id == account_id))
    mine = select(CaseRow.id).where(CaseRow.account_id == account_id)
    session().execute(delete(CaseSearchRow).where(CaseSearchRow.case_id.in_(mine)), execution_options=UNSEEN)
    _empty(CaseEventRow.account_id == account_id, CaseRow.account_id == account_id)


def forget_cases(case_ids: Sequence[uuid.UUID]) -> None:
    """Keep these cases without their persons: what retention asks for. All that was said on them goes too."""
    talk.let_go(case_ids)
    session().execute(delete(DraftRow).where(DraftRow.case_id.in_(case_ids)))
    session().execute(delete(CaseSearchRow).where(CaseSearchRow.case_id.in_(case_ids)), execution_options=UNSEEN)
    _empty(CaseEventRow.case_id.in_(case_ids), CaseRow.id.in_(case_ids))


def _empty(events: ColumnElement[bool], cases: ColumnElement[bool]) -> None:
    nobodys_event = {"account_id": None, "actor": _without_name(CaseEventRow.actor), "reason": ""}
    session().execute(update(CaseEventRow).where(events).values(nobodys_event), execution_options=UNSEEN)
    nobodys_case = {**_NOBODYS_CASE, "opened_by": _without_name(CaseRow.opened_by)}
    session().execute(update(CaseRow).where(cases).values(nobodys_case), execution_options=UNSEEN)


def _without_name(actor: Any) -> ColumnElement[str]:  # a column, whatever its table
    """The actor, but for a resident, of whom only that they are one is left."""
    return sql_case((actor.like("account:%"), FORGOTTEN), else_=actor)
