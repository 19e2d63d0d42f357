"""The base of every form, and the fields by one name.

    class NameForm(Form):
        name = TextField(_("Full name"), required=_("Enter your full name"), autocomplete="name")

    form = NameForm(name=profile.name)
    if form.accepted():
        ...

Labels and sentences in a class body are `lazy_gettext`: the language is not known when the class is made.
"""

from collections.abc import Mapping
from typing import Any

import wtforms
from flask import g, request
from werkzeug.datastructures import CombinedMultiDict, MultiDict

from portal.web.choice_fields import CheckboxesField, ConfirmField, RadioField, SelectField
from portal.web.contact_fields import EmailField, PostcodeField, TelephoneField
from portal.web.date_field import DateField
from portal.web.fields import ComponentField, PasswordField, TextAreaField, TextField
from portal.web.file_field import FileField, FilesField
from portal.web.languages import Lazy

__all__ = [
    "CheckboxesField",
    "ConfirmField",
    "DateField",
    "EmailField",
    "FileField",
    "FilesField",
    "Form",
    "PasswordField",
    "PostcodeField",
    "RadioField",
    "SelectField",
    "TelephoneField",
    "TextAreaField",
    "TextField",
    "hold",
]


class Form(wtforms.Form):
    """A form filled from this request: from what was posted, else from what was held, else from `prefill`.

    `prefill` is a mapping, or any object whose attributes are named as the fields; keyword arguments win over it.
    """

    class Meta(wtforms.meta.DefaultMeta):
        """No translations of WTForms' own: no sentence of its own is ever shown."""

        locales = False

    def __init__(self, prefill: object | None = None, /, *, prefix: str = "", **values: Any) -> None:
        self.posted = request.method == "POST"
        sent: MultiDict[str, Any] | None = None
        if self.posted:
            sent = CombinedMultiDict([request.form, request.files])
        elif request.method == "GET":
            sent = g.get("held_form")
        if isinstance(prefill, Mapping):
            values = {**prefill, **values}
            prefill = None
        super().__init__(formdata=sent, obj=None, prefix=prefix, data=_attributes(self, prefill) | values)

    def accepted(self) -> bool:
        """Whether the form was posted and everything in it is right."""
        return self.posted and self.validate()

    def refuse(self, sentence: str | Lazy, field: str | None = None) -> None:
        """Say what is wrong after all: about one field, or about the whole form."""
        if field is None:
            self.form_errors = [*self.form_errors, str(sentence)]
        else:
            target = self._fields[field]
            target.errors = [*target.errors, str(sentence)]

    def errors_in_order(self) -> list[tuple[str | None, str]]:
        """Each error as (id of the element to go to, sentence), in the order of the page."""
        found: list[tuple[str | None, str]] = [(None, str(error)) for error in self.form_errors]
        for field in self._fields.values():
            target = field.error_target if isinstance(field, ComponentField) else field.id
            found.extend((target, str(error)) for error in list(field.errors)[:1])
        return found


def hold(answers: MultiDict[str, Any] | None) -> None:
    """Let the form of the page that is now fetched show these answers, unjudged.

    For a resident whose session ended while they posted: `portal.identity` keeps what they typed, and gives it back
    here once they have signed in again.
    """
    g.held_form = answers


def _attributes(form: Form, prefill: object | None) -> dict[str, Any]:
    if prefill is None:
        return {}
    names = (name for name, _ in form._unbound_fields or ())
    return {name: getattr(prefill, name) for name in names if hasattr(prefill, name)}
