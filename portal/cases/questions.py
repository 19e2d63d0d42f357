"""Questions that case types declare, made into fields of a page, and what was answered as plain JSON."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, TypeVar

import wtforms
from wtforms.validators import ValidationError

from portal.cases.task_answers import shown_answers
from portal.cases.task_forms import TaskField, TaskForm
from portal.web import forms
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _
from portal.web.texts import showable

_NUMBER: Final = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
_BEFORE_NAMES: Final = "answer_"
"""So that no question of a service is called as something that a form has already, such as `data`."""
F = TypeVar("F", bound=forms.Form)


def form_of(asked: TaskForm, answers: Mapping[str, Any], base: type[F]) -> F:
    """The form of this request for the questions of a service, filled with what is saved. `base` has what else the
    page sends.
    """
    alone = len(asked.fields) == 1
    fields = {_BEFORE_NAMES + each.name: _MAKERS[each.kind](each, alone) for each in asked.fields}
    kind: type[F] = type("AskedForm", (base,), fields)
    return kind({_BEFORE_NAMES + each.name: _as_data(each, answers.get(each.name)) for each in asked.fields})


def answers_in(asked: TaskForm, form: forms.Form) -> dict[str, Any]:
    """The answers as they are kept: plain JSON values by the names of the fields."""
    return {each.name: _as_json(form[_BEFORE_NAMES + each.name].data) for each in asked.fields}


def typed_in(asked: TaskForm, form: forms.Form) -> list[tuple[str, list[str]]]:
    """What was typed, by question, also where it is no answer: questions that were left out are left out."""
    shown = zip(asked.fields, shown_answers(asked, answers_in(asked, form)), strict=True)
    found = [(label, list(lines) or _raw(form[_BEFORE_NAMES + field.name])) for field, (label, lines) in shown]
    return [(label, lines) for label, lines in found if lines]


def _raw(field: wtforms.Field) -> list[str]:
    words = " ".join(filter(None, map(str, field.raw_data or ())))
    return [showable(words)] if words else []


def _as_data(field: TaskField, kept: Any) -> Any:  # what the form took, in the shape that its field wants
    return date.fromisoformat(kept) if field.kind == "date" and kept else kept


def _as_json(data: Any) -> Any:  # what any field has
    return data.isoformat() if isinstance(data, date) else data


def _common(field: TaskField, alone: bool) -> dict[str, Any]:
    choice = field.kind in ("choice", "choices", "confirm")
    sentence = _("Select an answer to “%(label)s”") if choice else _("Enter an answer to “%(label)s”")
    return {
        "hint": field.hint,
        "required": _Sentence(sentence, field.label) if field.required else None,
        "page_heading": alone and field.kind != "confirm",
    }


class _Sentence:
    """A sentence about a question, put together when it is shown: the language is not known before."""

    def __init__(self, sentence: object, label: object) -> None:
        self.sentence = sentence
        self.label = label

    def __str__(self) -> str:
        return str(self.sentence) % {"label": str(self.label)}


def _a_number(_form: object, field: wtforms.Field) -> None:
    assert isinstance(field, forms.TextField)
    if field.data and not _NUMBER.fullmatch(field.data):
        raise ValidationError(gettext("%(name)s must be a number, like 12", name=field.name_in_sentences))


def _text(field: TaskField, alone: bool) -> Any:
    return forms.TextField(field.label, max_length=500, **_common(field, alone))


def _number(field: TaskField, alone: bool) -> Any:
    shape: dict[str, Any] = {"max_length": 20, "width": "10", "inputmode": "decimal", "spellcheck": False}
    return forms.TextField(field.label, validators=[_a_number], **shape, **_common(field, alone))


def _long_text(field: TaskField, alone: bool) -> Any:
    return forms.TextAreaField(field.label, max_length=4000, **_common(field, alone))


def _date(field: TaskField, alone: bool) -> Any:
    return forms.DateField(field.label, **_common(field, alone))


def _email(field: TaskField, alone: bool) -> Any:
    return forms.EmailField(field.label, **_common(field, alone))


def _telephone(field: TaskField, alone: bool) -> Any:
    return forms.TelephoneField(field.label, **_common(field, alone))


def _choice(field: TaskField, alone: bool) -> Any:
    return forms.RadioField(field.label, choices=list(field.choices), **_common(field, alone))


def _choices(field: TaskField, alone: bool) -> Any:
    return forms.CheckboxesField(field.label, choices=list(field.choices), **_common(field, alone))


def _confirm(field: TaskField, alone: bool) -> Any:
    return forms.ConfirmField(field.label, **_common(field, alone))


_MAKERS: Final[Mapping[str, Callable[[TaskField, bool], Any]]] = {  # an unbound field of WTForms
    "text": _text,
    "long_text": _long_text,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "email": _email,
    "telephone": _telephone,
    "confirm": _confirm,
}
