"""Ask a back office, and remember what it said for the time when it cannot be reached."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

from pydantic import ValidationError
from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.backoffices.models import ACCOUNTS, LastAnswerRow
from portal.backoffices.sealed import answer_purpose, digest, seal, unseal
from portal.backoffices.shapes import shape_of
from portal.backoffices.values import Answer
from portal.db.session import beside, release, session
from portal.errors import NotFound, Unavailable
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job

T = TypeVar("T")

KEPT: Final = timedelta(days=30)
"""An older balance would say nothing any more."""
WRITTEN_EVERY: Final = timedelta(minutes=1)
"""How old the time of an answer may become that is said again and again."""
LONGEST_KEY: Final = 120

_COLUMNS: Final = ("account_id", "service", "key", "sealed", "digest", "as_of_at")
_NEW = insert(LastAnswerRow).from_select(
    _COLUMNS,
    select(*(bindparam(name, type_=LastAnswerRow.__table__.c[name].type) for name in _COLUMNS))
    .select_from(ACCOUNTS)
    .where(ACCOUNTS.c.id == bindparam("account_id"), ACCOUNTS.c.closed_at.is_(None))
    .with_for_update(key_share=True, read=True),
)
_KEEP = _NEW.on_conflict_do_update(
    index_elements=["account_id", "service", "key"],
    set_={name: _NEW.excluded[name] for name in ("sealed", "digest", "as_of_at")},
    where=or_(
        LastAnswerRow.digest != _NEW.excluded.digest, LastAnswerRow.as_of_at < _NEW.excluded.as_of_at - WRITTEN_EVERY
    ),
)
_THIS = (
    LastAnswerRow.account_id == bindparam("account"),
    LastAnswerRow.service == bindparam("of"),
    LastAnswerRow.key == bindparam("asked"),
)
_LAST = select(LastAnswerRow.sealed, LastAnswerRow.as_of_at).where(*_THIS, LastAnswerRow.as_of_at > bindparam("since"))
_DROP = delete(LastAnswerRow).where(*_THIS)


def ask(account_id: uuid.UUID, *, service: str, key: str, question: Callable[[], T], kind: type[T]) -> Answer[T]:
    """What `question` says now; while it raises Unavailable, what it said the last time, with the time of that.

    `key` names the question among the service's (`account:12345678`); `kind` is the type of its answer, which is kept
    sealed for 30 days and for this resident alone. When the office says that there is no such thing (NotFound), what
    was kept is dropped. All else that `question` raises is passed on.
    A page that is only looked at does keep the answer: it changes nothing that anybody asked to be changed.
    """
    if len(key) > LONGEST_KEY:
        raise ValueError("the name of a question has 120 characters at most")
    release()
    try:
        value = question()
    except Unavailable:
        return _last(account_id, service, key, kind)
    except NotFound:
        _drop(account_id, service, key)
        raise
    now = clock.now()
    _keep(account_id, service, key, shape_of(kind).dump_json(value))
    return Answer(value, now, fresh=True)


def last_answer(account_id: uuid.UUID, *, service: str, key: str, kind: type[T]) -> Answer[T]:
    """What the office said the last time, without asking it: for a page that will not wait any longer."""
    return _last(account_id, service, key, kind)


@job("backoffices.tidy", cron="37 3 * * *")
def tidy() -> None:
    """Each night: forget what was said a month ago."""
    delete_in_portions(LastAnswerRow, LastAnswerRow.as_of_at < clock.now() - KEPT)


def _keep(account_id: uuid.UUID, service: str, key: str, content: bytes) -> None:
    """In a transaction of its own: the page's may be one that only reads.

    For nobody who was forgotten while the office was asked: it waits for who is just forgetting them.
    """
    purpose = answer_purpose(account_id, service, key)
    row = {
        "account_id": account_id,
        "service": service,
        "key": key,
        "sealed": seal(content, purpose),
        "digest": digest(content, purpose),
        "as_of_at": clock.now(),
    }
    with beside() as connection:
        connection.execute(_KEEP, row)


def _last(account_id: uuid.UUID, service: str, key: str, kind: type[T]) -> Answer[T]:
    asked = {"account": account_id, "of": service, "asked": key, "since": clock.now() - KEPT}
    row = session().execute(_LAST, asked).one_or_none()
    content = unseal(row.sealed, answer_purpose(account_id, service, key)) if row else None
    if row is None or content is None:
        return Answer(None, None, fresh=False)
    try:
        return Answer(shape_of(kind).validate_json(content), row.as_of_at, fresh=False)
    except ValidationError:  # kept by an older version, in a shape that is no longer read
        return Answer(None, None, fresh=False)


def _drop(account_id: uuid.UUID, service: str, key: str) -> None:
    with beside() as connection:
        connection.execute(_DROP, {"account": account_id, "of": service, "asked": key})
