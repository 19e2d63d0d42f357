"""Go and look: what was found, noted and said, once, however often a phone with a poor line sends it."""

from collections.abc import Collection, Mapping, Sequence
from typing import IO, Final
from uuid import UUID, uuid5

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from portal.kit import Refused, clock, move_case, record, session, write_note
from portal.kit import gettext as _
from services.reporting.models.inspections import Inspection, InspectionDraft
from services.reporting.models.reports import Report
from services.reporting.operations.moderating import set_priority
from services.reporting.operations.photos import add_to_report, receive_photos, refuse_too_many
from services.reporting.operations.updating import say_for_council
from services.reporting.queries.work import ToWork
from services.reporting.workflow import FINDINGS, status_called

CLOSES: Final = {"fixed": "fixed", "no_action": "no_action", "elsewhere": "no_action"}
"""To which status a finding brings the report, if whoever found it may decide."""
_IDS: Final = UUID("3f0de9a4-6c1b-5e7f-9b86-2f4a51c7d603")
_KEEP = insert(InspectionDraft)
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=["report_id", "actor"], set_={"typed": _KEEP.excluded.typed, "kept_at": _KEEP.excluded.kept_at}
)
_DROP = delete(InspectionDraft).where(
    InspectionDraft.report_id == bindparam("report"), InspectionDraft.actor == bindparam("whose")
)
_STANDING = select(Report.closed_at, Report.status).where(Report.id == bindparam("report")).with_for_update()
_ONCE = insert(Inspection).on_conflict_do_nothing(index_elements=["id"]).returning(Inspection.id)


def keep_for_later(actor: str, *, report_id: UUID, typed: Mapping[str, str]) -> None:
    """Keep what somebody has written so far, for them alone, in the place of what they kept before.

    It is there on every browser of theirs until they send it, for a week at most. That they may work on the report is
    for the caller to have checked.
    """
    row = {"report_id": report_id, "actor": actor, "typed": dict(typed), "kept_at": clock.now()}
    session().execute(_KEEP, row)


def inspect(
    actor: str,
    *,
    report: ToWork,
    found: str,
    priority: int | None,
    note: str,
    words: str,
    key: UUID,
    rights: Collection[str],
    photos: Sequence[IO[bytes]] = (),
) -> bool:
    """Keep what somebody found, and bring the report where that leads if they may decide. False when it was kept.

    `found` is a word of `FINDINGS`, `priority` None where it stays as it is, `rights` what they may do with the case.
    `words` are for everybody, or of a private report for whoever sent it. That they may work on it is for the caller
    to have checked. Photos are the report's, and looked at by a moderator as all others. Raises Refused when the report
    is closed meanwhile, or closing it needs words; of photos Refused and Unavailable as `add_update`.
    """
    inspection_id = uuid5(_IDS, f"{actor} {key}")
    received = _received(actor, report, inspection_id, photos)
    session().execute(_DROP, {"report": report.id, "whose": actor})
    row = {"id": inspection_id, "report_id": report.id, "actor": actor, "found": found, "created_at": clock.now()}
    if session().execute(_ONCE, row).scalar_one_or_none() is None:
        return False
    _refuse_when_closed(report.id)
    target = CLOSES.get(found) if "decide" in rights else None
    if target == "no_action" and not words.strip():
        raise Refused(_("Write why nothing is done: whoever reported it reads it."))
    if report.private and target is None and words.strip():
        raise Refused(_("This report is private: write to whoever sent it from the page of the case."))
    if priority is not None:
        set_priority(actor, report_id=report.id, priority=priority)
    told = _("Looked at on the spot: %(found)s", found=FINDINGS[found])
    write_note(actor, report.case_id, f"{told}\n{note}".strip(), key=f"inspection:{inspection_id}")
    add_to_report(report.id, received, owner_id=report.case_id)
    if words.strip() and not report.private:
        say_for_council(actor, report_id=report.id, words=words, key=key, tell=target is None)
    if target is not None:
        reason = words if target == "no_action" or report.private else ""
        move_case(report.case_id, to=target, actor=actor, channel="desk", reason=reason, rights=rights)
    record("reporting.inspected", actor=actor, subject=f"report:{report.id}", found=found)
    return True


def _refuse_when_closed(report_id: UUID) -> None:
    """Locked, so that nobody closes it while this is kept. Raises Refused with what was decided."""
    closed, status = session().execute(_STANDING, {"report": report_id}).one()
    if closed is not None:
        sentence = _(
            "This report was closed meanwhile: %(status)s. What you found is not sent. Copy what you want to keep.",
            status=status_called(status).title,
        )
        raise Refused(sentence)


def _received(actor: str, report: ToWork, inspection_id: UUID, photos: Sequence[IO[bytes]]) -> Sequence[UUID]:
    """Photos taken in before anything is written; none where the inspection came before."""
    if not photos or session().get(Inspection, inspection_id) is not None:
        return ()
    refuse_too_many(report.id, len(photos))
    return receive_photos(photos, owner_id=report.case_id, actor=actor)
