"""The resident's inbox: what they were told, newest first, whatever became of the letters."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, select, tuple_, update

from portal import clock
from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import NotFound
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.notices.models import NoticeRow
from portal.web.languages import gettext as _

PAGE: Final = 25
MOST_COUNTED: Final = 100
KEPT: Final = timedelta(days=2 * 365)


@dataclass(frozen=True, slots=True)
class Notice:
    """One entry of the inbox. `path` is where it leads on this portal."""

    id: uuid.UUID
    topic: str
    subject: str
    headline: str
    body: str
    path: str
    told_at: datetime
    read_at: datetime | None


_COLUMNS = [getattr(NoticeRow, name) for name in Notice.__dataclass_fields__]
_THEIRS = select(*_COLUMNS).where(NoticeRow.account_id == bindparam("account"))
_NEWEST = _THEIRS.order_by(NoticeRow.told_at.desc(), NoticeRow.id.desc()).limit(bindparam("limit"))
_ONE = _THEIRS.where(NoticeRow.id == bindparam("notice"))
_UNREAD = select(func.count()).select_from(
    select(NoticeRow.id)
    .where(NoticeRow.account_id == bindparam("account"), NoticeRow.read_at.is_(None))
    .limit(MOST_COUNTED)
    .subquery()
)

_LEADS_TO = select(
    exists().where(
        NoticeRow.account_id == bindparam("account"), NoticeRow.read_at.is_(None), NoticeRow.path == bindparam("path")
    )
)


def inbox_page(
    account_id: uuid.UUID, *, before: tuple[datetime, uuid.UUID] | None = None, limit: int = PAGE
) -> tuple[Sequence[Notice], tuple[datetime, uuid.UUID] | None]:
    """A page of the inbox, and where the next one begins, if there is one: (told_at, id) of the last one shown."""
    query = _NEWEST if before is None else _NEWEST.where(tuple_(NoticeRow.told_at, NoticeRow.id) < before)
    rows = session().execute(query, {"account": account_id, "limit": limit + 1}).all()
    notices = [Notice(*row) for row in rows[:limit]]
    last = notices[-1] if len(rows) > limit else None
    return notices, (last.told_at, last.id) if last else None


def get_notice(account_id: uuid.UUID, notice_id: uuid.UUID) -> Notice:
    """The resident's own notice. Raises NotFound."""
    row = session().execute(_ONE, {"account": account_id, "notice": notice_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such message."))
    return Notice(*row)


def unread(account_id: uuid.UUID) -> int:
    """How many are unread, counted up to a hundred."""
    return session().execute(_UNREAD, {"account": account_id}).scalar_one()


def has_unread(account_id: uuid.UUID, path: str) -> bool:
    """Whether something unread leads to that page."""
    return bool(session().scalar(_LEADS_TO, {"account": account_id, "path": path}))


def mark_read(account: Account, notice_id: uuid.UUID) -> None:
    """The resident has read it. Again does nothing. Raises NotFound."""
    get_notice(account.id, notice_id)
    session().execute(
        update(NoticeRow).where(NoticeRow.id == notice_id, NoticeRow.read_at.is_(None)).values(read_at=clock.now())
    )


def mark_all_read(account: Account, *, until: datetime) -> None:
    """The resident has seen them all, up to that moment."""
    session().execute(
        update(NoticeRow)
        .where(NoticeRow.account_id == account.id, NoticeRow.read_at.is_(None), NoticeRow.told_at <= until)
        .values(read_at=clock.now())
    )


def mark_path_read(account: Account, path: str) -> None:
    """The resident has opened the page that these lead to."""
    session().execute(
        update(NoticeRow)
        .where(NoticeRow.account_id == account.id, NoticeRow.path == path, NoticeRow.read_at.is_(None))
        .values(read_at=clock.now())
    )


def everything_about(account_id: uuid.UUID) -> list[dict[str, Any]]:
    """All that a resident was told, as plain values for their data export."""
    query = _THEIRS.order_by(NoticeRow.told_at, NoticeRow.id)
    return [
        {
            "topic": each.topic,
            "subject": each.subject,
            "headline": each.headline,
            "text": each.body,
            "told_at": each.told_at,
            "read_at": each.read_at,
        }
        for each in (Notice(*row) for row in session().execute(query, {"account": account_id}))
    ]


@job("notices.tidy", cron="49 3 * * *")
def tidy() -> None:
    """Forget what somebody was told two years ago."""
    delete_in_portions(NoticeRow, NoticeRow.told_at < clock.now() - KEPT)
