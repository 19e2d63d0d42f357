"""What other rooms see of a stored file, and why one is refused."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from portal.web.languages import Lazy
from portal.web.languages import lazy_gettext as _

State = Literal["waiting", "ready", "refused"]

REASONS: Final[dict[str, Lazy]] = {
    "empty": _("The file is empty. Choose another."),
    "not_a_photo": _("The file must be a photo: a JPEG, PNG or WebP."),
    "not_a_document": _("The file must be a PDF or a photo (JPEG, PNG or WebP)."),
    "heic": _("We cannot read HEIC photos. Save it as a JPEG, or send a screenshot of it."),
    "broken": _("The file is damaged or did not arrive whole. Send it again, or choose another."),
    "broken_pdf": _("We could not read this file. Save it as a PDF again, or send a photo of it."),
    "locked": _("The file is locked with a password. Save it without one, or send a photo of it."),
    "too_many_pages": _("The file has more than 300 pages. Send only the pages that matter."),
    "too_many_pixels_inside": _(
        "A picture in the file has more than 100 million pixels. Make it smaller and send it again."
    ),
    "unpacks": _("The file unpacks to far more than its size says. Save it as a PDF again, or send a photo of it."),
    "infected": _("Our virus scanner found something harmful in this file. Do not open it again. Send another file."),
    "too_many_pixels": _("The photo has more than 50 million pixels. Make it smaller and send it again."),
    "too_small": _("The photo is too small to show anything. Choose a larger one."),
    "odd_shape": _("The photo is far too long or wide. Choose one in a usual shape."),
    "lost": _("We could not keep this file. Send it again."),
}
"""Why a file was refused, by the code that is kept with it, in words for the resident."""


class Unfit(Exception):
    """The file cannot be taken; `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that a resident sent. `size` in bytes, `width` and `height` in pixels, of what is stored now.

    `waiting` is being checked and not shown to anybody yet; `ready` is; `refused` has lost its content and says why in
    `reason`.
    """

    id: uuid.UUID
    account_id: uuid.UUID
    service: str
    purpose: str
    state: State
    media_type: str
    size: int
    width: int
    height: int
    reason: str
    created_at: datetime

    @property
    def sentence(self) -> str:
        """Why it was refused, for the resident; empty when it was not."""
        return str(REASONS.get(self.reason, REASONS["broken"])) if self.reason else ""
