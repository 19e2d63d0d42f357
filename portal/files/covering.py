"""Paint over parts of a photo, such as faces and number plates, before others see it."""

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import insert

from portal import clock
from portal.audit.operations import record
from portal.db.session import release, session
from portal.errors import NotFound, Refused
from portal.files.cleaning import cover_apart
from portal.files.headers import PDF, read_header
from portal.files.models import StoredFileRow
from portal.files.queries import FILE_COLUMNS, file_from, get_content, get_file
from portal.files.store import store
from portal.files.values import REASONS, StoredFile, Unfit


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A part of a photo: its edges in thousandths of the width and height, from the top left corner."""

    left: int
    top: int
    right: int
    bottom: int


def cover(account_id: uuid.UUID, file_id: uuid.UUID, *, parts: Collection[Part], actor: str) -> StoredFile:
    """A second photo of this owner, ready at once: this one with the parts painted black. The first one stays.

    It is our own picture, written anew before, so that a request can wait for it: a second at most. Call it before
    anything is written. Raises NotFound unless the photo is ready; Refused when it is none, or without parts.
    """
    key, _digest, media_type = get_content(account_id, file_id)
    first = get_file(account_id, file_id)
    if media_type == PDF or not parts:
        raise Refused(str(REASONS["not_a_photo"]))
    release()
    raw = store().find(key)
    if raw is None:
        raise NotFound
    try:
        covered = cover_apart(raw, [f"{each.left},{each.top},{each.right},{each.bottom}" for each in sorted(parts)])
    except Unfit as unfit:
        raise Refused(str(REASONS[unfit.reason])) from None
    return _kept(first, covered, actor)


def _kept(first: StoredFile, content: bytes, actor: str) -> StoredFile:
    header = read_header(content)
    values = {
        "id": uuid.uuid4(),
        "account_id": first.account_id,
        "service": first.service,
        "purpose": first.purpose,
        "state": "ready",
        "media_type": header.media_type,
        "size": len(content),
        "width": header.width,
        "height": header.height,
        "reason": "",
        "key": store().put("clean", content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "created_at": clock.now(),
    }
    row = session().execute(insert(StoredFileRow).values(**values).returning(*FILE_COLUMNS)).one()
    record("file.covered", actor=actor, subject=f"file:{first.id}", copy=str(row.id))
    return file_from(row)
