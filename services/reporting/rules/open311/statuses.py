"""Between our statuses and those that Open311 programs speak of: open and closed, and mySociety's longer list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.kit import Lazy
from portal.kit import lazy_gettext as _

SAID: Final[Mapping[str, str]] = {
    "received": "OPEN",
    "with_team": "INVESTIGATING",
    "in_progress": "IN_PROGRESS",
    "fixed": "FIXED",
    "no_action": "NO_FURTHER_ACTION",
    "duplicate": "DUPLICATE",
}
"""How we tell of our statuses."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a back office's status means here: the status to move to, and what residents are told if it says nothing."""

    status: str
    words: Lazy


MEANT: Final[Mapping[str, Meant]] = {
    "INVESTIGATING": Meant("in_progress", _("The people who fix these problems are looking into it.")),
    "IN_PROGRESS": Meant("in_progress", _("The people who fix these problems have begun.")),
    "ACTION_SCHEDULED": Meant("in_progress", _("The work is planned.")),
    "FIXED": Meant("fixed", _("The people who fix these problems tell us that it is done.")),
    "CLOSED": Meant("fixed", _("The people who fix these problems tell us that it is done.")),
    "DUPLICATE": Meant("duplicate", _("This was reported before.")),
    "NOT_COUNCILS_RESPONSIBILITY": Meant("no_action", _("Somebody other than the council looks after this.")),
    "NO_FURTHER_ACTION": Meant("no_action", _("There is nothing that can be put right.")),
    "REOPEN": Meant("with_team", _("The work was not over after all.")),
}
"""What a back office may say. OPEN and INTERNAL_REFERRAL change nothing here: somebody has it, and that is known."""
REOPENED: Final = "REOPEN"
"""How we and offices tell each other that a report was opened again."""
REOPENS: Final = frozenset({"REOPEN", "OPEN", "INVESTIGATING", "IN_PROGRESS", "ACTION_SCHEDULED"})
"""What a closed report is opened again by."""


def said(status: str, *, is_open: bool) -> str:
    """How we tell of a status, one that is not on the list too."""
    return SAID.get(status, "OPEN" if is_open else "CLOSED")


def understood(status: str) -> str:
    """A back office's status as one of mySociety's; the standard's own `open` and `closed` are among them."""
    return status.strip().upper().replace(" ", "_")
