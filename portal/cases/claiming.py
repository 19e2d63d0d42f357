"""Give the cases that staff opened for a caller to the resident who has claimed them."""

import uuid
from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, select, update

from portal.cases import cosignings
from portal.cases.models import CaseEventRow, CaseRow, DraftRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.talk_models import CosigningRow, DocumentRow, MessageRow, TaskRow
from portal.cases.values import Case
from portal.cases.writing import change
from portal.db.session import session

UNSEEN: Final = {"synchronize_session": False}
THEIRS: Final = (CaseEventRow, MessageRow, DocumentRow, TaskRow, CosigningRow, DraftRow)
_DRAFTS = select(DraftRow.id).where(DraftRow.account_id == bindparam("source")).order_by(DraftRow.id).with_for_update()
_CASES = select(*CASE_COLUMNS).where(CaseRow.account_id == bindparam("source")).order_by(CaseRow.id).with_for_update()


def lock_all(source: uuid.UUID) -> list[Case]:
    """All cases of `source`, locked, before anything of theirs is changed.

    Every act locks its case before what hangs on it, of several the one with the least id first, and sending a form
    locks its draft before that: so do we.
    """
    session().execute(_DRAFTS, {"source": source})
    return [case_from(row) for row in session().execute(_CASES, {"source": source})]


def claim_cases(cases: Sequence[Case], source: uuid.UUID, *, target: uuid.UUID) -> None:
    """These locked cases, with what was said, asked for and handed in on them, and all drafts, become `target`'s.

    Each case says in its own timeline that it was claimed. What its new owner was asked to sign as the second person
    is asked of them no longer: nobody signs for themselves.
    """
    files = update(DocumentRow).where(DocumentRow.owner_id == source).values(owner_id=target)
    session().execute(files, execution_options=UNSEEN)
    for table in THEIRS:
        theirs = update(table).where(table.account_id == source).values(account_id=target)
        session().execute(theirs, execution_options=UNSEEN)
    own = cosignings.withdraw_own([case.id for case in cases], signer_id=target)
    for case in cases:
        after = change(case, kind="claimed", actor=f"account:{target}", channel="web", account_id=target)
        for task_id in own.get(case.id, ()):
            details = {"task": str(task_id)}
            after = change(after, kind="cosign_withdrawn", actor="system:cases", channel="system", details=details)
