"""Invitations to sign as they are kept: found, read, and brought to an end."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import DateTime, Row, bindparam, exists, func, select, tuple_, update

from portal import clock
from portal.accounts.models import ProfileRow
from portal.cases.models import CaseRow
from portal.cases.talk_models import CosigningRow, TaskRow
from portal.cases.talk_values import Cosigning, CosigningState, mark_of, read_mark
from portal.cases.telling import tell_signer
from portal.db.session import session
from portal.errors import NotFound

PAGE: Final = 20
WITHDRAWN_MAIL: Final = "home/mail/cosign_withdrawn.txt"

_NAME = func.trim(func.concat(ProfileRow.given_name, " ", ProfileRow.family_name))
_COLUMNS = (
    CosigningRow.id,
    CosigningRow.task_id,
    CosigningRow.case_id,
    CosigningRow.account_id,
    CosigningRow.signer_id,
    CaseRow.service,
    CaseRow.type,
    CaseRow.reference,
    CosigningRow.email,
    CosigningRow.statement,
    CosigningRow.facts.label("said"),
    CosigningRow.state,
    CosigningRow.asked_at,
    CosigningRow.expires_at,
    CosigningRow.ended_at,
    _NAME.label("asked_by"),
)
_COSIGNINGS = (
    select(*_COLUMNS)
    .join(CaseRow, CaseRow.id == CosigningRow.case_id)
    .outerjoin(ProfileRow, ProfileRow.account_id == CosigningRow.account_id)
)
_BY_TOKEN = _COSIGNINGS.where(CosigningRow.token_hash == bindparam("token_hash"))
_BY_ID = _COSIGNINGS.where(CosigningRow.id == bindparam("cosigning"))
_NEWEST_OF_TASK = (
    _COSIGNINGS.where(CosigningRow.task_id == bindparam("task"))
    .order_by(CosigningRow.asked_at.desc(), CosigningRow.id.desc())
    .limit(1)
)
_SIGNERS = (
    _COSIGNINGS.where(CosigningRow.signer_id == bindparam("signer"))
    .order_by(CosigningRow.asked_at.desc(), CosigningRow.id.desc())
    .limit(bindparam("limit"))
)
_SIGNERS_OLDER = _SIGNERS.where(
    tuple_(CosigningRow.asked_at, CosigningRow.id) < tuple_(bindparam("at"), bindparam("id"))
)

_WHO_SIGNED = (
    select(CosigningRow.task_id, CosigningRow.signer_id, _NAME.label("name"))
    .join(ProfileRow, ProfileRow.account_id == CosigningRow.signer_id)
    .where(CosigningRow.state == "signed")
)
_WHO_SIGNED_TASKS = _WHO_SIGNED.where(CosigningRow.task_id.in_(bindparam("tasks", expanding=True)))
_WHO_SIGNED_CASE = _WHO_SIGNED.where(CosigningRow.case_id == bindparam("case"))
_OPEN_ON = (
    CosigningRow.state == "asked",
    CosigningRow.expires_at >= bindparam("from"),
    CosigningRow.expires_at < bindparam("to"),
    CosigningRow.expires_at > bindparam("now"),
)
# Of each of these people everything: a portion that ends within one of them would lose the rest.
_DUE_PEOPLE = (
    select(CosigningRow.signer_id)
    .where(*_OPEN_ON, CosigningRow.signer_id > bindparam("after"))
    .distinct()
    .order_by(CosigningRow.signer_id)
    .limit(bindparam("limit"))
)
_DUE = (
    select(CosigningRow.signer_id, CosigningRow.id, CaseRow.reference)
    .join(CaseRow, CaseRow.id == CosigningRow.case_id)
    .where(*_OPEN_ON, CosigningRow.signer_id.in_(_DUE_PEOPLE))
    .order_by(CosigningRow.signer_id, CosigningRow.id)
)

IS_ASKED_OF_ANOTHER = exists().where(
    CosigningRow.task_id == TaskRow.id,
    CosigningRow.state == "asked",
    CosigningRow.expires_at > bindparam("now", type_=DateTime(timezone=True)),
)
"""Of a task: whether a second person is asked to sign for it now, so that whoever asked waits for them. Bind `now`."""
_WAIT_FOR_SIGNERS = (
    select(TaskRow.case_id)
    .where(TaskRow.case_id.in_(bindparam("cases", expanding=True)), TaskRow.state == "open")
    .group_by(TaskRow.case_id)
    .having(func.bool_and(IS_ASKED_OF_ANOTHER))
)
_ASKED_FOR = select(CosigningRow.task_id).where(
    CosigningRow.task_id.in_(bindparam("tasks", expanding=True)),
    CosigningRow.state == "asked",
    CosigningRow.expires_at > bindparam("now"),
)
_SENT_TO = (
    select(CosigningRow.id, CosigningRow.task_id)
    .where(CosigningRow.email == bindparam("email"), CosigningRow.state == "asked")
    .order_by(CosigningRow.case_id, CosigningRow.id)
)


def find_by_token_hash(token_hash: str) -> Cosigning | None:
    """The invitation that nobody has taken up yet and whose link this is."""
    row = session().execute(_BY_TOKEN, {"token_hash": token_hash}).one_or_none()
    return _cosigning(row) if row else None


def get_cosigning(signer_id: uuid.UUID, cosigning_id: uuid.UUID) -> Cosigning:
    """What this person has taken up to sign, to be told so where it was withdrawn since. Raises NotFound."""
    found = get_any(cosigning_id)
    if found.signer_id != signer_id:
        raise NotFound
    return found


def get_any(cosigning_id: uuid.UUID) -> Cosigning:
    """An invitation, whoever's it is. Raises NotFound."""
    row = session().execute(_BY_ID, {"cosigning": cosigning_id}).one_or_none()
    if row is None:
        raise NotFound
    return _cosigning(row)


