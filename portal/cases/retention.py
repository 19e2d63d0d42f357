"""Forget the persons of cases that were closed so long ago that nobody will ask: each case type says when."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, func, select

from portal import clock
from portal.audit.operations import record
from portal.cases.declared import CaseType
from portal.cases.forgetting import forget_cases
from portal.cases.models import CaseRow
from portal.cases.types import all_types
from portal.db.session import session
from portal.jobs.queue import job

AT_ONCE: Final = 500
ACTOR: Final = "system:cases"

_OVER = (
    CaseRow.service == bindparam("service"),
    CaseRow.type == bindparam("type"),
    CaseRow.closed_at < bindparam("before"),
    CaseRow.account_id.is_not(None),
)
_SOME = select(CaseRow.id).where(*_OVER).order_by(CaseRow.closed_at, CaseRow.id).limit(AT_ONCE)
_HOW_MANY = select(func.count()).select_from(CaseRow).where(*_OVER)


@job("cases.let_go", cron="23 3 * * *")
def let_go() -> None:
    """Forget the persons of each type's cases whose keeping is over, some at a time, each portion committed."""
    for case_type in _types():
        while some := session().scalars(_SOME, _values(case_type)).all():
            _forget(case_type, some)
            session().commit()


def would_let_go() -> Mapping[tuple[str, str], int]:
    """How many cases of each type, by service and slug, the next run would let go of. Changes nothing."""
    return {
        (case_type.service, case_type.slug): session().execute(_HOW_MANY, _values(case_type)).scalar_one()
        for case_type in _types()
    }


def _types() -> list[CaseType]:
    return [case_type for case_type in all_types() if case_type.retention_days]


def _values(case_type: CaseType) -> dict[str, object]:
    before = clock.now() - timedelta(days=case_type.retention_days)
    return {"service": case_type.service, "type": case_type.slug, "before": before}


def _forget(case_type: CaseType, some: Sequence[uuid.UUID]) -> None:
    forget_cases(some)
    record(
        "case.let_go",
        actor=ACTOR,
        subject=f"case_type:{case_type.service}.{case_type.slug}",
        many=len(some),
        after_days=case_type.retention_days,
    )
