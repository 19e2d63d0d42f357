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
_FOR_YOU: Final[Mapping[str, Mapping[str, Lazy]]] = {
    "message_sent": {
        "telephone": _("Written for you by telephone"),
        "desk": _("Written for you at a counter"),
        "letter": _("Written for you from your letter"),
    },
    "document_added": {
        "telephone": _("A document was added for you by telephone"),
        "desk": _("A document was added for you at a counter"),
        "letter": _("A document was added for you from your letter"),
    },
}
_BY_YOU: Final[Mapping[str, Lazy]] = {
    "message_sent": _("You wrote to us"),
    "document_added": _("You added a document"),
    "document_removed": _("A document was removed"),
    "task_done": _("You did what we asked for"),
    "task_withdrawn": _("We no longer need what we asked for"),
}
_EITHER: Final[Mapping[str, Lazy]] = {
    "claimed": _("You added this to your account"),
    "team_changed": _("Passed to another team"),
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
    "cosign_bounced": _("Our letter to the second person came back"),
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
    "team_changed": _("The resident reads that another team has it"),
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
    "cosign_bounced": _("The letter to the second person came back"),
}
_TAKEN_DOWN: Final[Mapping[str, Lazy]] = {
    "message_sent": _("Message written for the resident"),
    "document_added": _("Document added for the resident"),
}
_OF_BY_US: Final[Mapping[str, Lazy]] = {
    "message_sent": _("We wrote to you: %(about)s"),
    "document_added": _("We added a document: %(about)s"),
    "task_set": _("We asked you: %(about)s"),
    "task_done": _("We noted that this is done: %(about)s"),
    "task_withdrawn": _("You no longer need to do this: %(about)s"),
}
_OF_BY_YOU: Final[Mapping[str, Lazy]] = {
    "message_sent": _("You wrote to us: %(about)s"),
    "document_added": _("You added a document: %(about)s"),
    "task_done": _("You have done this: %(about)s"),
    "task_withdrawn": _("You no longer need to do this: %(about)s"),
}
_OF_EITHER: Final[Mapping[str, Lazy]] = {
    "team_changed": _("Passed to another team: %(about)s"),
    "rated": _("You told us what you thought: %(about)s out of 5"),
    "cosign_asked": _("You asked somebody to sign: %(about)s"),
    "cosigned": _("Signed by the second person: %(about)s"),
    "cosign_declined": _("The second person did not sign: %(about)s"),
    "cosign_withdrawn": _("You no longer ask somebody to sign: %(about)s"),
    "cosign_bounced": _("Our letter to the second person came back: %(about)s"),
}
_OF_AT_THE_DESK: Final[Mapping[str, Lazy]] = {
    "team_changed": _("The resident reads that another team has it: %(about)s"),
    "message_sent": _("Message: %(about)s"),
    "document_added": _("Document added: %(about)s"),
    "task_set": _("Task set for the resident: %(about)s"),
    "task_done": _("Task done: %(about)s"),
    "task_withdrawn": _("Task withdrawn: %(about)s"),
    "rated": _("Rated by the resident: %(about)s out of 5"),
    "cosign_asked": _("A second person was asked to sign: %(about)s"),
    "cosigned": _("Signed by the second person: %(about)s"),
    "cosign_declined": _("The second person declined: %(about)s"),
    "cosign_withdrawn": _("The second person is no longer asked: %(about)s"),
    "cosign_bounced": _("The letter to the second person came back: %(about)s"),
}


def for_them(kind: str, channel: str) -> str:
    """What the resident reads of what staff did in their words; empty where there is no such thing."""
    return str(_FOR_YOU.get(kind, {}).get(channel, ""))


def for_resident(kind: str, *, by_resident: bool, about: str = "", told_by: str = "") -> str:
    """What the resident reads; empty where the status itself says what happened.

    `about` is the title of the task, document or message, where it still has one. `told_by` is the channel by which
    the resident told staff, who did it in their place.
    """
    in_their_place = for_them(kind, told_by)
    if in_their_place:
        return f"{in_their_place}: {about}" if about else in_their_place
    named = (_OF_BY_YOU if by_resident else _OF_BY_US).get(kind) or _OF_EITHER.get(kind)
    if about and named:
        return named % {"about": about}
    return str((_BY_YOU if by_resident else _BY_US).get(kind) or _EITHER.get(kind) or "")


def for_staff(kind: str, about: str = "", *, in_their_place: bool = False) -> str:
    """What staff read; empty where the status itself says what happened."""
    if in_their_place and kind in _TAKEN_DOWN:
        return f"{_TAKEN_DOWN[kind]}: {about}" if about else str(_TAKEN_DOWN[kind])
    named = _OF_AT_THE_DESK.get(kind)
    return named % {"about": about} if about and named else str(_AT_THE_DESK.get(kind, ""))
