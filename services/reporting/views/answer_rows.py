"""The answers of a report once more, each with the way to change it."""

from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from portal.kit import Lazy, ngettext
from portal.kit import gettext as _
from services.reporting.rules.answers import in_words
from services.reporting.rules.journey import Step, place_of, place_step
from services.reporting.rules.written import photos_in
from services.reporting.settings.categories import Category
from services.reporting.views.asking import Asking

Row = dict[str, Any]
"""As the component summary_list takes it."""


def answer_rows(asking: Asking, category: Category | None) -> Sequence[Row]:
    """Every answer. `category` is None where it was given up meanwhile."""
    return list(_rows(asking, category))


def _rows(asking: Asking, category: Category | None) -> Iterator[Row]:
    answers = asking.draft.answers
    lines = answers[Step.DESCRIPTION]["description"].split("\n")
    said = Markup("<br>").join(lines)  # each line is escaped
    yield _row(asking, Step.DESCRIPTION, _("What is wrong"), said, _("what is wrong"))
    kind = answers[Step.KIND]["kind"]
    title = str(category.title) if category else kind
    yield _row(asking, Step.KIND, _("What kind of problem"), title, _("what kind of problem it is"))
    if answers[Step.KIND].get("asks") and category:
        yield from _about_the_kind(asking, category)
    yield _row(asking, place_step(answers), _("Where it is"), place_of(answers).text, _("where it is"))
    count = len(photos_in(answers))
    added = ngettext("%(n)s photo", "%(n)s photos", count) if count else _("Not provided")
    yield _row(asking, Step.PHOTO, _("Photos"), added, _("the photos"))
    yield _who_sees_it(asking, category)
    if Step.CONTACT in answers:
        yield _row(
            asking, Step.CONTACT, _("Your email address"), answers[Step.CONTACT]["email"], _("your email address")
        )


def _about_the_kind(asking: Asking, category: Category) -> Iterator[Row]:
    said = in_words(category, asking.draft.answers.get(Step.QUESTIONS, {}).get("answers", {}))
    for question, answers in said or [(_("About the problem"), [_("Not provided")])]:
        yield _row(asking, Step.QUESTIONS, question, ", ".join(answers), question)


def _who_sees_it(asking: Asking, category: Category | None) -> Row:
    if category and category.private:
        return {"key": _("Who sees it"), "value": _("Only you and the council")}
    private = asking.draft.answers.get(Step.PRIVATE, {}).get("private") == "yes"
    seen_by = _("Only you and the council") if private else _("Everybody, without your name")
    return _row(asking, Step.PRIVATE, _("Who sees it"), seen_by, _("who may see your report"))


def _row(asking: Asking, step: Step, key: str | Lazy, value: str, about: str) -> Row:
    action = {"href": asking.page_of(step), "text": _("Change"), "about": about}
    return {"key": key, "value": value, "actions": [action]}
