"""What the question pages of moving home have in common: addresses, order, the way back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Case, Draft, Form, commits, current_account, get_case, render, save_answers, sensitive
from services.council_tax.operations.moving import get_move_draft
from services.council_tax.rules.move_journey import (
    STEPS,
    Answers,
    Journey,
    Step,
    first_missing,
    may_open,
    step_after,
    step_before,
)
from services.council_tax.views.blueprint import bp

BEFORE: Mapping[Journey, str] = {
    Journey.IN: "/moving/in",
    Journey.OUT: "/accounts/<reference>/moving/out",
    Journey.WITHIN: "/accounts/<reference>/moving/within",
}


@dataclass(frozen=True, slots=True)
class Move:
    """A move that somebody tells us of. `reference` is the account that they leave, empty when they have none."""

    journey: Journey
    reference: str
    draft: Draft

    @property
    def answers(self) -> Answers:
        """What has been answered."""
        return self.draft.answers


Question = Callable[[Move], ResponseReturnValue]


def question(step: Step) -> Callable[[Question], Question]:
    """Make a view a page of every journey that asks this. Who comes too early, or after sending, is shown the way."""

    def register(view: Question) -> Question:
        for journey, steps in STEPS.items():
            if step in steps:
                _page(journey, step, view)
        return view

    return register


def page_of(journey: Journey, step: Step, reference: str, draft: Draft) -> str:
    """The address of a question."""
    return url_for(f".moving_{journey}_{step}", draft_id=draft.id, reference=reference or None)


def sent_page(reference: str, case: Case) -> str:
    """The address of the confirmation."""
    if reference:
        return url_for(".moved", reference=reference, case_reference=case.reference)
    return url_for(".moved_in", case_reference=case.reference)


def go_on(move: Move, step: Step, **answers: Any) -> ResponseReturnValue:  # JSON values
    """Keep the answers of a page and go where Continue leads."""
    draft = save_answers(current_account(), move.draft.id, step=step, answers=answers)
    return redirect(page_of(move.journey, step_after(move.journey, step, draft.answers), move.reference, draft))


def show(move: Move, step: Step, form: Form, template: str = "question", **values: Any) -> str:  # the template's
    """The page of a question, with the way back."""
    before = step_before(move.journey, step, move.answers)
    start = url_for(f".moving_{move.journey}", reference=move.reference or None)
    back = page_of(move.journey, before, move.reference, move.draft) if before else start
    return render(f"council_tax/moving_{template}.html", move=move, form=form, back=back, **values)


def _page(journey: Journey, step: Step, view: Question) -> None:
    @bp.route(f"{BEFORE[journey]}/<uuid:draft_id>/{step}", endpoint=f"moving_{journey}_{step}", methods=["GET", "POST"])
    @sensitive
    @commits
    @wraps(view)
    def guarded(draft_id: UUID, reference: str = "") -> ResponseReturnValue:
        account = current_account()
        draft = get_move_draft(account, journey, reference, draft_id)
        if draft.case_id:
            return redirect(sent_page(reference, get_case(account.id, draft.case_id)))
        if not may_open(journey, step, draft.answers):
            return redirect(page_of(journey, first_missing(journey, draft.answers), reference, draft))
        return view(Move(journey, reference, draft))
