"""Keys of programs that write by Open311: made and ended by command, known to us by their digest alone."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, func, select, update

from portal.kit import NotFound, Refused, clock, limit, record, session, settings_of
from services.reporting.models.keys import ApiKey
from services.reporting.rules.open311.faults import FORBIDDEN, wrong
from services.reporting.settings.reporting import ReportingSettings

ACTOR: Final = "system:cli"
SCOPES: Final = ("report", "update", "status")
HOUR: Final = 3600
TEN_MINUTES: Final = 600
MOST_WRONG: Final = 60
"""Wrong keys from one address in ten minutes before it is no longer listened to. Right ones are not counted."""
POSTS_AN_HOUR: Final = 1000
MOST_POSTS: Final = 1_000_000
LONGEST_NAME: Final = 100
USED_EVERY: Final = timedelta(hours=1)
"""So often the last use is written down: to see which keys nobody uses, a row need not be written at every call."""

_KNOWN = select(ApiKey.id, ApiKey.name, ApiKey.scopes, ApiKey.office, ApiKey.posts_an_hour, ApiKey.used_at).where(
    ApiKey.key_hash == bindparam("digest"), ApiKey.ended_at.is_(None)
)
_USED = update(ApiKey).where(ApiKey.id == bindparam("key")).values(used_at=bindparam("now"))
_ALL = select(ApiKey).order_by(ApiKey.created_at, ApiKey.id).limit(1000)


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that brought a key: by what name the council knows it, and what it may do.

    `office` is the back office that it speaks for, when it may say how reports stand.
    """

    id: UUID
    name: str
    scopes: frozenset[str]
    office: str | None
    posts_an_hour: int
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key in the list of them; the key itself is kept nowhere."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    office: str | None
    posts_an_hour: int
    created_at: datetime
    used_at: datetime | None
    ended_at: datetime | None


def make_key(
    name: str, *, scopes: Collection[str], office: str | None = None, posts_an_hour: int = POSTS_AN_HOUR
) -> str:
    """A new key for a program of that name, to be shown once. Raises Refused for what no key can have."""
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME or not called.isprintable():
        raise Refused(f"Name whose program it is, in at most {LONGEST_NAME} characters.")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Refused(f"Name what the key may do: {', '.join(SCOPES)}.")
    if (office is not None) != ("status" in scopes):
        raise Refused("A key that says how reports stand names the office it speaks for, and no other does.")
    if office is not None and office not in settings_of(ReportingSettings).every_office:
        raise Refused(f"The settings know no office called {office}.")
    if not 1 <= posts_an_hour <= MOST_POSTS:
        raise Refused(f"Posts in an hour are a number from 1 to {MOST_POSTS}.")
    if session().scalar(select(ApiKey.id).where(func.lower(ApiKey.name) == called.lower()).limit(1)) is not None:
        raise Refused("There is a key of that name already. Names stay with reports, so they are not used again.")
    key, row_id = secrets.token_urlsafe(32), uuid4()
    session().add(
        ApiKey(
            id=row_id,
            name=called,
            key_hash=_digest(key),
            scopes=[scope for scope in SCOPES if scope in scopes],
            office=office,
            posts_an_hour=posts_an_hour,
            created_at=clock.now(),
        )
    )
    record("reporting.api_key_made", actor=ACTOR, subject=f"api_key:{row_id}")
    return key


def end_key(key_id: UUID) -> None:
    """End a key, at once. Raises NotFound when there is no such key in force."""
    ended = (
        update(ApiKey)
        .where(ApiKey.id == key_id, ApiKey.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(ApiKey.id)
    )
    if session().execute(ended).one_or_none() is None:
        raise NotFound("There is no such key in force.")
    record("reporting.api_key_ended", actor=ACTOR, subject=f"api_key:{key_id}")


def keys() -> Sequence[KnownKey]:
    """All keys that there ever were, the oldest first."""
    names = KnownKey.__slots__
    rows = session().scalars(_ALL)
    return [KnownKey(**{name: getattr(row, name) for name in names} | {"scopes": tuple(row.scopes)}) for row in rows]


def find_caller(key: str, *, address: str) -> Caller | None:
    """Who brings this key; None when it is none. Raises TooMany when too many wrong ones came from `address`."""
    if not key:
        return None
    row = session().execute(_KNOWN, {"digest": _digest(key)}).one_or_none()
    if row is None:
        limit(f"reporting.api.wrong:{address}", limit=MOST_WRONG, seconds=TEN_MINUTES)
        return None
    return Caller(row.id, row.name, frozenset(row.scopes), row.office, row.posts_an_hour, row.used_at)


def admit(key: str, *, scopes: Collection[str], address: str) -> Caller:
    """The program that posts with this key, which may do one of these things. Counts the post.

    Raises Wrong (403) without a key, with a wrong one, or with one for other things; TooMany.
    """
    caller = find_caller(key, address=address)
    if caller is None:
        raise wrong("api_key was not provided" if not key else "api_key is not one that we know", FORBIDDEN)
    if caller.scopes.isdisjoint(scopes):
        raise wrong("api_key is not for this", FORBIDDEN)
    limit(f"reporting.api:{caller.id}", limit=caller.posts_an_hour, seconds=HOUR)
    return caller


def note_use(caller: Caller) -> None:
    """Write down that the key was used. After the work: what looks something up outside may not have written yet."""
    if caller.used_at is None or caller.used_at < clock.now() - USED_EVERY:
        session().execute(_USED, {"key": caller.id, "now": clock.now()})


def _digest(key: str) -> str:
    """What is kept of a key. A plain hash is enough for 256 bits that nobody can guess."""
    return sha256(key.encode("utf-8", "replace")).hexdigest()
