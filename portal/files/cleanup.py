"""What the worker does with files: write them anew, throw away what is not needed."""

import hashlib
import logging
import uuid
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, select, update

from portal import clock
from portal.db.session import release, session
from portal.files.cleaning import clean_apart
from portal.files.headers import PDF, Header, read_header
from portal.files.models import StoredFileRow
from portal.files.scanner import scan
from portal.files.store import store
from portal.files.values import Unfit
from portal.jobs.portions import AT_ONCE, delete_in_portions
from portal.jobs.queue import job
from portal.jobs.worker import PHOTOS

logger = logging.getLogger(__name__)

LONGEST_WAIT: Final = timedelta(days=1)
_SWEPT_DAYS: Final = range(1, 15)

_WAITING = select(StoredFileRow.key, StoredFileRow.media_type).where(
    StoredFileRow.id == bindparam("file"), StoredFileRow.state == "waiting"
)


@job("files.clean", queue=PHOTOS, attempts=13)
def clean(*, id: str) -> None:
    """Write a photo or PDF anew and show it from now on, or refuse it. Does nothing to a file that does not wait.

    Tried for two hours: a virus scanner that is away comes back.
    """
    file_id = uuid.UUID(id)
    row = session().execute(_WAITING, {"file": file_id}).one_or_none()
    if row is None or row.key is None:
        return
    release()  # fetching and decoding take seconds
    raw = store().find(row.key)
    try:
        if raw is None:
            raise Unfit("lost")
        scan(raw)
        cleaned = clean_apart(raw, row.media_type)
    except Unfit as unfit:
        logger.info("file refused: %s %s", file_id, unfit.reason)
        _change(file_id, row.key, state="refused", reason=unfit.reason, key=None, size=0, width=0, height=0)
        return
    header = Header(PDF, 0, 0) if row.media_type == PDF else read_header(cleaned)
    key = store().put("clean", cleaned)
    shown = _change(
        file_id,
        row.key,
        state="ready",
        key=key,
        media_type=header.media_type,
        size=len(cleaned),
        width=header.width,
        height=header.height,
        sha256=hashlib.sha256(cleaned).hexdigest(),
    )
    if not shown:  # another worker was faster, or the file was deleted meanwhile
        store().discard(key)


@job("files.discard", attempts=10)
def discard(*, key: str) -> None:
    """Delete content that no row leads to any more."""
    store().discard(key)


@job("files.sweep", cron="41 3 * * *")
def sweep() -> None:
    """Each night: files past their day, files that nobody could clean, content without a row."""
    delete_in_portions(
        StoredFileRow, StoredFileRow.delete_on < clock.today(), column=StoredFileRow.key, then=_discard_later
    )
    stuck = select(StoredFileRow.id, StoredFileRow.key).where(
        StoredFileRow.state == "waiting", StoredFileRow.created_at < clock.now() - LONGEST_WAIT
    )
    while rows := session().execute(stuck.limit(AT_ONCE)).all():
        for file_id, key in rows:
            _change(file_id, key, state="refused", reason="lost", key=None, size=0, width=0, height=0)
        session().commit()
    _sweep_content()


def _sweep_content() -> None:
    """Content of the last two weeks that no row knows. The newest day is left alone: its row may be on its way."""
    today = clock.now().date()
    days = [today - timedelta(days=back) for back in _SWEPT_DAYS]
    newest = clock.now() - LONGEST_WAIT
    for prefix in ("raw", "clean"):
        for page in store().keys(prefix, days):
            keys = [key for key, written_at in page if written_at < newest]
            known = set(session().scalars(select(StoredFileRow.key).where(StoredFileRow.key.in_(keys))))
            release()  # the store is asked next, and it may be slow
            for key in set(keys) - known:
                store().discard(key)


def _change(file_id: uuid.UUID, raw_key: str | None, **values: object) -> bool:
    """Change the file if it still waits; then its raw content goes once that is certain."""
    still = (StoredFileRow.id == file_id, StoredFileRow.state == "waiting")
    changed = session().execute(update(StoredFileRow).where(*still).values(**values).returning(StoredFileRow.id))
    if changed.one_or_none() is None:
        return False
    _discard_later(raw_key)
    return True


def _discard_later(key: str | None) -> None:
    """Delete the content once it is certain that no row leads to it."""
    if key is not None:
        discard.defer(key=key)
