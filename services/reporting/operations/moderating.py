"""What everybody may see: staff let words and photos be seen, change words, or hide them. Each is on the audit trail.

Whether the member of staff may do so is for the caller to have checked; `actor` is `staff:<id>`.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update

from portal.kit import NotFound, Refused, clock, record, session
from portal.kit import gettext as _
from services.reporting.models.following import Update
from services.reporting.models.reports import Photo, Report

LONGEST_WORDS: Final = 4000
LONGEST_PLACE: Final = 500
_HOLD = select(Report.id).where(Report.case_id == bindparam("case")).with_for_update()
# What the API has at hand of a report counts as long as nobody has written its row: see queries/open311.py. What it
# says of a duplicate names the report that stays.
_TOUCH = (
    update(Report)
    .where(or_(Report.id == bindparam("report"), Report.merged_into_id == bindparam("report")))
    .values(moderation=Report.moderation)
    .execution_options(synchronize_session=False)
)


def show_report(actor: str, *, report_id: UUID, words: str | None = None, place: str | None = None) -> None:
    """Let everybody read the report: as it was written or, where they are given, in these words.

    Raises NotFound; Refused when it is private, or the words are too long.
    """
    report = _locked(report_id)
    if report.private:
        raise Refused(_("This report is private. Make it public first."))
    if len(words or "") > LONGEST_WORDS or len(place or "") > LONGEST_PLACE:
        raise Refused(_("The words are too long."))
    report.public_words = None if words in (None, report.description) else words
    report.public_place = None if place in (None, report.place) else place
    report.moderation = "shown"
    report.shown_at = report.shown_at or clock.now()
    report.updated_at = clock.now()
    touch_report(report_id)
    changed = report.public_words is not None or report.public_place is not None
    record("reporting.shown", actor=actor, subject=f"report:{report_id}", account_id=report.account_id, changed=changed)


def hide_report(actor: str, *, report_id: UUID) -> None:
    """Have nobody but its owner and staff see the report, because of its words, not as a private matter.

    The work goes on. Raises NotFound.
    """
    report = _locked(report_id)
    report.moderation, report.private = "hidden", False
    report.updated_at = clock.now()
    touch_report(report_id)
    record("reporting.hidden", actor=actor, subject=f"report:{report_id}", account_id=report.account_id)


def make_private(actor: str, *, report_id: UUID, private: bool) -> None:
    """Have the report for its owner and staff alone, or for everybody after all: then a moderator looks again.

    Raises NotFound.
    """
    report = _locked(report_id)
    if report.private == private:
        return
    report.private = private
    if not private:
        report.moderation = "waiting"
        report.shown_at = report.shown_at or clock.now()
    report.updated_at = clock.now()
    touch_report(report_id)
    act = "reporting.made_private" if private else "reporting.made_public"
    record(act, actor=actor, subject=f"report:{report_id}", account_id=report.account_id)


def touch_report(report_id: UUID) -> None:
    """Have the API look anew at a report of which only something around it has changed, and at its duplicates."""
    session().execute(_TOUCH, {"report": report_id})


def moderate_photo(actor: str, *, photo_id: UUID, shown: bool) -> None:
    """Let everybody see a photo, or nobody but staff and whoever sent it. Raises NotFound."""
    photo = session().get(Photo, photo_id, with_for_update=True)
    if photo is None:
        raise NotFound
    photo.moderation = "shown" if shown else "hidden"
    touch_report(photo.report_id)
    act = "reporting.photo_shown" if shown else "reporting.photo_hidden"
    record(act, actor=actor, subject=f"report:{photo.report_id}", account_id=photo.owner_id, photo=str(photo_id))


def moderate_update(actor: str, *, update_id: UUID, shown: bool) -> None:
    """Let everybody read an update, or nobody but staff and whoever wrote it. Raises NotFound."""
    update = session().get(Update, update_id, with_for_update=True)
    if update is None:
        raise NotFound
    if shown and update.moderation != "shown":
        update.shown_at = clock.now()
    update.moderation = "shown" if shown else "hidden"
    act = "reporting.update_shown" if shown else "reporting.update_hidden"
    record(act, actor=actor, subject=f"report:{update.report_id}", account_id=update.account_id, update=str(update_id))


def hold_report(case_id: UUID) -> None:
    """Have nobody else change the report of this case until the transaction ends. Raises NotFound."""
    if session().execute(_HOLD, {"case": case_id}).first() is None:
        raise NotFound


def set_priority(actor: str, *, report_id: UUID, priority: int) -> None:
    """How soon the desk should take it up: 1 urgent, 2 high, 3 normal, 4 low. Raises NotFound, Refused."""
    if not 1 <= priority <= 4:
        raise Refused(_("Choose a priority from the list."))
    report = _locked(report_id)
    if report.priority != priority:
        report.priority = priority
        record("reporting.priority_set", actor=actor, subject=f"report:{report_id}", priority=priority)


def _locked(report_id: UUID) -> Report:
    found = session().scalars(select(Report).where(Report.id == report_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    return found
