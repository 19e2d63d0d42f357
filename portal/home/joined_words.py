"""Joined records in words: what a record is called, and which kind of answer did not fit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.joining.kinds import find_kind
from portal.joining.values import JoinedRecord, Wrong
from portal.web.languages import capital
from portal.web.languages import gettext as _


@dataclass(frozen=True, slots=True)
class Shown:
    """A joined record as pages show it. `path` is the service's page of it; empty when the service is gone."""

    id: UUID
    title: str
    reference: str
    role: str
    how: str
    path: str
    joined_at: datetime


def shown(joined: JoinedRecord) -> Shown:
    """In words. A record outlives its service: then its codes have to do."""
    declared = find_kind(joined.service, joined.kind)
    title = capital(str(declared.kind.title)) if declared else joined.kind
    role = str(declared.kind.roles.get(joined.role, "")) if declared else ""
    path = declared.kind.path(joined.key) if declared else ""
    return Shown(joined.id, title, joined.key, role, how_words(joined), path, joined.joined_at)


def how_words(joined: JoinedRecord) -> str:
    """How it was shown to be theirs."""
    words = {
        "answers": _("You answered questions about it"),
        "letter": _("You used a code from a letter"),
        "desk": _("You used a code from a member of our staff"),
        "person": _("Our own records say that it is yours"),
        "demo": _("It came with the demo"),
    }
    return words[joined.how]


def wrong_words(wrong: Wrong) -> str:
    """Which kind of answer did not fit. Never what would, nor whether anybody has the reference."""
    words: dict[Wrong, str] = {
        "": "",
        "reference": _("We could not find this reference, or it does not go with the name and the postcode."),
        "name_or_postcode": _("The name or the postcode is not the one that we have for this reference."),
        "facts": _("What you told us from the bill is not what we have."),
    }
    return words[wrong]
