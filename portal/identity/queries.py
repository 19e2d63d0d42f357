"""Where a resident is signed in, and where they were lately."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import DateTime, Row, and_, bindparam, not_, select, type_coerce

from portal import clock
from portal.db.session import session
from portal.identity.assurance import Assurance
from portal.identity.models import SessionRow
from portal.settings import Sessions

MOST_OPEN: Final = 50
MOST_ENDED: Final = 50
LATELY: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in. `device` is a family such as `Firefox, Windows`, or empty. `ended_why` None: it is open."""

    id: uuid.UUID
    provider: str
    issuer: str
    assurance: Assurance
    device: str
    created_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    ended_why: str | None


def _moment(name: str) -> Any:  # a bound parameter that SQLAlchemy's comparisons take as a time
    return type_coerce(bindparam(name), DateTime(timezone=True))


_COLUMNS = [getattr(SessionRow, name) for name in SignIn.__dataclass_fields__]
_IS_OPEN = and_(
    SessionRow.ended_at.is_(None),
    SessionRow.last_seen_at >= _moment("idle_since"),
    SessionRow.created_at >= _moment("oldest"),
)
_OPEN = (
    select(*_COLUMNS)
    .where(SessionRow.account_id == bindparam("account_id"), _IS_OPEN)
    .order_by(SessionRow.last_seen_at.desc(), SessionRow.id)
    .limit(MOST_OPEN)
)
_ENDED = (
    select(*_COLUMNS)
    .where(
        SessionRow.account_id == bindparam("account_id"),
        SessionRow.created_at > _moment("since"),
        not_(_IS_OPEN),
    )
    .order_by(SessionRow.created_at.desc(), SessionRow.id)
    .limit(MOST_ENDED)
)
_ALL = (
    select(*_COLUMNS)
    .where(SessionRow.account_id == bindparam("account_id"))
    .order_by(SessionRow.created_at, SessionRow.id)
)


def open_sessions(account_id: uuid.UUID, limits: Sessions) -> list[SignIn]:
    """Where the resident is signed in now, the last used first, 50 at most."""
    return [_read(row) for row in session().execute(_OPEN, _key(account_id, limits))]


def ended_sessions(account_id: uuid.UUID, limits: Sessions) -> list[SignIn]:
    """Sign-ins of the last 30 days that are over, the newest first, 50 at most.

    One that has run out and that nobody has ended yet is over at the moment when it ran out.
    """
    key = _key(account_id, limits) | {"since": clock.now() - LATELY}
    return [_ran_out(_read(row), limits) for row in session().execute(_ENDED, key)]


def everything_about(account_id: uuid.UUID) -> list[dict[str, Any]]:  # plain JSON values
    """The sign-ins that are remembered of one resident, oldest first, for the download of their data."""
    return [
        {
            "signed_in_at": each.created_at.isoformat(),
            "last_seen_at": each.last_seen_at.isoformat(),
            "ended_at": each.ended_at.isoformat() if each.ended_at else None,
            "provider": each.provider,
            "device": each.device,
        }
        for each in (_read(row) for row in session().execute(_ALL, {"account_id": account_id}))
    ]


def _read(row: Row[Any]) -> SignIn:
    values = dict(row._mapping)
    return SignIn(**values | {"assurance": Assurance(values["assurance"])})


def _ran_out(found: SignIn, limits: Sessions) -> SignIn:
    if found.ended_at is not None:
        return found
    ends = min(
        found.last_seen_at + timedelta(minutes=limits.idle_minutes),
        found.created_at + timedelta(hours=limits.absolute_hours),
    )
    values = {name: getattr(found, name) for name in SignIn.__dataclass_fields__}
    return SignIn(**values | {"ended_at": ends, "ended_why": "ran_out"})


def _key(account_id: uuid.UUID, limits: Sessions) -> dict[str, Any]:
    now = clock.now()
    return {
        "account_id": account_id,
        "idle_since": now - timedelta(minutes=limits.idle_minutes),
        "oldest": now - timedelta(hours=limits.absolute_hours),
    }
