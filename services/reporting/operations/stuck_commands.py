"""What an operator does about reports that a back office would not take: `moothall service run reporting stuck-…`."""

from collections.abc import Mapping, Sequence
from typing import Final

from portal.kit import Command, NotFound, Refused, read_reference, session
from services.reporting.operations.passing_on import send_again
from services.reporting.queries.stuck import StuckReport, every_stuck_report, find_report_id

ACTOR: Final = "system:cli"


def list_stuck(_words: Sequence[str]) -> str:
    """All that wait, the oldest first."""
    return "\n".join(_line(each) for each in every_stuck_report()) or "No report is stuck."


def send_stuck_again(words: Sequence[str]) -> str:
    """Send those of these references once more; all of them without any. One that fails keeps no other."""
    named = dict.fromkeys(words) if words else [each.reference for each in every_stuck_report() if not each.is_tried]
    failed = [line for each in named if (line := _sent_again(each))]
    return "\n".join((*failed, f"{len(named) - len(failed)} sent again."))


def _sent_again(written: str) -> str:
    """Send one, for good; what was wrong with it, if something was."""
    report_id = find_report_id(read_reference(written) or "")
    if report_id is None:
        return f"{written}: There is no such report."
    try:
        send_again(ACTOR, report_id=report_id)
    except (NotFound, Refused) as refusal:
        session().rollback()
        return f"{written}: {refusal.sentence}"
    session().commit()
    return ""


def _line(each: StuckReport) -> str:
    return f"{each.reference}  {each.sent_at:%Y-%m-%d}  {each.category} for {each.office}: {each.reason}"


COMMANDS: Final[Mapping[str, Command]] = {
    "stuck-list": Command(help="List the reports that a back office would not take.", run=list_stuck),
    "stuck-send": Command(help="Send them again, or those that are named.", run=send_stuck_again, words="[REFERENCE…]"),
}
