"""Take in a file, keep it, delete it."""

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, Literal, Protocol

from flask import current_app
from sqlalchemy import delete, insert, update

from portal import clock
from portal.audit.operations import record
from portal.db.session import release, session
from portal.errors import NotFound, Refused
from portal.files.cleanup import clean, discard
from portal.files.headers import Header, judge_document, judge_photo
from portal.files.models import StoredFileRow
from portal.files.queries import FILE_COLUMNS, file_from
from portal.files.store import store
from portal.files.values import REASONS, StoredFile, Unfit
from portal.web.languages import gettext as _

LARGEST: Final = "moothall.files.megabytes"
ACTOR: Final = "moothall.files.actor"
_CHUNK: Final = 256 * 1024


class Stream(Protocol):
    """What a file is read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


def receive(
    stream: Stream,
    *,
    account_id: uuid.UUID,
    service: str,
    purpose: str,
    kind: Literal["photo", "document"] = "photo",
    delete_on: date | None = None,
    actor: str | None = None,
) -> StoredFile:
    """Take in a photo: judged by its content here, decoded and written anew by the worker soon after.

    Nobody sees it before that: it is `waiting`, and then `ready` or, with a sentence, `refused`. A `document` may be a
    PDF too, of which the pages are carried over into a new one; it is only ever saved and never shown within a page.
    Where the council has a virus scanner, the worker asks it first. `account_id` is whose the file is: the resident's
    or, for what staff keep to themselves, the case's. `actor` is who sends it; without it, whoever is signed in to that
    account or is there in the resident's place. `delete_on` is for a file that is not part of anything yet: set it some
    weeks ahead, and `keep` the file once it is. Call it before anything is written: the store is not waited for in the
    middle of a change. Raises Refused with what to do, Unavailable.
    """
    (file,) = receive_all(
        [stream],
        account_id=account_id,
        service=service,
        purpose=purpose,
        kind=kind,
        delete_on=delete_on,
        actor=actor,
    )
    return file


def receive_all(
    streams: Sequence[Stream],
    *,
    account_id: uuid.UUID,
    service: str,
    purpose: str,
    kind: Literal["photo", "document"] = "photo",
    delete_on: date | None = None,
    actor: str | None = None,
    left_out: Callable[[int, str], None] | None = None,
) -> Sequence[StoredFile]:
    """Take in several files that were sent at once, as `receive`, which waits for the store only once.

    All or none; with `left_out` those that can be taken, and it is told the place of each other one and what to do.
    """
    if kind not in ("photo", "document"):
        raise ValueError(f"no such kind of file: {kind}")
    fit = []
    for at, stream in enumerate(streams):
        try:
            fit.append((content := _read(stream), _judged(content, kind)))
        except Refused as refusal:
            if left_out is None:
                raise
            left_out(at, refusal.sentence)
    release()  # the store may be slow, and nobody else should wait for our connection meanwhile
    # The contents first: if the transaction fails, a content without a row is swept away later. The other way round,
    # a row could promise what was never kept.
    kept = [(content, header, store().put("raw", content)) for content, header in fit]
    whose = {"account_id": account_id, "service": service, "purpose": purpose, "delete_on": delete_on}
    files = [_insert(content, header, key, whose) for content, header, key in kept]
    for file in files:
        _record("file.received", account_id, file.id, actor)
        clean.defer(id=str(file.id))
    return files


def _judged(content: bytes, kind: str) -> Header:
    try:
        return judge_photo(content) if kind == "photo" else judge_document(content)
    except Unfit as unfit:
        raise Refused(str(REASONS[unfit.reason])) from None


def _insert(content: bytes, header: Header, key: str, whose: Mapping[str, object]) -> StoredFile:
    values = {
        **whose,
        "id": uuid.uuid4(),
        "state": "waiting",
        "media_type": header.media_type,
        "size": len(content),
        "width": header.width,
        "height": header.height,
        "reason": "",
        "key": key,
        "sha256": hashlib.sha256(content).hexdigest(),
        "created_at": clock.now(),
    }
    return file_from(session().execute(insert(StoredFileRow).values(**values).returning(*FILE_COLUMNS)).one())


def keep(account_id: uuid.UUID, file_id: uuid.UUID, *, until: date | None = None) -> None:
    """The file is part of something now: keep it to that day, or until it is deleted. Raises NotFound."""
    own = (StoredFileRow.account_id == account_id, StoredFileRow.id == file_id)
    kept = session().execute(update(StoredFileRow).where(*own).values(delete_on=until).returning(StoredFileRow.id))
    if kept.one_or_none() is None:
        raise NotFound


def delete_file(account_id: uuid.UUID, file_id: uuid.UUID, *, actor: str | None = None) -> None:
    """Delete a file of this owner: its row now, its content once that is certain. Raises NotFound."""
    own = (StoredFileRow.account_id == account_id, StoredFileRow.id == file_id)
    row = session().execute(delete(StoredFileRow).where(*own).returning(StoredFileRow.key)).one_or_none()
    if row is None:
        raise NotFound
    if row.key is not None:
        discard.defer(key=row.key)
    _record("file.deleted", account_id, file_id, actor)


def forget(account_id: uuid.UUID) -> None:
    """Delete every file of a person."""
    own = StoredFileRow.account_id == account_id
    for key in session().scalars(delete(StoredFileRow).where(own).returning(StoredFileRow.key)).all():
        if key is not None:
            discard.defer(key=key)


def _record(act: str, account_id: uuid.UUID, file_id: uuid.UUID, actor: str | None) -> None:
    """On the resident's record; where `actor` names somebody else only who did it, for the owner may be no person."""
    resident = f"account:{account_id}"
    whose = account_id if actor in (None, resident) else None
    who: Callable[[uuid.UUID], str] = current_app.extensions[ACTOR]
    record(act, actor=actor or who(account_id), subject=f"file:{file_id}", account_id=whose)


def _read(stream: Stream) -> bytes:
    """All of it, but never more than one chunk beyond the limit."""
    megabytes: int = current_app.extensions[LARGEST]
    data = bytearray()
    while chunk := stream.read(_CHUNK):
        data += chunk
        if len(data) > megabytes * 1024 * 1024:
            raise Refused(_("The file must be smaller than %(size)s MB", size=megabytes))
    return bytes(data)
