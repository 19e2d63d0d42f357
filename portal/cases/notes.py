"""Notes among staff, which the resident never sees.

They stand in no page of the resident's, no timeline, no mail, and not in the file that a resident can fetch of their
own data at any time. That file is made without anybody looking, and a note may be about somebody else, or about
suspicions that telling would defeat: what the UK GDPR's article 15(4) and schedule 2 of the Data Protection Act 2018
keep back must be judged by a person. Notes are personal data all the same, so the file says that there may be some
and that the council gives them on request, and they go when the person is forgotten.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, select, tuple_

from portal import clock
from portal.cases.messages import LONGEST_KEY, readable
from portal.cases.talk_models import NoteRow
from portal.cases.talk_values import Note, mark_of, read_mark
from portal.cases.values import Channel, kind_of
from portal.cases.writing import change, lock_case
from portal.db.session import session
from portal.errors import Conflict, Forbidden
from portal.web.languages import gettext as _

LONGEST_NOTE: Final = 4000
PAGE: Final = 20

_COLUMNS = (NoteRow.id, NoteRow.case_id, NoteRow.written_at, NoteRow.author, NoteRow.body)
_BY_KEY = select(*_COLUMNS).where(NoteRow.case_id == bindparam("case"), NoteRow.idempotency_key == bindparam("key"))
_NEWEST = (
    select(*_COLUMNS)
    .where(NoteRow.case_id == bindparam("case"))
    .order_by(NoteRow.written_at.desc(), NoteRow.id.desc())
    .limit(bindparam("limit"))
)
_OLDER = _NEWEST.where(tuple_(NoteRow.written_at, NoteRow.id) < tuple_(bindparam("at"), bindparam("id")))


def write_note(actor: str, case_id: uuid.UUID, body: str, *, key: str, channel: Channel = "desk") -> Note:
    """Add a note to a case, once for each `key`.

    Raises NotFound, Refused, Forbidden for anybody but staff, Conflict when the key was used for other words.
    """
    if kind_of(actor) == "resident":
        raise Forbidden
    words = readable(body, LONGEST_NOTE)
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"a note needs a key of at most {LONGEST_KEY} characters")
    case = lock_case(case_id, actor=actor)
    before = session().execute(_BY_KEY, {"case": case.id, "key": key}).one_or_none()
    if before is not None:
        if (before.author, before.body) != (actor, words):
            raise Conflict(
                _("You have sent this page already, with other words. Open the case again before you write.")
            )
        return _note(before)
    note = Note(uuid.uuid4(), case.id, clock.now(), actor, words)
    session().execute(insert(NoteRow).values(idempotency_key=key, **asdict(note)))
    change(case, kind="note_written", actor=actor, channel=channel, visible=False, details={"note": str(note.id)})
    return note


def notes_of(case_id: uuid.UUID, *, before: str | None = None, limit: int = PAGE) -> tuple[Sequence[Note], str | None]:
    """The notes of a case, newest first, and the mark where the next page begins, if there is one. For staff alone."""
    values: dict[str, Any] = {"case": case_id, "limit": limit + 1}
    query, mark = _NEWEST, read_mark(before)
    if mark is not None:
        query, values = _OLDER, {**values, "at": mark[0], "id": mark[1]}
    found = [_note(row) for row in session().execute(query, values)]
    page = found[:limit]
    return page, mark_of(page[-1].written_at, page[-1].id) if len(found) > limit else None


def _note(row: Row[*tuple[Any, ...]]) -> Note:
    return Note(**row._mapping)
