"""What is wrong: in words, which kind of problem, what that kind asks; and the dangers for which one telephones."""

from flask import redirect
from flask.typing import ResponseReturnValue

from portal.kit import Form, council
from portal.kit import gettext as _
from services.reporting.forms.what import GROUP, DescriptionForm, KindForm, PickForm, questions_form
from services.reporting.operations.answering import keep_answer
from services.reporting.rules.categories import get_category, urgent_words
from services.reporting.rules.journey import Step, step_after
from services.reporting.views.asking import Asking, ask, go_on, kind_is_gone, question


@question(Step.DESCRIPTION)
def description(asking: Asking) -> ResponseReturnValue:
    """What is wrong."""
    form = DescriptionForm(asking.draft.answers.get(Step.DESCRIPTION))
    if form.accepted():
        return go_on(asking, Step.DESCRIPTION, description=form.description.data)
    return ask("question", asking, Step.DESCRIPTION, form, heading=form.description.text)


@question(Step.KIND)
def kind(asking: Asking) -> ResponseReturnValue:
    """What kind of problem it is: one that the words suggest, or a group of others."""
    answers = asking.draft.answers
    form = KindForm(answers.get(Step.KIND, {}), answers[Step.DESCRIPTION]["description"])
    if form.accepted():
        chosen = str(form.kind.data)
        if chosen.startswith(GROUP):
            group, before = chosen.removeprefix(GROUP), answers.get(Step.KIND, {})
            return go_on(asking, Step.KIND, **(before if before.get("group") == group else {"group": group}))
        return go_on(asking, Step.KIND, group="", **_kind(chosen))
    if not form.posted and kind_is_gone(asking.draft):
        form.refuse(
            _("You cannot report this kind of problem any more. Choose another: your answers are kept."), "kind"
        )
    return ask("question", asking, Step.KIND, form, heading=form.kind.text)


@question(Step.PICK)
def pick(asking: Asking) -> ResponseReturnValue:
    """Which category of the group."""
    answered = asking.draft.answers[Step.KIND]
    form = PickForm(answered["group"], answered.get("kind"))
    if form.accepted():
        kept = {**_kind(form.kind.data), "group": answered["group"]}
        draft = keep_answer(asking.account, draft_id=asking.draft.id, step=Step.KIND, answers=kept)
        return redirect(asking.page_of(step_after(Step.PICK, draft.answers)))
    return ask("question", asking, Step.PICK, form, heading=form.kind.text)


@question(Step.URGENT)
def urgent(asking: Asking) -> ResponseReturnValue:
    """A danger: ring instead. Whoever is sure that there is none goes on."""
    form, category = Form(), asking.category
    if form.accepted():
        return go_on(asking, Step.URGENT, **asking.draft.answers[Step.URGENT] | {"told": True})
    words = urgent_words(category, council().telephone)
    return ask("urgent", asking, Step.URGENT, form, heading=_("Ring us instead"), words=words)


@question(Step.QUESTIONS)
def questions(asking: Asking) -> ResponseReturnValue:
    """What the category asks."""
    category, given = asking.category, asking.draft.answers.get(Step.QUESTIONS, {})
    form = questions_form(category, given.get("answers", {}) if given.get("of") == category.code else {})
    if form.accepted():
        return go_on(asking, Step.QUESTIONS, of=category.code, answers=form.kept)
    alone = len(category.questions) == 1
    heading = str(category.questions[0].description) if alone else _("About the problem")
    return ask("questions", asking, Step.QUESTIONS, form, heading=heading, alone=alone, category=category)


def _kind(code: str) -> dict[str, object]:
    """The category, and what the order of the questions needs to know of it."""
    category = get_category(code)
    asks = any(each.variable for each in category.questions)
    return {"kind": category.code, "asks": asks, "layer": category.layer, "private": category.private}
