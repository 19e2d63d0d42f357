"""Where a resident is signed in, and where they were lately."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import DateTime, Row, and_, bindparam, not_, select, type_coerce

from portal import clock
from portal.db.session import session
from portal.identity.assurance import Assurance
from portal.identity.models import AccountHoldRow, HeldPostRow, KnownDeviceRow, SessionRow, SignInNoticeRow
from portal.settings.council import Sessions

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
    .where(SessionRow.account_id == bindparam("account_id"), SessionRow.mode.is_(None), _IS_OPEN)
    .order_by(SessionRow.last_seen_at.desc(), SessionRow.id)
    .limit(MOST_OPEN)
)
_ENDED = (
    select(*_COLUMNS)
    .where(
        SessionRow.account_id == bindparam("account_id"),
        SessionRow.mode.is_(None),  # when staff are in a resident's place, that is told elsewhere: see `staff.looks`
        SessionRow.created_at > _moment("since"),
        not_(_IS_OPEN),
    )
    .order_by(SessionRow.created_at.desc(), SessionRow.id)
    .limit(MOST_ENDED)
)
_ALL = (
    select(*_COLUMNS)
    .where(SessionRow.account_id == bindparam("account_id"), SessionRow.mode.is_(None))
    .order_by(SessionRow.created_at, SessionRow.id)
)
_DEVICES = (
    select(KnownDeviceRow.first_seen_at, KnownDeviceRow.last_seen_at)
    .where(KnownDeviceRow.account_id == bindparam("account_id"))
    .order_by(KnownDeviceRow.first_seen_at, KnownDeviceRow.digest)
)
_NOTICES = (
    select(SignInNoticeRow.sent_at, SignInNoticeRow.used_at)
    .where(SignInNoticeRow.account_id == bindparam("account_id"))
    .order_by(SignInNoticeRow.sent_at, SignInNoticeRow.token_hash)
)
_HOLD = select(AccountHoldRow.held_at, AccountHoldRow.doubted_since, AccountHoldRow.link_sent_at).where(
    AccountHoldRow.account_id == bindparam("account_id")
)
_HELD_POSTS = (
    select(HeldPostRow.created_at, HeldPostRow.path, HeldPostRow.fields)
    .where(HeldPostRow.account_id == bindparam("account_id"))
    .order_by(HeldPostRow.created_at, HeldPostRow.id)
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
            "ended_at": _iso(each.ended_at),
            "ended_why": each.ended_why,
            "provider": each.provider,
            "assurance": each.assurance.name.lower(),
            "device": each.device,
        }
        for each in (_read(row) for row in session().execute(_ALL, {"account_id": account_id}))
    ]


def safety_of(account_id: uuid.UUID) -> dict[str, Any]:  # plain JSON values
    """What is kept to protect one resident's sign-in, for the download of their data."""
    key = {"account_id": account_id}
    hold = session().execute(_HOLD, key).one_or_none()
    return {
        "devices": [
            {"first_seen_at": row.first_seen_at.isoformat(), "last_seen_at": row.last_seen_at.isoformat()}
            for row in session().execute(_DEVICES, key)
        ],
        "sign_in_letters": [
            {"sent_at": row.sent_at.isoformat(), "used_at": _iso(row.used_at)}
            for row in session().execute(_NOTICES, key)
        ],
        "hold": hold
        and {
            "held_at": hold.held_at.isoformat(),
            "doubted_since": hold.doubted_since.isoformat(),
            "link_sent_at": _iso(hold.link_sent_at),
        },
        "unsent_forms": [
            {"kept_since": row.created_at.isoformat(), "path": row.path, "fields": row.fields}
            for row in session().execute(_HELD_POSTS, key)
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


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
