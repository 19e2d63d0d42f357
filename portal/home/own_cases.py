"""The resident's own cases that a list of something else names."""

import uuid
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.values import Case
from portal.db.session import session


def own_cases(account_id: uuid.UUID, case_ids: Iterable[uuid.UUID | None]) -> Mapping[uuid.UUID, Case]:
    """Those of these cases that are the resident's own, in one query."""
    wanted = {case_id for case_id in case_ids if case_id is not None}
    if not wanted:
        return {}
    query = select(*CASE_COLUMNS).where(CaseRow.account_id == account_id, CaseRow.id.in_(wanted))
    return {case.id: case for case in map(case_from, session().execute(query))}