def newest_for(task_id: uuid.UUID) -> Cosigning | None:
    """The latest invitation for a task, for who asked and for staff."""
    row = session().execute(_NEWEST_OF_TASK, {"task": task_id}).one_or_none()
    return _cosigning(row) if row else None


def signed_by(
    signer_id: uuid.UUID, *, before: str | None = None, limit: int = PAGE
) -> tuple[Sequence[Cosigning], str | None]:
    """What this person was asked to sign and took up, newest first, and the mark where the next page begins."""
    values: dict[str, Any] = {"signer": signer_id, "limit": limit + 1}
    query, mark = _SIGNERS, read_mark(before)
    if mark is not None:
        query, values = _SIGNERS_OLDER, {**values, "at": mark[0], "id": mark[1]}
    found = [_cosigning(row) for row in session().execute(query, values)]
    page = found[:limit]
    return page, mark_of(page[-1].asked_at, page[-1].id) if len(found) > limit else None


def signers_of(case_id: uuid.UUID) -> dict[str, str]:
    """Who signed something for a case, by actor: their names, for the council. Get the case first."""
    return {f"account:{row.signer_id}": row.name for row in session().execute(_WHO_SIGNED_CASE, {"case": case_id})}


def signers_of_tasks(task_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Who signed, by task: their names, for whoever asked them. Get the tasks first: this does not ask whose they are.

    Nobody is in it who is forgotten since.
    """
    found = session().execute(_WHO_SIGNED_TASKS, {"tasks": list(task_ids)}) if task_ids else ()
    return {row.task_id: row.name for row in found}


def asked_for(task_ids: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Those of the tasks for which somebody is asked to sign now. Get the tasks first."""
    if not task_ids:
        return frozenset()
    return frozenset(session().scalars(_ASKED_FOR, {"tasks": list(task_ids), "now": clock.now()}))


def waiting_for_signers(case_ids: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Those of the cases that wait for nothing but a signature that somebody is asked for. Get the cases first."""
    if not case_ids:
        return frozenset()
    return frozenset(session().scalars(_WAIT_FOR_SIGNERS, {"cases": list(case_ids), "now": clock.now()}))


def due_on(day: date, after: uuid.UUID | None, limit: int) -> Sequence[tuple[uuid.UUID, uuid.UUID, str]]:
    """What can be signed until that day by the next `limit` people after this one, in order: (account, cosigning,
    reference of the case).
    """
    begins = datetime.combine(day, time(), clock.LOCAL)
    ends = datetime.combine(day + timedelta(days=1), time(), clock.LOCAL)
    values = {"from": begins, "to": ends, "now": clock.now()}
    found = session().execute(_DUE, {**values, "after": after or uuid.UUID(int=0), "limit": limit})
    return [(row.signer_id, row.id, row.reference) for row in found]


def end(cosigning_id: uuid.UUID, state: CosigningState) -> None:
    """Bring an invitation to an end: its link and the address that it went to are forgotten."""
    session().execute(
        update(CosigningRow)
        .where(CosigningRow.id == cosigning_id)
        .values(state=state, ended_at=clock.now(), email=None, token_hash=None)
    )


def not_taken_up(email: str) -> Sequence[tuple[uuid.UUID, uuid.UUID]]:
    """The invitations to that address whose link nobody has used yet: (cosigning, task)."""
    found = session().execute(_SENT_TO, {"email": email})
    return [(row.id, row.task_id) for row in found]


def withdraw_for(task_id: uuid.UUID) -> bool:
    """Nobody is asked to sign for this task any more; whether somebody was. Who has taken it up is told.

    Hold the task first.
    """
    gone = session().scalar(
        update(CosigningRow)
        .where(CosigningRow.task_id == task_id, CosigningRow.state == "asked")
        .values(state="withdrawn", ended_at=clock.now(), email=None, token_hash=None)
        .returning(CosigningRow.id)
    )
    if gone is None:
        return False
    found = get_any(gone)
    if found.signer_id is not None:
        tell_signer(found, WITHDRAWN_MAIL)
    return True


def withdraw_own(case_ids: Sequence[uuid.UUID], *, signer_id: uuid.UUID) -> dict[uuid.UUID, list[uuid.UUID]]:
    """These locked cases are now of the one who took up signing on them: withdraw that; the tasks of each case."""
    gone = session().execute(
        update(CosigningRow)
        .where(CosigningRow.case_id.in_(case_ids), CosigningRow.signer_id == signer_id, CosigningRow.state == "asked")
        .values(state="withdrawn", ended_at=clock.now(), email=None, token_hash=None)
        .returning(CosigningRow.case_id, CosigningRow.task_id)
        .execution_options(synchronize_session=False)
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for case_id, task_id in gone:
        found.setdefault(case_id, []).append(task_id)
    return found


def _cosigning(row: Row[*tuple[Any, ...]]) -> Cosigning:
    return Cosigning(**row._mapping)
