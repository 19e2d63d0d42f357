"""Tell the council of a move: in, out or within its area. Answers are kept question by question, and sent once."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from portal.kit import (
    Account,
    Case,
    Conflict,
    Draft,
    NotFound,
    called,
    finish_draft,
    get_case,
    get_draft,
    hold_draft,
    open_drafts,
    record,
    save_answers,
    start_draft,
)
from portal.kit import gettext as _
from services.council_tax.backoffice.changes import Change, MoveIn, MoveOut, MoveWithin
from services.council_tax.operations.asking import ask_change
from services.council_tax.queries.bills import ask_account, get_own
from services.council_tax.queries.moving import pending_move, times_told
from services.council_tax.rules.move_journey import (
    BEGAN,
    Journey,
    Step,
    day_of,
    everybody,
    find_home,
    first_missing,
)
from services.council_tax.workflow import SERVICE

_LINES: Final = ("line_1", "line_2", "town", "postcode")


def begin_move(account: Account, journey: Journey, *, reference: str = "") -> Draft:
    """Answers to give: those that were begun for this move, from whichever tab, or new ones. Raises NotFound, Refused.

    With them is kept what the account is like, so that no page of the journey has to wait for the council's system.
    """
    began = _began(account, reference) if reference else None
    found = [draft for draft in open_drafts(account.id, service=SERVICE) if draft.journey == _name(journey, reference)]
    draft = found[0] if found else start_draft(account, service=SERVICE, journey=_name(journey, reference))
    return save_answers(account, draft.id, step=BEGAN, answers=began) if began else draft


def get_move_draft(account: Account, journey: Journey, reference: str, draft_id: UUID) -> Draft:
    """The resident's own answers for this move. Raises NotFound."""
    if reference:
        get_own(account, reference)
    draft = get_draft(account.id, draft_id)
    if draft.service != SERVICE or draft.journey != _name(journey, reference):
        raise NotFound
    return draft


def send_move(account: Account, journey: Journey, *, reference: str = "", draft_id: UUID) -> Case:
    """Send the move to the council's system, once: from two tabs it is one move.

    Raises NotFound, TooMany; Conflict when an answer is missing, or when a move was told already.
    """
    ended = reference and has_ended(account, reference)  # asked before anything is held: the system may take its time
    draft = hold_draft(account, draft_id)
    if draft.service != SERVICE or draft.journey != _name(journey, reference):
        raise NotFound
    if draft.case_id is not None:
        return get_case(account.id, draft.case_id)
    answers = draft.answers
    if first_missing(journey, answers) is not Step.CHECK:
        raise Conflict(_("Some questions are not answered yet."))
    home = find_home(answers) or {}
    about = {"reference": reference} if reference else {"uprn": str(home["uprn"])}
    if told := pending_move(account, **about):
        raise Conflict(
            _(
                "You have told us of this move already. Its reference is %(reference)s. Nothing more was sent.",
                reference=told.reference,
            )
        )
    if ended:
        raise Conflict(_("Somebody on this account has told us of a move already. Nothing was changed by you."))
    change = change_of(journey, answers, asker=full_name(account))
    case = ask_change(
        account,
        reference=reference,
        change=change,
        case_type="move",
        # Names the move and not the draft: two drafts of one move that are sent at once are one move as well.
        key=f"move {reference or home['uprn']} {times_told(account, **about)}",
        words={"home": home["label"]} if home else None,
    )
    finish_draft(account, draft_id, case_id=case.id)
    record(f"council_tax.{change.kind}", actor=f"account:{account.id}", subject=f"case:{case.id}")
    return case


def has_ended(account: Account, reference: str) -> bool:
    """Whether a move from this account was told already, as far as is known. Raises NotFound."""
    found = ask_account(account, reference).value
    return found is not None and found.closed_on is not None


def full_name(account: Account) -> str:
    """As a bill names them, where they have told us."""
    return called([account.id])[account.id].full_name or account.display_name


def change_of(journey: Journey, answers: Mapping[str, Mapping[str, Any]], *, asker: str = "") -> Change:
    """What complete answers ask for. `asker` is the full name of who asks."""
    if journey is Journey.OUT:
        told = answers[Step.FORWARDING]
        lines = tuple(told[name] for name in _LINES if told.get(name))
        return MoveOut(moved_on=day_of(Step.LEFT, answers), forwarding=lines, everybody=everybody(answers))
    home = find_home(answers)
    assert home is not None, "asked before the home was answered"
    into: dict[str, Any] = {  # fields of three types
        "uprn": home["uprn"],
        "moved_on": day_of(Step.DAY, answers),
        "names": tuple(answers[Step.NAMES]["names"]),
        "adults": answers[Step.ADULTS]["adults"],
        "tenure": answers[Step.TENURE]["tenure"],
    }
    if journey is Journey.WITHIN:
        return MoveWithin(left_on=day_of(Step.LEFT, answers), **into)
    return MoveIn(asker=asker, **into)


def _began(account: Account, reference: str) -> Mapping[str, Any]:  # JSON values
    """What the account is like. While the system is away, nothing of it is taken for granted."""
    found = ask_account(account, reference).value
    if found is None:
        return {"joint": True, "opened_on": None, "uprn": "", "names": [full_name(account)]}
    people = [one for one in found.people if one.until_on is None]
    return {
        "joint": len(people) > 1,
        "opened_on": found.opened_on.isoformat(),
        "uprn": found.property.uprn,
        "names": [one.name for one in people],
    }


def _name(journey: Journey, reference: str) -> str:
    return f"move_{journey} {reference}".strip()
