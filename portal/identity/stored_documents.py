"""What providers said of themselves, in the database: one copy for all processes, and whose turn it is to ask.

Each function is a short transaction of its own beside the page's, so that no lock is held while a provider is waited
for. Whoever fetches says so in the row first: a claim that runs out by itself, should that process die meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import DateTime, Executable, Integer, String, Text, and_, bindparam, case, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.db.base import Base, Moment
from portal.db.session import beside
from portal.identity.metadata import LONGEST_URL

CLAIM: Final = timedelta(seconds=30)
"""Longer than any call of ours takes (see `outbound`)."""
BETWEEN_FORCED: Final = timedelta(minutes=1)
"""How often a token may make us fetch anew, over all processes: a storm of forged ones is none at the provider."""
AFTER_FAILURE: Final = timedelta(seconds=5)
"""How soon a provider is asked again that did not answer and of which nothing is known."""
AFTER_FAILURE_WITH_COPY: Final = timedelta(minutes=1)
"""The same while a copy serves: nobody should often wait for a provider that is down."""


class ProviderDocumentRow(Base):
    """What one address of a provider answered last."""

    __tablename__ = "provider_document"

    url: Mapped[str] = mapped_column(String(LONGEST_URL), primary_key=True)
    version: Mapped[int]
    """Counts the answers, so that a process sees whether its own copy is the last."""
    body: Mapped[str | None] = mapped_column(Text)
    fetched_at: Mapped[Moment | None]
    fresh_until: Mapped[Moment | None]
    claimed_at: Mapped[Moment | None]
    """Since when somebody is fetching it."""
    forced_at: Mapped[Moment | None]
    """When it was last fetched before its time because a token named a key that was not in it."""
    failed_at: Mapped[Moment | None]
    failure: Mapped[str | None] = mapped_column(String(60))


@dataclass(frozen=True, slots=True)
class Stored:
    """The row as it is now. `body` is None when there is none, or when it is the version that was known already."""

    version: int
    body: str | None
    fetched_at: datetime | None
    fresh_until: datetime | None
    claimed_at: datetime | None
    failed_at: datetime | None
    failure: str | None

    def is_claimed(self, now: datetime) -> bool:
        """Whether somebody is fetching it."""
        return self.claimed_at is not None and now - self.claimed_at < CLAIM

    def may_be_asked(self, now: datetime) -> bool:
        """Whether it is time to ask, after a failure."""
        wait = AFTER_FAILURE if self.fetched_at is None else AFTER_FAILURE_WITH_COPY
        return self.failed_at is None or now - self.failed_at >= wait


_Row = ProviderDocumentRow
_TIME = DateTime(timezone=True)
_NOW = bindparam("now", type_=_TIME)
_FIND = select(
    _Row.version,
    case((_Row.version == bindparam("known", type_=Integer), null()), else_=_Row.body).label("body"),
    *(_Row.fetched_at, _Row.fresh_until, _Row.claimed_at, _Row.failed_at, _Row.failure),
).where(_Row.url == bindparam("url"))
_FREE = or_(_Row.claimed_at.is_(None), _Row.claimed_at < bindparam("claims_since", type_=_TIME))
_NEW = insert(_Row).values(url=bindparam("url"), version=0, claimed_at=_NOW)
_CLAIM = _NEW.on_conflict_do_update(
    index_elements=[_Row.url],
    set_={"claimed_at": _NOW},
    where=and_(_FREE, _Row.version == bindparam("known", type_=Integer)),
).returning(_Row.url)
_CLAIM_FORCED = _NEW.on_conflict_do_update(
    index_elements=[_Row.url],
    set_={"claimed_at": _NOW, "forced_at": _NOW},
    where=and_(_FREE, or_(_Row.forced_at.is_(None), _Row.forced_at <= bindparam("forced_since", type_=_TIME))),
).returning(_Row.url)
_MINE = and_(_Row.url == bindparam("its_url"), _Row.claimed_at == bindparam("claimed", type_=_TIME))
_KEEP = (
    update(_Row)
    .where(_MINE)
    .values(
        version=_Row.version + 1,
        body=bindparam("its_body"),
        fetched_at=bindparam("claimed", type_=_TIME),
        fresh_until=bindparam("until", type_=_TIME),
        claimed_at=None,
        failed_at=None,
        failure=None,
    )
)
_FAIL = (
    update(_Row).where(_MINE).values(claimed_at=None, failed_at=bindparam("at", type_=_TIME), failure=bindparam("code"))
)


def find(url: str, *, known: int | None = None) -> Stored | None:
    """What is kept of this address. `known` is the version that the caller has: its body is not sent again."""
    with beside() as connection:
        row = connection.execute(_FIND, {"url": url, "known": known}).one_or_none()
    return None if row is None else Stored(*row)


def claim(url: str, *, known: int) -> datetime | None:
    """Take it upon us to fetch it. None when somebody else does, or has since `known`; else what `keep` needs."""
    return _claimed(_CLAIM, url, known=known)


def claim_forced(url: str) -> datetime | None:
    """Take it upon us to fetch it before its time. None when somebody else does, or did within the minute."""
    return _claimed(_CLAIM_FORCED, url, forced_since=clock.now() - BETWEEN_FORCED)


def _claimed(statement: Executable, url: str, **more: object) -> datetime | None:
    now = clock.now()
    with beside() as connection:
        mine = connection.scalar(statement, {"url": url, "now": now, "claims_since": now - CLAIM, **more})
    return None if mine is None else now


def keep(url: str, *, claimed: datetime, body: str, fresh_until: datetime) -> None:
    """Keep what the address answered, unless the claim ran out and somebody else has a later answer."""
    with beside() as connection:
        connection.execute(_KEEP, {"its_url": url, "claimed": claimed, "its_body": body, "until": fresh_until})


def note_failure(url: str, *, claimed: datetime, code: str) -> None:
    """The address did not answer, or not with what it must. What was kept of it stays."""
    with beside() as connection:
        connection.execute(_FAIL, {"its_url": url, "claimed": claimed, "at": clock.now(), "code": code})
