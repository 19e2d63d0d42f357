"""Give the cases that staff opened for a caller to the resident who has claimed them."""

import uuid
from typing import Final

from sqlalchemy import select, update

from portal.cases.models import CaseEventRow, CaseRow, DraftRow
from portal.cases.talk_models import CosigningRow, DocumentRow, MessageRow, TaskRow
from portal.cases.writing import change, lock_case
from portal.db.session import session

UNSEEN: Final = {"synchronize_session": False}
THEIRS: Final = (CaseEventRow, MessageRow, DocumentRow, TaskRow, CosigningRow, DraftRow)


def claim_cases(source: uuid.UUID, *, target: uuid.UUID) -> int:
    """All cases of `source`, with what was said, asked for and handed in on them, and all drafts, become `target`'s.

    Each case says in its own timeline that it was claimed. How many cases there were.
    """
    # Every act locks its case before what hangs on it, and of several cases the one with the least id first: so do we.
    mine = select(CaseRow.id).where(CaseRow.account_id == source).order_by(CaseRow.id)
    cases = [lock_case(case_id, actor="system:cases") for case_id in session().scalars(mine).all()]
    files = update(DocumentRow).where(DocumentRow.owner_id == source).values(owner_id=target)
    session().execute(files, execution_options=UNSEEN)
    for table in THEIRS:
        theirs = update(table).where(table.account_id == source).values(account_id=target)
        session().execute(theirs, execution_options=UNSEEN)
    for case in cases:
        change(case, kind="claimed", actor=f"account:{target}", channel="web", account_id=target)
    return len(cases)
