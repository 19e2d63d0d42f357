"""Where the chain ended at which moment, and the stretch of it that lies between two days."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Row, Select, bindparam, select

from portal.audit.chain import Head, head_in
from portal.audit.models import AuditHead
from portal.db.session import session
from portal.errors import Refused

COLUMNS: Final = (AuditHead.number, AuditHead.entry_id, AuditHead.chain, AuditHead.sealed_at)
_NEWEST: Final = select(*COLUMNS).order_by(AuditHead.number.desc()).limit(1)
_BEFORE: Final = (
    select(*COLUMNS)
    .where(AuditHead.sealed_at < bindparam("moment"))
    .order_by(AuditHead.sealed_at.desc(), AuditHead.number.desc())
    .limit(1)
)
_FROM: Final = (
    select(*COLUMNS)
    .where(AuditHead.sealed_at >= bindparam("moment"))
    .order_by(AuditHead.sealed_at, AuditHead.number)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the chain, from one head to another. Neither: the whole trail."""

    after: Head | None = None
    """The head that it begins after; None: it begins with the first entry."""
    until: Head | None = None
    """The head that it ends with; None: it goes to the newest entry, sealed or not."""

    @property
    def first_id(self) -> int:
        """The first id that may be within."""
        return self.after.entry_id + 1 if self.after else 1


def stretch_between(since: datetime | None, before: datetime | None) -> Stretch:
    """The stretch that holds every entry sealed in this time: it begins and ends with a head, so perhaps a bit wider.

    By the times of sealing and not of the acts: those go by the clocks of many machines, and what is brought over
    from elsewhere has older ones. So the entries of two stretches that adjoin in time leave no gap between them.
    Raises Refused when the time ends before it begins.
    """
    _check_order(since, before)
    return Stretch(
        after=_one(_BEFORE, since) if since else None,
        until=_one(_FROM, before) if before else None,
    )


def sealed_between(since: datetime | None, before: datetime | None) -> Stretch:
    """The entries sealed in this time, and no other: what leaves the house is what was asked for.

    Raises Refused when the time ends before it begins, or when nothing was sealed in it.
    """
    _check_order(since, before)
    after = _one(_BEFORE, since) if since else None
    until = _one(_BEFORE, before) if before else newest_head()
    if until is None or (after is not None and until.number <= after.number):
        raise Refused("Nothing was sealed in this time. The job worker seals each minute.")
    return Stretch(after, until)


def newest_head() -> Head | None:
    """Where the chain ends now; None when nothing was sealed yet."""
    return _one(_NEWEST)


def heads_in(path: Path) -> Iterator[Head]:
    """The heads that were written to a file, also to a log with other lines between them. Raises Refused."""
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                if line.startswith("{") or "audit head {" in line:
                    yield head_in(line)
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"The file of heads cannot be read: {error}") from None


def as_heads(rows: Iterable[Row[int, int, bytes, datetime]]) -> Iterator[Head]:
    """Rows of `COLUMNS` as heads."""
    return (Head(number, entry_id, bytes(chain), sealed_at) for number, entry_id, chain, sealed_at in rows)


def _check_order(since: datetime | None, before: datetime | None) -> None:
    if since and before and since >= before:
        raise Refused("The time ends before it begins: nothing can lie in it.")


def _one(statement: Select[int, int, bytes, datetime], moment: datetime | None = None) -> Head | None:
    return next(as_heads(session().execute(statement, {"moment": moment} if moment else {}).all()), None)
