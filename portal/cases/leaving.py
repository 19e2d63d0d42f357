"""Cases of somebody who has left the council: none of them waits for a person who will never come."""

import uuid
from typing import Final

from sqlalchemy import bindparam, select

from portal.cases.models import CaseRow
from portal.cases.taking import release_case
from portal.cases.values import Channel
from portal.db.session import session

_HELD: Final = (
    select(CaseRow.id)
    .where(CaseRow.holder_id == bindparam("holder"), CaseRow.closed_at.is_(None))
    .order_by(CaseRow.id)  # so that no two who free cases wait for each other
)


def free_cases(holder_id: uuid.UUID, *, actor: str, channel: Channel = "system") -> int:
    """Put the open cases of a member of staff back on their teams' lists; how many there were.

    What is closed stays as it ended: who opens it again, frees it (`portal.cases.ending`).
    """
    held = session().scalars(_HELD, {"holder": holder_id}).all()
    for case_id in held:
        release_case(case_id, actor=actor, channel=channel)
    return len(held)
