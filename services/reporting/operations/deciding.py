"""A moderator's whole decision about one report, taken at once: its words, its photos, what others said on it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from portal.kit import Conflict
from portal.kit import gettext as _
from services.reporting.operations.moderating import (
    hide_report,
    hold_report,
    make_private,
    moderate_photo,
    moderate_update,
    show_report,
)
from services.reporting.queries.moderation import Audience, PhotoToSee, ToModerate, UpdateToSee, get_to_moderate


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`words` and `place` are what everybody reads. Photos and updates that are not among those named are hidden."""

    audience: Audience
    words: str
    place: str
    photos: Collection[UUID] = ()
    updates: Collection[UUID] = ()


def decide(actor: str, *, case_id: UUID, marks: Collection[str], decision: Decision) -> None:
    """Do what was decided about the report of this case as the page showed it: what came meanwhile waits for the next
    look. `marks` are those of `ToModerate` that the page bore.

    Whether the member of staff may is for the caller to have checked. Of what stays as it was nothing is written.
    Raises NotFound; Refused when the words are too long; Conflict when what the page showed was decided otherwise
    meanwhile: what a colleague made private would be public again, and nobody had meant it.
    """
    hold_report(case_id)
    now = get_to_moderate(case_id)
    if _stands(now, decision):
        return  # the same page sent twice, or two of one mind
    seen = now.as_seen(marks)
    if seen is None:
        raise Conflict(
            _("This report has changed since you opened the page, so nothing is kept yet. Look at it, then decide.")
        )
    if decision.audience == "private":
        make_private(actor, report_id=seen.id, private=True)
        return  # nobody else sees photos and updates of it, so nobody has to judge them
    if decision.audience == "nobody":
        hide_report(actor, report_id=seen.id)
    else:
        make_private(actor, report_id=seen.id, private=False)
        show_report(actor, report_id=seen.id, words=decision.words, place=decision.place)
    for photo in seen.photos:
        if photo.moderation != _code(photo.id in decision.photos):
            moderate_photo(actor, photo_id=photo.id, shown=photo.id in decision.photos)
    for update in seen.updates:
        if update.moderation != _code(update.id in decision.updates):
            moderate_update(actor, update_id=update.id, shown=update.id in decision.updates)


def _stands(now: ToModerate, decision: Decision) -> bool:
    """Whether it is so already."""
    if now.audience != decision.audience:
        return False
    if now.audience == "private":
        return True
    if now.moderation == "waiting":
        return False
    named = {*decision.photos, *decision.updates}
    parts: list[PhotoToSee | UpdateToSee] = [*now.photos, *now.updates]
    same_parts = all(each.moderation == _code(each.id in named) for each in parts)
    same_words = (now.read_words, now.read_place) == (decision.words, decision.place)
    return same_parts and (same_words or now.audience == "nobody")


def _code(shown: bool) -> str:
    return "shown" if shown else "hidden"
