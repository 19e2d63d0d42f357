"""Files that programs send with a report or an update: taken in before anything is written, and cleaned as all photos.

They become a part of what was sent in its transaction; what does not is swept away.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import IO, Final
from uuid import UUID

from portal.kit import Refused
from services.reporting.operations.api_keys import Caller
from services.reporting.operations.photos import receive_photos
from services.reporting.rules.open311.asking import Arguments
from services.reporting.rules.open311.faults import wrong

_CHUNK: Final = 256 * 1024


def receive_media(caller: Caller, files: Sequence[IO[bytes]], *, owner_id: UUID) -> Sequence[UUID]:
    """Take in the files as photos of this owner. Raises Wrong for what is no photo or too large; Unavailable."""
    try:
        return receive_photos(files, owner_id=owner_id, actor=f"system:open311:{caller.id}")
    except Refused as refusal:
        raise wrong(f"media: {refusal.sentence}") from None


def with_digests(given: Arguments, files: Sequence[IO[bytes]]) -> Arguments:
    """What was sent with the digests of its files, by which two posts are told apart. The files are read anew after."""
    if not files:
        return given
    return {**given, "digests of files": [_digest(file) for file in files]}


def _digest(file: IO[bytes]) -> str:
    read = sha256()
    while chunk := file.read(_CHUNK):
        read.update(chunk)
    file.seek(0)
    return read.hexdigest()
