"""A case by its address. Another team's is none at all: it is left out by the very query."""

import json
import uuid
from typing import Final

from sqlalchemy import select

from portal.cases.drafts import open_drafts
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from, find_case
from portal.cases.talk_models import DocumentRow
from portal.cases.types import facts_of
from portal.cases.values import Case
from portal.db.session import session
from portal.files.queries import find_file
from portal.staff.rights import current_grants
from portal.staff.values import Right

MOST_ASKED: Final = 50
"""Among what was sent with so many of a resident's newest cases a file is looked for."""


def case_of(account_id: uuid.UUID, reference: str) -> Case | None:
    """A resident's own case, for looking whether who is in their place has a right to it."""
    return find_case(account_id, reference)


def has_file(account_id: uuid.UUID, file_id: uuid.UUID, right: Right) -> bool:
    """Whether a resident's file is on a case of theirs on which the member of staff of this request has the right: as
    a document, or among what was sent with it. Who helps a caller sees what is being filled in too.
    """
    on_case = select(CaseRow.id).join(DocumentRow, DocumentRow.case_id == CaseRow.id)
    theirs = CaseRow.account_id == account_id, current_grants().where(right, CaseRow)
    if session().execute(on_case.where(*theirs, DocumentRow.file_id == file_id, DocumentRow.visible)).first():
        return True
    file = find_file(account_id, file_id)
    if file is None:
        return False
    if current_grants().allow(right, service=file.service, type="", area="", team=""):
        return True
    if right == "assist" and current_grants().allow(right, service=file.service):
        unsent = open_drafts(account_id, service=file.service)
        if any(str(file_id) in json.dumps(draft.answers) for draft in unsent):
            return True
    of_service = select(*CASE_COLUMNS).where(*theirs, CaseRow.service == file.service)
    newest = of_service.order_by(CaseRow.opened_at.desc(), CaseRow.id.desc()).limit(MOST_ASKED)
    cases = [case_from(row) for row in session().execute(newest)]
    return any(fact.file_id == file_id for case in cases for fact in facts_of(case))
