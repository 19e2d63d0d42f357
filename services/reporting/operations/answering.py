"""Keep an answer, and what follows from it: is it a danger, has it been reported near by?"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from portal.kit import Account, Draft, save_answers
from services.reporting.queries.nearby import reports_near
from services.reporting.rules.categories import find_category, is_urgent
from services.reporting.rules.journey import Answers, Step, is_answered, path, place_of, place_step

ABOUT_WHAT: Final = (Step.DESCRIPTION, Step.KIND, Step.PICK, Step.QUESTIONS)


def keep_answer(account: Account, *, draft_id: UUID, step: Step, answers: Mapping[str, Any]) -> Draft:
    """The draft with the answers of this step, which are JSON, and with what follows from them.

    Raises NotFound; Conflict when it was sent; Refused when there is too much.
    """
    draft = save_answers(account, draft_id, step=step, answers=answers)
    if step in ABOUT_WHAT:
        draft = _keep(account, draft, Step.URGENT, _danger(draft.answers))
    return _keep(account, draft, Step.NEARBY, _near_by(draft.answers))


def _keep(account: Account, draft: Draft, step: Step, found: Mapping[str, Any]) -> Draft:
    """What follows, unless it is kept so already."""
    if draft.answers.get(step, {}) == found or not found:
        return draft
    return save_answers(account, draft.id, step=step, answers=found)


def _danger(answers: Answers) -> Mapping[str, Any]:
    """Whether words or answers tell of a danger. Who was told to telephone is not told again about the same kind."""
    category = find_category(answers.get(Step.KIND, {}).get("kind") or "")
    if category is None:
        return {}
    words, before = answers.get(Step.DESCRIPTION, {}).get("description", ""), answers.get(Step.URGENT, {})
    told = bool(before.get("told")) and before.get("of") == category.code
    given = answers.get(Step.QUESTIONS, {})
    said = given.get("answers", {}) if given.get("of") == category.code else {}
    by = "words" if is_urgent(category, words, {}) else "answers" if is_urgent(category, words, said) else ""
    return {"danger": by, "told": told, "of": category.code}


def _near_by(answers: Answers) -> Mapping[str, Any]:
    """The open reports of a like kind near the place; the choice among them, while no new one has come to light."""
    category = find_category(answers.get(Step.KIND, {}).get("kind") or "")
    if category is None or Step.WHERE not in answers or not is_answered(place_step(answers), answers):
        return {}
    if not all(is_answered(step, answers) for step in path(answers)[: path(answers).index(place_step(answers))]):
        return {}
    point, before = place_of(answers).point, answers.get(Step.NEARBY, {})
    found = [near.report.reference for near in reports_near(category, point)] if point and not category.private else []
    known = set(found) <= set(before.get("found", ()))
    return {"found": found, "choice": before.get("choice", "") if known else ""}
