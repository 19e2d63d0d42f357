"""What is asked on the way to joining a record: one form for each page, worded by the kind of record."""

import re
from datetime import date
from typing import Final

from portal import clock
from portal.errors import Refused
from portal.joining.values import RecordFact, RecordKind
from portal.web import forms
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _
from portal.web.money import read_pence

LONGEST_KEY: Final = 60
LONGEST_NAME: Final = 100
EARLIEST: Final = date(1900, 1, 1)
MOST_PENCE: Final = 100_000_00


class ReferenceForm(forms.Form):
    """Which record it is."""

    reference = forms.TextField(
        "", required=_("Enter the reference"), max_length=40, width="20", autocomplete="off", spellcheck=False
    )

    def worded(self, kind: RecordKind, *, page_heading: bool = True) -> "ReferenceForm":
        """Worded as this kind of record is."""
        self.reference.text, self.reference.hint = kind.reference_label, kind.reference_hint
        self.reference.page_heading = page_heading
        return self

    def tidied(self, kind: RecordKind) -> str | None:
        """The reference as it is kept; None when it cannot be one, which the form then says."""
        try:
            tidy = kind.tidy(str(self.reference.data))
        except Refused as refusal:
            self.refuse(refusal.sentence, "reference")
            return None
        return tidy if 0 < len(tidy) <= LONGEST_KEY else None


class PersonForm(forms.Form):
    """Who is on it, and where."""

    name = forms.TextField(
        _("Full name"),
        hint=_("As it is on your bill, if you have one. Capitals, titles and accents do not matter."),
        required=_("Enter your full name"),
        max_length=LONGEST_NAME,
        autocomplete="name",
        spellcheck=False,
    )
    postcode = forms.PostcodeField(
        _("Postcode of the property"),
        hint=_("The home that the bill is for, even if you live or get letters somewhere else."),
        required=_("Enter the postcode"),
        called=_("Postcode"),
    )


class CodeForm(forms.Form):
    """A code from a letter or a caseworker."""

    code = forms.TextField(
        _("What is your code?"),
        hint=_("12 letters and numbers, like 7K3M-9XPQ-2TVB. Capitals and spaces do not matter."),
        required=_("Enter your code"),
        called=_("Your code"),
        page_heading=True,
        max_length=40,
        width="20",
        autocomplete="off",
        spellcheck=False,
    )


class TypedFactForm(forms.Form):
    """A sum, some figures, or words, from the bill."""

    answer = forms.TextField("", required=_("Enter the answer"), page_heading=True, max_length=60, autocomplete="off")


class DayFactForm(forms.Form):
    """A day, from the bill."""

    answer = forms.DateField("", required=_("Enter the date"), called=_("The date"), page_heading=True)


def fact_form(fact: RecordFact, answered: str) -> TypedFactForm | DayFactForm:
    """The form for one fact, filled in with what was answered before."""
    form: TypedFactForm | DayFactForm
    if fact.kind == "date":
        form = DayFactForm(answer=date.fromisoformat(answered) if answered else None)
    else:
        form = TypedFactForm(answer=_as_typed(fact, answered))
        form.answer.inputmode = {"money": "decimal", "digits": "numeric"}.get(fact.kind, "")
        form.answer.input_prefix = "£" if fact.kind == "money" else ""
        form.answer.width = "10" if fact.kind == "money" else "4" if fact.kind == "digits" else ""
    form.answer.text, form.answer.hint = fact.label, fact.hint
    return form


def answer_of(fact: RecordFact, form: TypedFactForm | DayFactForm) -> str | None:
    """The answer as the council's system is told it; None when it cannot be one, which the form then says."""
    given = form.answer.data
    if isinstance(given, date):
        if EARLIEST <= given <= clock.today():
            return given.isoformat()
        form.refuse(gettext("The date must be today or in the past"), "answer")
        return None
    typed = str(given)
    if fact.kind == "money":
        pence = pence_of(typed)
        if pence is None:
            form.refuse(gettext("Enter an amount in pounds and pence, like 138.60"), "answer")
        return None if pence is None else str(pence)
    if fact.kind == "digits":
        figures = re.sub(r"[\s-]", "", typed)
        if re.fullmatch(rf"[0-9]{{{fact.digits}}}", figures):
            return figures
        form.refuse(gettext("Enter %(n)s numbers", n=fact.digits), "answer")
        return None
    return typed


def pence_of(typed: str) -> int | None:
    """A sum that somebody typed, in pence: `£1,386.77`, `1386.77` and `1 386.77` are 138677. None when it is none."""
    pence = read_pence(typed)
    return pence if pence is not None and pence <= MOST_PENCE else None


def _as_typed(fact: RecordFact, answered: str) -> str:
    if fact.kind != "money" or not answered:
        return answered
    return f"{int(answered) // 100}.{int(answered) % 100:02}"
