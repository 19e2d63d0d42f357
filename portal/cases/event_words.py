"""What each kind of event is called on a timeline, from the resident's and from the council's side. Pure."""

from collections.abc import Mapping
from typing import Final

from portal.web.languages import Lazy
from portal.web.languages import lazy_gettext as _

_BY_US: Final[Mapping[str, Lazy]] = {
    "message_sent": _("We wrote to you"),
    "document_added": _("We added a document"),
    "document_removed": _("We removed a document"),
    "task_set": _("We asked you for something"),
    "task_done": _("We noted what you did"),
    "task_withdrawn": _("We no longer need what we asked for"),
}
_BY_YOU: Final[Mapping[str, Lazy]] = {
    "message_sent": _("You wrote to us"),
    "document_added": _("You added a document"),
    "document_removed": _("A document was removed"),
    "task_done": _("You did what we asked for"),
}
_EITHER: Final[Mapping[str, Lazy]] = {
    "claimed": _("You added this to your account"),
    "passed_on": _("Passed to another team"),
    "routed": _("Passed to another team"),
    "held": _("On hold"),
    "resumed": _("No longer on hold"),
    "merged": _("Joined with another case"),
    "absorbed": _("Another case was joined with this one"),
    "reopened": _("Opened again"),
    "rated": _("You told us what you thought"),
    "forgotten": _("We no longer keep who sent this"),
    "cosign_asked": _("You asked somebody to sign"),
    "cosigned": _("Signed by the second person"),
    "cosign_declined": _("The second person did not sign"),
    "cosign_withdrawn": _("You no longer ask somebody to sign"),
}
_AT_THE_DESK: Final[Mapping[str, Lazy]] = {
    "message_sent": _("Message"),
    "document_added": _("Document added"),
    "document_removed": _("Document removed"),
    "task_set": _("Task set for the resident"),
    "task_done": _("Task done"),
    "task_withdrawn": _("Task withdrawn"),
    "note_written": _("Note"),
    "claimed": _("Claimed by the resident"),
    "taken": _("Taken"),
    "released": _("Put back on the list"),
    "passed_on": _("Passed on"),
    "routed": _("Routed again"),
    "held": _("On hold"),
    "resumed": _("No longer on hold"),
    "merged": _("Joined with another case"),
    "absorbed": _("Another case was joined with this one"),
    "reopened": _("Opened again"),
    "rated": _("Rated by the resident"),
    "escalated": _("Escalated: the promised day has gone by"),
    "forgotten": _("The person was forgotten"),
    "cosign_asked": _("A second person was asked to sign"),
    "cosigned": _("Signed by the second person"),
    "cosign_declined": _("The second person declined"),
    "cosign_withdrawn": _("The second person is no longer asked"),
}


def for_resident(kind: str, *, by_resident: bool) -> str:
    """What the resident reads; empty where the status itself says what happened."""
    return str((_BY_YOU if by_resident else _BY_US).get(kind) or _EITHER.get(kind) or "")


def by_us(kind: str) -> Lazy | str:
    """What the resident reads of what the council did, in the language of the moment when it is shown."""
    return _BY_US.get(kind) or _EITHER.get(kind) or ""


def for_staff(kind: str) -> str:
    """What staff read; empty where the status itself says what happened."""
    return str(_AT_THE_DESK.get(kind, ""))
