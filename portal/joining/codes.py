"""Codes that join a record: in a letter to where its bills go, or from a caseworker who has made sure who asks.

A code is kept as a hash and deleted when it is used, so it works once. Who guesses is counted by account and stopped
long before a guess is likely to be right.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import DateTime, String, bindparam, delete, insert, or_

from portal import clock
from portal.accounts import spoken_codes
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.db.session import session
from portal.errors import TooMany
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.joining import tries
from portal.joining.attempting import Tried, join_for, later
from portal.joining.kinds import Declared, find_kind
from portal.joining.models import JoinCodeRow
from portal.joining.values import How, Match

PURPOSE: Final = "join"
FROM_DESK_FOR: Final = timedelta(days=7)
BY_LETTER_FOR: Final = timedelta(days=28)

_TAKE = (
    delete(JoinCodeRow)
    .where(
        JoinCodeRow.code_hash.in_(bindparam("hashes", type_=String, expanding=True)),
        JoinCodeRow.expires_at > bindparam("now", type_=DateTime(timezone=True)),
        or_(JoinCodeRow.account_id.is_(None), JoinCodeRow.account_id == bindparam("account")),
    )
    .returning(
        JoinCodeRow.service,
        JoinCodeRow.kind,
        JoinCodeRow.how,
        JoinCodeRow.key,
        JoinCodeRow.person_key,
        JoinCodeRow.role,
        JoinCodeRow.protected,
    )
)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a code was for."""

    service: str
    kind: str
    how: How
    key: str
    person_key: str
    role: str
    protected: bool


def make_desk_code(actor: str, declared: Declared, *, key: str, match: Match, identity_check: str) -> str:
    """A code that a caseworker gives to whom they have made sure of, as it is read out. It is shown this once."""
    code, code_id, now = spoken_codes.new_code(), uuid.uuid4(), clock.now()
    session().execute(
        insert(JoinCodeRow).values(
            id=code_id,
            account_id=None,
            service=declared.service,
            kind=declared.kind.code,
            how="desk",
            answers=None,
            code_hash=spoken_codes.kept(code, PURPOSE),
            key=key,
            person_key=match.person_key,
            role=match.role,
            protected=match.protected,
            made_by=actor,
            made_at=now,
            expires_at=now + FROM_DESK_FOR,
        )
    )
    record(
        "record.code_made",
        actor=actor,
        subject=f"join_code:{code_id}",
        service=declared.service,
        kind=declared.kind.code,
        identity_check=identity_check,
        protected=match.protected,
    )
    return spoken_codes.grouped(code)


def join_by_code(account: Account, typed: str) -> Tried | None:
    """Join the record that the code is for; None when there is no such code, or it is too old, used or another's."""
    try:
        tries.count_code(account)
    except TooMany as limit:
        return _noted(account, Tried("too_many", again_at=later(limit)))
    found = _taken(account, typed)
    declared = find_kind(found.service, found.kind) if found is not None else None
    if found is None or declared is None:
        _noted(account, Tried("not_matched"))
        return None
    tries.take_back_code(account)
    match = Match(outcome="matched", person_key=found.person_key, role=found.role, protected=found.protected)
    return join_for(account, declared, key=found.key, match=match, how=found.how)


def until(moment: datetime) -> datetime:
    """How long a code in a letter counts that is written then."""
    return moment + BY_LETTER_FOR


@job("joining.sweep_codes", cron="43 3 * * *")
def sweep_codes() -> None:
    """Delete codes that nobody used in time."""
    delete_in_portions(JoinCodeRow, JoinCodeRow.expires_at < clock.now())


def _taken(account: Account, typed: str) -> _Opened | None:
    hashes = spoken_codes.looked_up(typed, PURPOSE)
    values = {"hashes": hashes, "now": clock.now(), "account": account.id}
    row = session().execute(_TAKE, values, execution_options={"synchronize_session": False}).one_or_none()
    return None if row is None else _Opened(**row._mapping)


def _noted(account: Account, tried: Tried) -> Tried:
    record("record.tried", actor=f"account:{account.id}", account_id=account.id, how="code", end=tried.end)
    return tried
