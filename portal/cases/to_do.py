"""What a resident needs to do, on their own cases and as a second person on others', in one query."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from sqlalchemy import Date, DateTime, bindparam, cast, literal, select, union_all

from portal import clock
from portal.cases.cosignings import IS_ASKED_OF_ANOTHER
from portal.cases.models import CaseRow
from portal.cases.talk_models import CosigningRow, TaskRow
from portal.db.session import session

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing: a task, or a signature that somebody else asked for, which has no title of its own."""

    what: Literal["task", "cosigning"]
    id: uuid.UUID
    title: str
    reference: str
    due_on: date | None
    service: str
    is_payment: bool

    def is_overdue(self, today: date) -> bool:
        """Whether its day has gone by."""
        return self.due_on is not None and self.due_on < today


_TASKS = (
    # Whoever has asked a second person to sign waits for them, and has nothing to do meanwhile.
    select(
        literal("task").label("what"),
        TaskRow.id,
        TaskRow.title,
        CaseRow.reference,
        TaskRow.due_on,
        CaseRow.service,
        (TaskRow.kind == "payment").label("is_payment"),
    )
    .join(CaseRow, CaseRow.id == TaskRow.case_id)
    .where(TaskRow.account_id == bindparam("account"), TaskRow.state == "open", ~IS_ASKED_OF_ANOTHER)
)
_COSIGNINGS = (
    select(
        literal("cosigning").label("what"),
        CosigningRow.id,
        literal("").label("title"),
        CaseRow.reference,
        cast(CosigningRow.expires_at, Date).label("due_on"),
        CaseRow.service,
        literal(False).label("is_payment"),
    )
    .join(CaseRow, CaseRow.id == CosigningRow.case_id)
    .where(
        CosigningRow.signer_id == bindparam("account"),
        CosigningRow.state == "asked",
        CosigningRow.expires_at > bindparam("now", type_=DateTime(timezone=True)),
    )
)
_BOTH = union_all(_TASKS, _COSIGNINGS).subquery()
_TO_DO = select(_BOTH).order_by(_BOTH.c.due_on, _BOTH.c.id).limit(bindparam("limit"))  # those without a day come last


def to_do(account_id: uuid.UUID, *, limit: int = MOST) -> Sequence[ToDo]:
    """What this person needs to do, the most urgent first."""
    found = session().execute(_TO_DO, {"account": account_id, "now": clock.now(), "limit": limit})
    return [ToDo(**row._mapping) for row in found]
