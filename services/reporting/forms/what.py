"""The questions about what is wrong: in words, what kind it is, and what a kind asks besides."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from portal.kit import (
    CheckboxesField,
    DateField,
    Form,
    RadioField,
    SelectField,
    TextAreaField,
    TextField,
)
from portal.kit import lazy_gettext as _
from services.reporting.rules.answers import LONGEST_STRING, LONGEST_TEXT, check_answers
from services.reporting.rules.categories import Answers, offered, offered_by_group, suggest
from services.reporting.settings.categories import Category, Question

LONGEST_DESCRIPTION: Final = 4000
"""As Open311 has it."""
GROUP: Final = "group:"
MOST_RADIOS: Final = 8
Field = CheckboxesField | DateField | RadioField | SelectField | TextAreaField | TextField


class DescriptionForm(Form):
    """What is wrong, in the resident's own words."""

    description = TextAreaField(
        _("What is wrong?"),
        hint=_("What you see, how large it is and whether it is in anybody's way. Do not name people."),
        required=_("Tell us what is wrong"),
        called=_("The description"),
        max_length=LONGEST_DESCRIPTION,
        rows=8,
        page_heading=True,
    )


class KindField(RadioField):
    """Any category may be chosen. Drawn are those that the words suggest, the one chosen before, and all groups."""

    suggested: Sequence[str] = ()

    def items(self) -> list[dict[str, Any]]:
        """The suggestions, then the groups."""
        all_of_them = super().items()
        likely = [item for item in all_of_them if item["value"] in self.suggested or item["checked"]]
        likely = [item for item in likely if not item["value"].startswith(GROUP)]
        groups = [item for item in all_of_them if item["value"].startswith(GROUP)]
        return [*likely, {"divider": _("or")}, *groups] if likely else groups


class KindForm(Form):
    """What kind of problem: one that the words suggest, or a group to look in."""

    kind = KindField(
        _("What kind of problem is it?"), required=_("Select what kind of problem it is"), page_heading=True
    )

    def __init__(self, answered: Mapping[str, Any], words: str) -> None:
        super().__init__(kind=answered.get("kind") or f"{GROUP}{answered.get('group', '')}")
        taken = offered()
        likely = suggest(words, taken)
        rest = [category for category in taken if category not in likely]
        self.kind.suggested = [category.code for category in likely]
        self.kind.choices = [(each.code, str(each.title), str(each.hint)) for each in (*likely, *rest)]
        self.kind.choices += [
            (f"{GROUP}{group.code}", str(group.title), _listed(categories)) for group, categories in offered_by_group()
        ]


class PickForm(Form):
    """Which category of a group."""

    kind = RadioField(_("Which of these is it?"), required=_("Select what kind of problem it is"), page_heading=True)

    def __init__(self, group: str, kind: str | None) -> None:
        super().__init__(kind=kind)
        among = next((categories for each, categories in offered_by_group() if each.code == group), ())
        self.kind.choices = [(each.code, str(each.title), str(each.hint)) for each in among]


class QuestionsForm(Form):
    """What a category asks besides. `kept` holds the answers once they were accepted."""

    category: Category
    kept: Mapping[str, str | list[str]]

    def accepted(self) -> bool:
        """Whether every answer fits its question, by the rules that hold for the API too."""
        if not super().accepted():
            return False
        self.kept, faults = check_answers(self.category, {code: self._said(code) for code in self._codes()})
        for fault in faults:
            self.refuse(fault.sentence, named(fault.code))
        return not faults

    def _codes(self) -> Sequence[str]:
        return [question.code for question in self.category.ordered if question.variable]

    def _said(self, code: str) -> str | Sequence[str]:
        data = self[named(code)].data
        return data if isinstance(data, list) else data.isoformat() if hasattr(data, "isoformat") else str(data or "")


def questions_form(category: Category, answers: Answers) -> QuestionsForm:
    """The form of this category, made for this request: its questions are data, in the reader's language."""
    asked = [question for question in category.ordered if question.variable]
    alone = len(category.questions) == 1
    fields = {named(question.code): _field(question, alone=alone) for question in asked}
    made: type[QuestionsForm] = type("CategoryForm", (QuestionsForm,), {**fields, "category": category})
    return made({named(code): _prefill(answer) for code, answer in answers.items() if named(code) in fields})


def named(code: str) -> str:
    """What a question's field is called: no code of the council's may be a name that forms have."""
    return f"answer_{code}"


def _field(question: Question, *, alone: bool) -> Field:
    label = str(question.description)
    known: dict[str, Any] = {"hint": str(question.datatype_description or ""), "page_heading": alone}
    if question.required:
        known["required"] = _("Answer the question: %(question)s", question=label)
    choices = [(value.key, str(value.name)) for value in question.values]
    match question.datatype:
        case "multivaluelist":
            return CheckboxesField(label, choices=choices, **known)
        case "singlevaluelist" if len(choices) <= MOST_RADIOS:
            return RadioField(label, choices=choices, **known)
        case "singlevaluelist":
            return SelectField(label, choices=choices, blank=_("Choose an answer"), **known)
        case "datetime":
            return DateField(label, **known)
        case "text":
            return TextAreaField(label, max_length=LONGEST_TEXT, **known)
        case "number":
            return TextField(label, max_length=20, width="10", inputmode="decimal", **known)
        case _:
            return TextField(label, max_length=LONGEST_STRING, **known)


def _prefill(answer: object) -> object:
    """An answer as a field takes it: a day as a day."""
    try:
        return date.fromisoformat(answer) if isinstance(answer, str) else answer
    except ValueError:
        return answer


def _listed(categories: Sequence[Category]) -> str:
    return ", ".join(str(category.title) for category in categories)
