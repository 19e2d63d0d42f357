"""What can be done with many cases at once, and whether it can be done with one of them. Nothing is written here twice:
each act is the very one that the page of a case does, with its own lock and checks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from portal.cases.holding import hold_case, resume_case
from portal.cases.merge_fields import FIELDS, holes_in
from portal.cases.messages import send_message
from portal.cases.moving import move_case
from portal.cases.taking import pass_on, take_case
from portal.cases.types import find_type
from portal.cases.values import Case
from portal.desk.bulk_around import Around
from portal.errors import Forbidden, NotFound, Refused
from portal.staff.values import Grants, Right, Staff
from portal.web.languages import Lazy, lazy_gettext
from portal.web.languages import gettext as _

TITLES: Final[Mapping[str, Lazy]] = {
    "take": lazy_gettext("Take them"),
    "pass_on": lazy_gettext("Pass them on to a team"),
    "hold": lazy_gettext("Put them on hold"),
    "resume": lazy_gettext("Take them up again after a hold"),
    "move": lazy_gettext("Bring them to another status"),
    "message": lazy_gettext("Write the same message to each resident"),
}
CASE_RIGHTS: Final[tuple[Right, ...]] = ("look", "work", "decide", "lead")


@dataclass(frozen=True, slots=True)
class Chosen:
    """An act with what was entered for it. `key` makes a message of it once for each case."""

    act: str
    values: Mapping[str, str]
    key: str

    def value(self, name: str) -> str:
        """What was entered there, or an empty text."""
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True)
class Trial:
    """An act tried on paper on one case: whether it can be done; why not, or what to know before it is done."""

    possible: bool
    sentence: str = ""


def try_on(chosen: Chosen, case: Case, staff: Staff, grants: Grants, around: Around) -> Trial:
    """What the act would do with the case as it is now."""
    try:
        _check(chosen, case, staff, grants, around)
        if chosen.act != "message":
            return Trial(True)
        _text, in_language = _words(chosen, case, around)
    except (NotFound, Forbidden, Refused) as error:
        return Trial(False, error.sentence or _("You may not do this with this case."))
    warning = _("They read Welsh, and the template has no Welsh: they get it in English.")
    return Trial(True, "" if in_language else warning)


def text_for(chosen: Chosen, case: Case, around: Around) -> str:
    """What a template says to this resident; empty for any other act, and where it cannot be said."""
    if chosen.act != "message" or not chosen.value("template"):
        return ""
    try:
        return _words(chosen, case, around)[0]
    except Refused:
        return ""


def do(chosen: Chosen, case: Case, version: int, staff: Staff, grants: Grants) -> None:
    """Do it, if the case is still at that version. Raises what the act itself raises."""
    _check(chosen, case, staff, grants, Around.read(chosen.values, [case]))
    _DO[chosen.act](chosen, case, version, staff, grants)


def targets(cases: Sequence[Case]) -> dict[str, str]:
    """The statuses that staff may bring any of these cases to, by code, with the words on the button."""
    found: dict[str, str] = {}
    for service, kind, status in sorted({(case.service, case.type, case.status) for case in cases}):
        case_type = find_type(service, kind)
        for move in case_type.moves_from(status, "staff") if case_type else ():
            if str(move.title):
                found.setdefault(move.target, str(move.title))
    return found


def _check(chosen: Chosen, case: Case, staff: Staff, grants: Grants, around: Around) -> None:
    grants.require(_right(chosen, case), case)
    if chosen.act == "message":
        if case.is_merged:
            raise Refused(_("It was merged into another case: write there."))
        _words(chosen, case, around)
        return
    if not case.is_open:
        raise Refused(_("It is closed."))
    if chosen.act == "take" and case.holder_id not in (None, staff.id):
        raise Refused(_("Somebody else has taken it."))
    if chosen.act == "resume" and not case.is_held:
        raise Refused(_("It is not on hold."))
    if chosen.act == "pass_on":
        _check_team(chosen.value("team"), case, around)


def _check_team(slug: str, case: Case, around: Around) -> None:
    team = around.teams.get(slug)
    if team is None or team.is_closed:
        raise Refused(_("This team takes no more cases."))
    if case.team == slug and case.holder_id is None:
        raise Refused(_("It is on this team’s list already."))


def _words(chosen: Chosen, case: Case, around: Around) -> tuple[str, bool]:
    """What its resident is written, and whether that is in their language: the template, or what was typed, in whose
    language nobody knows. Raises Refused.
    """
    resident = around.resident(case)
    if resident is None:
        raise Refused(_("Its resident is no longer known."))
    if not chosen.value("template"):
        text = chosen.value("reason")
        if holes_in(text):
            raise Refused(_("Only a template is filled in: type no braces, or choose one."))
        return text, True
    template = around.template_for(case)
    if template is None:
        raise Refused(_("The template is for another kind of case, or is no longer used."))
    filled = around.filled(template, case, resident)
    if filled.missing:
        fields = ", ".join(str(FIELDS[name].means) if name in FIELDS else name for name in filled.missing)
        raise Refused(_("The template asks for what is not known here: %(fields)s.", fields=fields))
    return filled.text, filled.in_language


def _right(chosen: Chosen, case: Case) -> Right:
    """The right that the act needs on this case. Raises Refused for a move that its type does not know."""
    if chosen.act != "move":
        return "lead" if chosen.act == "pass_on" else "work"
    case_type = find_type(case.service, case.type)
    move = case_type.find_move(case.status, chosen.value("target")) if case_type else None
    if move is None or "staff" not in move.by:
        raise Refused(_("This cannot be done at the stage it has reached."))
    if move.asks_reason and not chosen.value("reason").strip():
        raise Refused(_("This needs words for the resident."))
    return move.right


def _take(_chosen: Chosen, case: Case, version: int, staff: Staff, _grants: Grants) -> None:
    take_case(case.id, actor=staff.actor, expected_version=version)


def _pass_on(chosen: Chosen, case: Case, version: int, staff: Staff, _grants: Grants) -> None:
    pass_on(
        case.id,
        actor=staff.actor,
        team=chosen.value("team"),
        reason=chosen.value("reason"),
        expected_version=version,
    )


def _hold(chosen: Chosen, case: Case, version: int, staff: Staff, _grants: Grants) -> None:
    until = date.fromisoformat(chosen.value("until"))
    hold_case(case.id, actor=staff.actor, until_on=until, reason=chosen.value("reason"), expected_version=version)


def _resume(_chosen: Chosen, case: Case, version: int, staff: Staff, _grants: Grants) -> None:
    resume_case(case.id, actor=staff.actor, expected_version=version)


def _move(chosen: Chosen, case: Case, version: int, staff: Staff, grants: Grants) -> None:
    move_case(
        case.id,
        to=chosen.value("target"),
        actor=staff.actor,
        channel="desk",
        reason=chosen.value("reason"),
        expected_version=version,
        rights=[right for right in CASE_RIGHTS if grants.on(right, case)],
    )


def _message(chosen: Chosen, case: Case, _version: int, staff: Staff, _grants: Grants) -> None:
    text, _in_language = _words(chosen, case, Around.read(chosen.values, [case]))
    send_message(staff.actor, case.id, text, key=chosen.key, channel="desk")


_DO: Final[Mapping[str, Callable[[Chosen, Case, int, Staff, Grants], Any]]] = {
    "take": _take,
    "pass_on": _pass_on,
    "hold": _hold,
    "resume": _resume,
    "move": _move,
    "message": _message,
}
