"""What a permit's status is called, and the colour of its tag."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from portal.kit import Lazy
from portal.kit import lazy_gettext as _
from services.permits.rules.permits import Held, Status

Colour = Literal["grey", "green", "blue", "red", "yellow", "orange"]


@dataclass(frozen=True, slots=True)
class StatusWords:
    """One status as it is shown."""

    title: Lazy
    colour: Colour


STATUS_WORDS: Final[Mapping[Status, StatusWords]] = {
    "asked": StatusWords(_("With an officer"), "blue"),
    "to_pay": StatusWords(_("Ready to pay"), "yellow"),
    "active": StatusWords(_("Valid"), "green"),
    "expired": StatusWords(_("Over"), "grey"),
    "replaced": StatusWords(_("Replaced"), "grey"),
    "cancelled": StatusWords(_("Ended early"), "grey"),
    "revoked": StatusWords(_("Ended by the council"), "red"),
    "refused": StatusWords(_("Refused"), "red"),
    "lapsed": StatusWords(_("Not paid in time"), "grey"),
}
"""By status; `words_of` knows the days too."""
NOT_BEGUN: Final = StatusWords(_("Not valid yet"), "blue")


def words_of(permit: Held, today: date) -> StatusWords:
    """How a permit stands today: one that was granted for later days may not park before them."""
    if permit.status == "active" and permit.first_on > today:
        return NOT_BEGUN
    if permit.status == "active" and permit.last_on < today:
        return STATUS_WORDS["expired"]
    return STATUS_WORDS[permit.status]
