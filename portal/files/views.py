"""Show a file to the one who sent it."""

import uuid
from collections.abc import Callable
from typing import Final, Protocol

from flask import Blueprint, Response, current_app, request

from portal.errors import NotFound
from portal.files.headers import PDF
from portal.files.queries import get_content
from portal.files.store import store

WHOSE: Final = "moothall.files.whose"
ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}

bp = Blueprint("files", __name__, url_prefix="/files")


class Owner(Protocol):
    """As much of an account as is needed here; accounts lie above this room."""

    @property
    def id(self) -> uuid.UUID:
        """The account's id."""


@bp.get("/<uuid:file_id>")
def show(file_id: uuid.UUID) -> Response:
    """The file, to its owner alone. One that is not theirs, not ready or not there looks the same: not found."""
    whose: Callable[[], Owner | None] = current_app.extensions[WHOSE]
    owner = whose()
    if owner is None:
        raise NotFound
    return answer(owner.id, file_id)


def answer(owner_id: uuid.UUID, file_id: uuid.UUID) -> Response:
    """The content of this owner's file, for a view that has made sure who asks. Raises NotFound unless it is ready."""
    key, digest, media_type = get_content(owner_id, file_id)
    response = Response(mimetype=media_type)
    response.set_etag(digest)
    # Never a page of ours, whatever is inside: saved by the browser or shown within one of our pages as a picture.
    kind = "document" if media_type == PDF else "photo"
    name = f"{kind}-{file_id.hex[:8]}.{ENDINGS.get(media_type, 'bin')}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    if response.status_code == 200:
        content = store().find(key)
        if content is None:
            raise NotFound
        response.set_data(content)
    return response
