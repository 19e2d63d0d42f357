"""What becomes of a change that is asked for: done at once, left to an officer, or refused with a code."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, bindparam, insert, select, text, update

from services.council_tax.backoffice.changes import Change
from services.council_tax.backoffice.values import ChangeAnswer
from services.council_tax.standin import claims, leaving, money, moves, records
from services.council_tax.standin.asked import OCCUPIED, OFFICER, Act, Ask, Done
from services.council_tax.standin.behaviour import Behaviour
from services.council_tax.standin.faults import key_used, nothing_there
from services.council_tax.standin.store import change

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type
CHANGE: Final[TypeAdapter[Change]] = TypeAdapter(Change)
ACTS: Final[Mapping[str, Act]] = {**claims.ACTS, **money.ACTS, **moves.ACTS}

_LOCK_KEY = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")
_BY_KEY = select(change).where(change.c.key == bindparam("which"))
_WAITING = (
    select(change)
    .where(change.c.state == "with_officer", change.c.reference == bindparam("ref"))
    .order_by(change.c.asked_at, change.c.key)
)
_ANSWER = (
    update(change)
    .where(change.c.key == bindparam("which"))
    .values(state=bindparam("to"), answer=bindparam("said", type_=change.c.answer.type))
)


def ask(
    db: Connection, *, key: str, person_id: str, reference: str, asked: Change, today: date, now: datetime
) -> ChangeAnswer:
    """Take a change; asked before under this key, it is answered as it was. Raises Fault."""
    db.execute(_LOCK_KEY, {"key": key})
    body = asked.model_dump(mode="json")
    before = db.execute(_BY_KEY, {"which": key}).one_or_none()
    if before is not None:
        if (before.body, before.reference, before.person_id) != (body, reference, person_id):
            raise key_used()
        return ChangeAnswer.model_validate(before.answer)
    if not reference and asked.kind != "move_in":
        raise nothing_there()
    row = records.own(db, person_id, reference, lock=True) if reference else None
    if row is not None:
        leaving.check(db, row, person_id, today)
    said = _judged(Ask(db, row, person_id, asked, today, now), uuid.uuid4().hex, decided=False)
    values = {"key": key, "id": said.id, "reference": reference, "person_id": person_id, "body": body}
    db.execute(insert(change), values | {"state": said.state, "answer": said.model_dump(mode="json"), "asked_at": now})
    return said


def decide_due(db: Connection, told: Behaviour, today: date, now: datetime, *, reference: str) -> bool:
    """Let an officer decide what has waited for as long as was told. Whether there was anything. What somebody else's
    account stands in the way of goes on waiting."""
    if told.officer_minutes is None:
        return False
    until = now - timedelta(minutes=told.officer_minutes)
    due = [each for each in db.execute(_WAITING, {"ref": reference}) if each.asked_at <= until]
    for each in due:
        decide(db, each.key, accept=True, today=today, now=now, waits=True)
    return bool(due)


def decide(
    db: Connection, key: str, *, accept: bool, today: date, now: datetime, reason: str = "", waits: bool = False
) -> ChangeAnswer:
    """An officer's decision. What has been decided stays as it is. `waits`: what somebody else's account stands in the
    way of is neither accepted nor refused. Raises Fault."""
    found = db.execute(_BY_KEY.with_for_update(), {"which": key}).one_or_none()
    if found is None:
        raise nothing_there()
    if found.state != "with_officer":
        return ChangeAnswer.model_validate(found.answer)
    asked = CHANGE.validate_python(found.body)
    if accept:
        row = records.own(db, found.person_id, found.reference, lock=True) if found.reference else None
        said = _judged(Ask(db, row, found.person_id, asked, today, now), found.id, decided=True)
        if waits and said.reason == OCCUPIED:
            return ChangeAnswer.model_validate(found.answer)
    else:
        said = ChangeAnswer(id=found.id, kind=asked.kind, state="refused", reason=reason or "not_entitled")
    db.execute(_ANSWER, {"which": key, "to": said.state, "said": said.model_dump(mode="json")})
    return said


def _judged(asked: Ask, change_id: str, *, decided: bool) -> ChangeAnswer:
    """Look at it, and do it where nothing stands against it."""
    act = ACTS[asked.change.kind]
    verdict = act.look(asked)
    reference = asked.row.reference if asked.row else ""
    plain = {"id": change_id, "kind": asked.change.kind, "reference": reference, "person_id": asked.person_id}
    if verdict in (OFFICER, OCCUPIED) and not decided:
        return ChangeAnswer.model_validate(plain | {"state": "with_officer"})
    if verdict and verdict != OFFICER:
        return ChangeAnswer.model_validate(plain | {"state": "refused", "reason": verdict})
    done: Done = act.do(asked)
    reference = done.reference or reference
    told = {
        "state": "accepted",
        "effective_on": done.effective_on,
        "bill_id": done.bill_id,
        "balance": records.row_of(asked.db, reference).balance,
        "reference": reference,
        "person_id": asked.person_id if done.person_id is None else done.person_id,
    }
    return ChangeAnswer.model_validate(plain | told)
