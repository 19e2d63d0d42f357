"""A moderator's whole decision about one report, taken at once: its words, its photos, what others said on it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.reporting.operations.moderating import (
    hide_report,
    make_private,
    moderate_photo,
    moderate_update,
    show_report,
)
from services.reporting.queries.moderation import ToModerate

Audience = Literal["everybody", "nobody", "private"]
"""Who sees it: everybody; nobody but its owner and staff, because of its words; the same, because of what it is about.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`words` and `place` are what everybody reads. Photos and updates that are not among those named are hidden."""

    audience: Audience
    words: str
    place: str
    photos: Collection[UUID] = ()
    updates: Collection[UUID] = ()


def decide(actor: str, *, seen: ToModerate, decision: Decision) -> None:
    """Do what was decided about the report as the page showed it: what came meanwhile waits for the next look.

    Whether the member of staff may is for the caller to have checked. Of what stays as it was nothing is written.
    Raises NotFound; Refused when the words are too long.
    """
    if decision.audience == "private":
        make_private(actor, report_id=seen.id, private=True)
        return  # nobody else sees photos and updates of it, so nobody has to judge them
    make_private(actor, report_id=seen.id, private=False)
    if decision.audience == "nobody":
        hide_report(actor, report_id=seen.id)
    else:
        show_report(actor, report_id=seen.id, words=decision.words, place=decision.place)
    for photo in seen.photos:
        if photo.moderation != _code(photo.id in decision.photos):
            moderate_photo(actor, photo_id=photo.id, shown=photo.id in decision.photos)
    for update in seen.updates:
        if update.moderation != _code(update.id in decision.updates):
            moderate_update(actor, update_id=update.id, shown=update.id in decision.updates)


def _code(shown: bool) -> str:
    return "shown" if shown else "hidden"
