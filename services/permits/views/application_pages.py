"""What the question pages of applications have in common: addresses, order, the way back."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Draft, Form, commits, current_account, render, save_answers
from services.permits.queries.applications import asking_of, get_application_draft, permit_id_of
from services.permits.queries.permits import get_permit_of_case
from services.permits.rules.application_steps import (
    PROVES,
    QUESTIONS,
    Answers,
    Asking,
    Journey,
    Step,
    first_missing,
    may_open,
    step_after,
    step_before,
)
from services.permits.views.blueprint import bp


@dataclass(frozen=True, slots=True)
class Applying:
    """An application that somebody is making."""

    draft: Draft
    asking: Asking

    @property
    def answers(self) -> Answers:
        """What has been answered."""
        return self.asking.answers


Question = Callable[[Applying], ResponseReturnValue]


def question(step: Step) -> Callable[[Question], Question]:
    """Make a view the page of this question. Who comes too early, or after sending, is shown the way."""
    assert step in QUESTIONS, "documents have pages of their own"

    def register(view: Question) -> Question:
        _page(step, view)
        return view

    return register


def load(draft_id: UUID) -> Applying:
    """The resident's own application. Raises NotFound."""
    account = current_account()
    draft = get_application_draft(account, draft_id)
    return Applying(draft, asking_of(account, draft))


def page_of(step: Step, draft_id: UUID) -> str:
    """The address of a page."""
    if step in PROVES:
        return url_for(".documents", draft_id=draft_id, purpose=PROVES[step])
    return url_for(f".application_{step}", draft_id=draft_id)


def onward_from(draft: Draft) -> str:
    """The first page without an answer."""
    return page_of(first_missing(asking_of(current_account(), draft)), draft.id)


def back_from(draft: Draft, purpose: str) -> str:
    """Where Back leads from the documents of a purpose."""
    asking = asking_of(current_account(), draft)
    step = next((step for step, proves in PROVES.items() if proves == purpose), None)
    before = step_before(step, asking) if step else first_missing(asking)
    return page_of(before, draft.id) if before else url_for(".index")


def after_sending(draft: Draft) -> str:
    """Where an application leads that was sent."""
    assert draft.case_id is not None, "it was not sent"
    return url_for(".permit_sent", permit_id=get_permit_of_case(draft.case_id).id)


def go_on(applying: Applying, step: Step, **answers: Any) -> ResponseReturnValue:  # JSON values
    """Keep the answers of a page and go where Continue leads."""
    account = current_account()
    draft = save_answers(account, applying.draft.id, step=step, answers=answers)
    return redirect(page_of(step_after(step, asking_of(account, draft)), draft.id))


def show(applying: Applying, step: Step, form: Form, template: str = "question", **values: Any) -> str:
    """The page of a question, with the way back. `values` are the template's."""
    before = step_before(step, applying.asking)
    back = page_of(before, applying.draft.id) if before else _start(applying)
    return render(f"permits/application_{template}.html", applying=applying, form=form, back=back, **values)


def _start(applying: Applying) -> str:
    if applying.asking.journey is Journey.FIRST:
        return url_for(".index")
    return url_for(".permit", permit_id=permit_id_of(applying.draft))


def _page(step: Step, view: Question) -> None:
    @bp.route(f"/applications/<uuid:draft_id>/{step}", endpoint=f"application_{step}", methods=["GET", "POST"])
    @commits
    @wraps(view)
    def guarded(draft_id: UUID) -> ResponseReturnValue:
        applying = load(draft_id)
        if applying.draft.case_id is not None:
            return redirect(after_sending(applying.draft))
        if not may_open(step, applying.asking):
            return redirect(page_of(first_missing(applying.asking), draft_id))
        return view(applying)
