"""What an operator does about reports that a back office would not take: `moothall service run reporting stuck-…`."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from portal.kit import Command, NotFound, read_reference
from services.reporting.operations.passing_on import send_again
from services.reporting.queries.stuck import StuckReport, find_report_id, stuck_reports

ACTOR: Final = "system:cli"


def list_stuck(_words: Sequence[str]) -> str:
    """All that wait, the oldest first."""
    return "\n".join(_line(each) for each in stuck_reports()) or "No report is stuck."


def send_stuck_again(words: Sequence[str]) -> str:
    """Send those of these references once more; all of them without any."""
    ids = [_id_of(each) for each in words] if words else [each.id for each in stuck_reports() if not each.is_tried]
    for report_id in ids:
        send_again(ACTOR, report_id=report_id)
    return f"{len(ids)} sent again."


def _id_of(written: str) -> UUID:
    found = find_report_id(read_reference(written) or "")
    if found is None:
        raise NotFound(f"There is no report {written}.")
    return found


def _line(each: StuckReport) -> str:
    return f"{each.reference}  {each.sent_at:%Y-%m-%d}  {each.category} for {each.office}: {each.reason}"


COMMANDS: Final[Mapping[str, Command]] = {
    "stuck-list": Command(help="List the reports that a back office would not take.", run=list_stuck),
    "stuck-send": Command(help="Send them again, or those that are named.", run=send_stuck_again, words="[REFERENCE…]"),
}
