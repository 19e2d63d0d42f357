"""What residents hand in with a task: whether it is complete, and how it reads."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from portal.cases.talk_values import Task
from portal.cases.task_forms import TaskField, TaskForm
from portal.web.languages import format_date
from portal.web.languages import gettext as _

SIGNED_AS: Final = "signed_as"
STATEMENT: Final = "statement"
FILES: Final = "files"


def why_not_complete(task: Task, form: TaskForm | None) -> str | None:
    """Why the task cannot be sent yet, in words for the resident; None when it can."""
    if task.kind == "form":
        if form is None:
            return _("We no longer ask these questions. You do not have to do anything.")
        if any(field.required and not task.answers.get(field.name) for field in form.fields):
            return _("Some questions are not answered yet.")
    if task.kind == "document" and not task.file_ids:
        return _("Choose a file first.")
    if task.kind == "signature" and not (task.answers.get(SIGNED_AS) and task.answers.get(STATEMENT) == task.words):
        return _("It is not signed yet.")
    return None


def shown_answers(form: TaskForm | None, answers: Mapping[str, Any]) -> Sequence[tuple[str, Sequence[str]]]:
    """The answers to a form as (label, lines), in the order of its questions and the reader's language.

    Where the service has given the form up, the names of the fields stand for their labels.
    """
    if form is None:
        return [(name, str(value).splitlines()) for name, value in answers.items()]
    return [(str(field.label), _lines(field, answers.get(field.name))) for field in form.fields]


def _lines(field: TaskField, answer: Any) -> Sequence[str]:  # whatever the form took
    if field.kind == "confirm":
        return [_("Yes") if answer else _("No")]
    if not answer:
        return []
    words = {code: str(title) for code, title in field.choices}
    if field.kind == "choices":
        return [words.get(each, each) for each in answer]
    if field.kind == "date":
        return [format_date(date.fromisoformat(answer))]
    return words.get(answer, str(answer)).splitlines()
