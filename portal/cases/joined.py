"""What the resident of a case that was merged sees and hears of the one that it was joined with.

The other may be somebody else's. Then they learn where it stands and by when, which is what was promised to them too,
and nothing else: no reference, no person, no word that was said on it.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy import bindparam, select

from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.telling import CASE_PAGE, headline_of
from portal.cases.values import Case
from portal.db.session import session
from portal.notices.telling import tell

MAIL: Final = "home/mail/moved.txt"
MOST: Final = 200

_BY_ID = select(*CASE_COLUMNS).where(CaseRow.id.in_(bindparam("cases", expanding=True)))
_OTHERS = (
    select(*CASE_COLUMNS)
    .where(CaseRow.merged_into_id == bindparam("case"), CaseRow.account_id.is_distinct_from(bindparam("account")))
    .order_by(CaseRow.opened_at, CaseRow.id)
    .limit(MOST)
)


def joined_with(case: Case) -> Case | None:
    """The case that a merged one was joined with, for its resident; None for one that was not merged.

    Another resident's has nothing on it that is theirs: above all no reference, so that nothing leads there.
    """
    return all_joined_with([case]).get(case.id)


def all_joined_with(cases: Iterable[Case]) -> Mapping[uuid.UUID, Case]:
    """The same for several cases of one resident, by their ids: one query, if any was merged."""
    merged = [case for case in cases if case.merged_into_id is not None]
    if not merged:
        return {}
    rows = session().execute(_BY_ID, {"cases": [case.merged_into_id for case in merged]})
    others = {other.id: other for other in map(case_from, rows)}
    return {case.id: _as_shown(case, others[case.merged_into_id]) for case in merged if case.merged_into_id}


def _as_shown(case: Case, other: Case) -> Case:
    if other.account_id == case.account_id and case.account_id is not None:
        return other
    return replace(
        other,
        reference="",
        account_id=None,
        summary="",
        area="",
        holder_id=None,
        rating=None,
        rating_words="",
        rated_at=None,
        opened_by="",
        identity_check="",
    )


def tell_joined(case: Case) -> None:
    """The case has come to its end: tell the residents of those that were joined with it, each on their own case.

    Who has sent the case itself too hears of it there.
    """
    for row in session().execute(_OTHERS, {"case": case.id, "account": case.account_id}):
        other = case_from(row)
        if other.account_id is not None:
            tell(
                other.account_id,
                topic=other.service,
                template=MAIL,
                key=f"case:{other.id}:joined:{case.version}",
                path=CASE_PAGE.format(other.reference),
                headline=headline_of(other, case.status),
                reference=other.reference,
            )
