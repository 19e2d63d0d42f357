"""What somebody may do with a case now: only that is offered. The acts themselves ask again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from flask import url_for

from portal.accounts import claim_codes
from portal.cases.ending import may_reopen
from portal.cases.types import find_type
from portal.cases.values import Case
from portal.errors import Refused
from portal.kit.at_desk import rights_on
from portal.registry.mount import desk_links
from portal.staff.rights import current_grants
from portal.staff.sessions import current_staff
from portal.staff.values import Right
from portal.web.languages import gettext as _

Group = Literal["answer", "decide", "handle"]
AT_ONCE: Final = frozenset({"take", "release", "resume"})
"""Done by one button on the case's page, without a page of their own before."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done. `key` is the letter that leads to it, `by_post` means that a button does it, and
    `primary` that it is the step ahead.
    """

    group: Group
    title: str
    href: str
    key: str = ""
    by_post: bool = False
    primary: bool = False


def offered(case: Case) -> Sequence[Act]:
    """All that the member of staff of this request may do with the case as it is."""
    rights = rights_on(case)
    return [*_answers(case, rights), *_decisions(case, rights), *_handling(case, rights)]


def may_release(case: Case, rights: frozenset[Right]) -> bool:
    """One's own case anybody puts back; another's who leads."""
    if case.holder_id is None:
        return False
    return "work" in rights if case.holder_id == current_staff().id else "lead" in rights


def may_pass_on(case: Case, rights: frozenset[Right]) -> bool:
    """What nobody has or they have themselves, who works; another's who leads."""
    if not case.is_open:
        return False
    mine = case.holder_id in (None, current_staff().id)
    return "lead" in rights or (mine and "work" in rights)


def can_reopen(case: Case, rights: frozenset[Right]) -> bool:
    """Whether they may open a closed case again."""
    if case.is_open or "decide" not in rights:
        return False
    try:
        may_reopen(case)
    except Refused:
        return False
    return True


def can_merge(case: Case, rights: frozenset[Right]) -> bool:
    """Whether it could be a duplicate, and they may say so."""
    case_type = find_type(case.service, case.type)
    return case.is_open and "lead" in rights and case_type is not None and bool(case_type.merged)


def _answers(case: Case, rights: frozenset[Right]) -> list[Act]:
    if "work" not in rights:
        return []
    found = [_act("answer", _("Write to the resident"), "reply", case, "r")] if _hears(case) else []
    found.append(_act("answer", _("Write a note"), "note", case, "n"))
    found.append(_act("answer", _("Add a document"), "add_document", case, "d"))
    if case.account_id and case.is_open:
        found.append(_act("answer", _("Ask the resident for something"), "set_task", case, "a"))
    return [*found, *_entries(case, rights)]


def _entries(case: Case, rights: frozenset[Right]) -> list[Act]:
    """What its service lets staff enter as it stands now."""
    case_type = find_type(case.service, case.type)
    return [
        Act("answer", str(each.form.title), url_for("desk_case.enter", reference=case.reference, code=code))
        for code, each in (case_type.staff_forms if case_type else {}).items()
        if case.status in each.statuses and each.right in rights and not case.is_merged
    ]


def _hears(case: Case) -> bool:
    """Whether there is a resident who could answer here: on a duplicate nobody can."""
    return case.account_id is not None and not case.is_merged


def _decisions(case: Case, rights: frozenset[Right]) -> list[Act]:
    """The moves, and first the one ahead: the first declared one to a status that is declared after the present one."""
    case_type = find_type(case.service, case.type)
    moves = case_type.moves_from(case.status, "staff") if case_type and not case.is_merged else ()
    may = [move for move in moves if move.title and move.right in rights]
    order = [status.code for status in case_type.statuses] if case_type else []
    ahead = next((move for move in may if order.index(move.target) > order.index(case.status)), None)
    found = [
        Act(
            "decide",
            str(move.title),
            url_for("desk_case.move", reference=case.reference, target=move.target),
            primary=move is ahead,
        )
        for move in sorted(may, key=lambda move: move is not ahead)
    ]
    if can_reopen(case, rights):
        found.append(_act("decide", _("Open it again"), "reopen", case))
    return found


def _handling(case: Case, rights: frozenset[Right]) -> list[Act]:
    found: list[Act] = []
    if case.is_open and case.holder_id is None and "work" in rights:
        found.append(_act("handle", _("Take it"), "take", case, "t"))
    if may_release(case, rights):
        found.append(_act("handle", _("Put it back on the list"), "release", case, "b"))
    if may_pass_on(case, rights):
        found.append(_act("handle", _("Pass it on"), "pass_case_on", case, "p"))
    if case.is_open and "work" in rights:
        found.append(_act("handle", _("Change the hold") if case.is_held else _("Put it on hold"), "hold", case, "h"))
    if case.is_held and "work" in rights:
        found.append(_act("handle", _("Take it up again"), "resume", case, "u"))
    if can_merge(case, rights):
        found.append(_act("handle", _("Merge it into another case"), "merge", case, "m"))
    if case.account_id and current_grants().on("assist", case) and claim_codes.is_unclaimed(case.account_id):
        code = url_for("desk_assist.code", account_id=case.account_id)
        found.append(Act("handle", _("Make a code, with which the caller can claim it"), code, by_post=True))
    if case.account_id and current_grants().on("see_as", case):
        see_as = url_for("desk_see_as.begin", reference=case.reference)
        found.append(Act("handle", _("See the portal as the resident"), see_as))
    found += [Act("handle", each.title, each.url) for each in desk_links(case) if each.right in rights]
    return found


def _act(group: Group, title: str, endpoint: str, case: Case, key: str = "") -> Act:
    href = url_for(f"desk_case.{endpoint}", reference=case.reference)
    return Act(group, title, href, key, endpoint in AT_ONCE)
