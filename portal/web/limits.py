"""How often something may be done: counted in the database, so that all processes count together."""

import math
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import DateTime, String, bindparam, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.db.base import Base, Moment
from portal.db.session import beside
from portal.errors import TooMany
from portal.web.languages import ngettext

SWEEP_ONE_IN: Final = 500


class LimitCount(Base):
    """How often one thing was done in the running window."""

    __tablename__ = "limit_count"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the key: it may name an e-mail address or an IP address, which are not kept."""
    count: Mapped[int]
    ends_at: Mapped[Moment] = mapped_column(index=True)


_NOW = bindparam("now", type_=DateTime(timezone=True))
_ENDS = bindparam("ends", type_=DateTime(timezone=True))
_FRESH = insert(LimitCount).values(key=bindparam("key"), count=1, ends_at=_ENDS)
_HIT = _FRESH.on_conflict_do_update(
    index_elements=[LimitCount.key],
    set_={
        "count": case((LimitCount.ends_at <= _NOW, 1), else_=LimitCount.count + 1),
        "ends_at": case((LimitCount.ends_at <= _NOW, _ENDS), else_=LimitCount.ends_at),
    },
).returning(LimitCount.count, LimitCount.ends_at)
_LOOK = select(LimitCount.count, LimitCount.ends_at).where(LimitCount.key == bindparam("key"))
_LESS = (
    update(LimitCount)
    .where(LimitCount.key == bindparam("which"), LimitCount.count > 0)
    .values(count=LimitCount.count - 1)
)
_SWEEP = delete(LimitCount).where(
    LimitCount.key.in_(
        select(LimitCount.key).where(LimitCount.ends_at <= _NOW).limit(1000).with_for_update(skip_locked=True)
    )
)


def hit(key: str, *, limit: int, seconds: int) -> int:
    """Count one, and return how many it is. Raises TooMany when it is more than `limit` within `seconds`.

    All processes count together. In its own short transaction: what is counted stays counted when the request's own
    work is rolled back.
    """
    now = clock.now()
    values = {"key": sha256(key.encode("utf-8", "replace")).hexdigest(), "now": now}
    values["ends"] = now + timedelta(seconds=seconds)
    with beside() as connection:
        count, ends_at = connection.execute(_HIT, values).one()
        if secrets.randbelow(SWEEP_ONE_IN) == 0:
            connection.execute(_SWEEP, {"now": now})
    if count > limit:
        wait = max(1, math.ceil((ends_at - now).total_seconds()))
        raise TooMany(_sentence(wait), retry_after=wait)
    return count


def look(key: str, *, limit: int) -> None:
    """Count nothing. Raises TooMany when the next one would be too many."""
    now = clock.now()
    with beside() as connection:
        row = connection.execute(_LOOK, {"key": sha256(key.encode("utf-8", "replace")).hexdigest()}).one_or_none()
    count, ends_at = row if row is not None else (0, now)
    if ends_at > now and count >= limit:
        wait = max(1, math.ceil((ends_at - now).total_seconds()))
        raise TooMany(_sentence(wait), retry_after=wait)


def take_back(key: str) -> None:
    """Count one less: what was to be counted did not come about, through no fault of whoever tried."""
    less = {"which": sha256(key.encode("utf-8", "replace")).hexdigest()}
    with beside() as connection:
        connection.execute(_LESS, less)


def forget(key: str) -> None:
    """Start this count anew: after a right password, the wrong ones no longer count."""
    with beside() as connection:
        connection.execute(
            delete(LimitCount).where(LimitCount.key == sha256(key.encode("utf-8", "replace")).hexdigest())
        )


def _sentence(wait: int) -> str:
    if wait < 60:
        return ngettext(
            "You have tried too often. Wait %(n)s second, then try again.",
            "You have tried too often. Wait %(n)s seconds, then try again.",
            wait,
        )
    return ngettext(
        "You have tried too often. Wait %(n)s minute, then try again.",
        "You have tried too often. Wait %(n)s minutes, then try again.",
        math.ceil(wait / 60),
    )
