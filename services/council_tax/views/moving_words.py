"""The answers about a move in words, for the page on which they are checked."""

from collections.abc import Iterator
from datetime import date

from portal.kit import format_date
from portal.kit import gettext as _
from services.council_tax.queries.asked import TENURES
from services.council_tax.rules.move_journey import Answers, Step, everybody, find_home

Row = tuple[str, str, str]
"""The label, the answer, and what Change is about. An answer may have several lines."""


def answered(step: Step, answers: Answers) -> Iterator[Row]:
    """What was answered on a page."""
    given = answers.get(step, {})
    match step:
        case Step.WHO:
            yield _("Who moves out"), _("Everybody") if everybody(answers) else _("Only you"), _("who moves out")
        case Step.LEFT:
            yield _("You leave the old home on"), _day(given["day"]), _("the day of leaving")
        case Step.ADDRESS:
            yield _("New home"), str((find_home(answers) or {}).get("label", "")), _("the new home")
        case Step.DAY:
            yield _("You move in on"), _day(given["day"]), _("the day of moving in")
        case Step.NAMES:
            yield _("Who pays"), "\n".join(given["names"]), _("who pays")
        case Step.ADULTS:
            yield _("Adults in the home"), str(given["adults"]), _("the number of adults")
        case Step.TENURE:
            yield _("The home is"), str(TENURES[given["tenure"]]), _("whether you own or rent it")
        case Step.FORWARDING:
            lines = [given[name] for name in ("line_1", "line_2", "town", "postcode") if given.get(name)]
            yield _("Where we write to you"), "\n".join(lines), _("where we write to you")


def _day(text: str) -> str:
    return format_date(date.fromisoformat(text), "EEEE d MMMM y")
