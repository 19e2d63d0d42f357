"""A case by its address. Another team's is none at all: it is left out by the very query."""

import uuid

from sqlalchemy import select

from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from, find_case
from portal.cases.references import read_reference
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import NotFound
from portal.staff.rights import current_grants
from portal.web.languages import gettext as _


def case_of(account_id: uuid.UUID, reference: str) -> Case | None:
    """A resident's own case, for looking whether who is in their place has a right to it."""
    return find_case(account_id, reference)


def get_desk_case(reference: str) -> Case:
    """The case with that reference, however it is typed. Raises NotFound when they may not look at it, or none is."""
    plain = read_reference(reference)
    query = select(*CASE_COLUMNS).where(CaseRow.reference == plain, current_grants().where("look", CaseRow))
    row = session().execute(query).one_or_none() if plain is not None else None
    if row is None:
        raise NotFound(_("There is no such case, or it is another team’s."))
    return case_from(row)
