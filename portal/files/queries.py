"""Read what is known of stored files. Another resident's file does not exist."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select

from portal.db.session import session
from portal.errors import NotFound
from portal.files.models import StoredFileRow
from portal.files.values import StoredFile

FILE_COLUMNS = (
    StoredFileRow.id,
    StoredFileRow.account_id,
    StoredFileRow.service,
    StoredFileRow.purpose,
    StoredFileRow.state,
    StoredFileRow.media_type,
    StoredFileRow.size,
    StoredFileRow.width,
    StoredFileRow.height,
    StoredFileRow.reason,
    StoredFileRow.created_at,
)
_OWN = select(*FILE_COLUMNS).where(StoredFileRow.account_id == bindparam("account"))
_ONE = _OWN.where(StoredFileRow.id == bindparam("file"))
_SEVERAL = _OWN.where(StoredFileRow.id.in_(bindparam("files", expanding=True)))
_ALL = _OWN.order_by(StoredFileRow.created_at, StoredFileRow.id)
_CONTENT = select(StoredFileRow.key, StoredFileRow.sha256, StoredFileRow.media_type).where(
    StoredFileRow.account_id == bindparam("account"),
    StoredFileRow.id == bindparam("file"),
    StoredFileRow.state == "ready",
)

_DIGEST = select(StoredFileRow.sha256).where(
    StoredFileRow.account_id == bindparam("account"), StoredFileRow.id == bindparam("file")
)


def find_file(account_id: uuid.UUID, file_id: uuid.UUID) -> StoredFile | None:
    """The resident's own file, or None."""
    row = session().execute(_ONE, {"account": account_id, "file": file_id}).one_or_none()
    return file_from(row) if row else None


def files_by_id(account_id: uuid.UUID, file_ids: Collection[uuid.UUID]) -> Sequence[StoredFile]:
    """Those of the resident's files that there still are, in the order of their ids as given. One query."""
    if not file_ids:
        return []
    found = session().execute(_SEVERAL, {"account": account_id, "files": list(file_ids)})
    known = {row.id: file_from(row) for row in found}
    return [known[file_id] for file_id in file_ids if file_id in known]


def get_file(account_id: uuid.UUID, file_id: uuid.UUID) -> StoredFile:
    """The resident's own file. Raises NotFound."""
    found = find_file(account_id, file_id)
    if found is None:
        raise NotFound
    return found


def digest_of(account_id: uuid.UUID, file_id: uuid.UUID) -> str:
    """SHA-256 of the resident's own file as it is kept: of what was sent, until a photo was written anew."""
    return session().execute(_DIGEST, {"account": account_id, "file": file_id}).scalar_one()


def get_content(account_id: uuid.UUID, file_id: uuid.UUID) -> tuple[str, str, str]:
    """Key, SHA-256 and media type of the resident's own file. Raises NotFound unless it is ready."""
    row = session().execute(_CONTENT, {"account": account_id, "file": file_id}).one_or_none()
    if row is None or row.key is None:
        raise NotFound
    return row.key, row.sha256, row.media_type


def everything_about(account_id: uuid.UUID) -> Sequence[dict[str, Any]]:
    """All files of a person, as plain values for their data export; each says where it can be fetched."""
    files = [file_from(row) for row in session().execute(_ALL, {"account": account_id})]
    return [
        {
            "service": file.service,
            "purpose": file.purpose,
            "state": file.state,
            "media_type": file.media_type,
            "size": file.size,
            "sent_at": file.created_at,
            "address": f"/files/{file.id}" if file.state == "ready" else "",
        }
        for file in files
    ]


def file_from(row: Row[*tuple[Any, ...]]) -> StoredFile:
    """The value of a row that was selected by FILE_COLUMNS."""
    return StoredFile(**row._mapping)
