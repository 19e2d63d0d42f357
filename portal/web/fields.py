"""Form fields that draw themselves as whole components and never fail, whatever is sent to them.

Each field's `data` is safe to use when the form was accepted: text is stripped, in NFC and never None; a choice is
one of those offered; a date is a date or None. `required` is the sentence shown when the answer is missing; a field
without it is optional and says so.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from flask import current_app
from markupsafe import Markup
from wtforms import Field
from wtforms.validators import StopValidation

from portal.web import texts
from portal.web.languages import Lazy, gettext

Text = str | Lazy
Check = Callable[[Any, Any], None]
RAW_LENGTH: Final = 100_000
"""What is looked at of a text at all, before its own limit is applied."""


class ComponentField(Field):
    """A field drawn by a macro of `web/components/`. Calling it gives label, hint, error and input together."""

    component = ""

    def __init__(
        self,
        label: Text,
        *,
        hint: Text = "",
        required: Text | None = None,
        called: Text | None = None,
        page_heading: bool = False,
        mark_optional: bool = True,
        validators: Sequence[Check] = (),
        **kwargs: Any,
    ) -> None:
        """`called` is the field's name inside sentences ("Date of birth"); without it, the label.

        `page_heading` makes the label the h1 of a page that asks one thing.
        """
        super().__init__(label=str(label) if isinstance(label, str) else "", validators=list(validators), **kwargs)
        self.text = label
        self.hint = hint
        self.required = required
        self.called = called
        self.page_heading = page_heading
        self.mark_optional = mark_optional

    @property
    def name_in_sentences(self) -> str:
        """What error sentences call this field."""
        if self.called is not None:
            return str(self.called)
        label = str(self.text)
        return gettext("Your answer") if label.endswith("?") or not label else label

    @property
    def shown_label(self) -> str:
        """The label as drawn."""
        if self.required is None and self.mark_optional:
            return gettext("%(label)s (optional)", label=str(self.text))
        return str(self.text)

    @property
    def error(self) -> str:
        """The first error, which is the one that is drawn."""
        return str(self.errors[0]) if self.errors else ""

    @property
    def error_target(self) -> str:
        """The id of the element that an error summary takes the keyboard to."""
        return self.id

    def is_empty(self) -> bool:
        """Whether nothing was answered."""
        return not self.data

    def pre_validate(self, _form: Any) -> None:
        """Stop at the first thing that is wrong, and where an optional answer is left out."""
        if self.process_errors:
            raise StopValidation
        if self.is_empty():
            if self.required is not None:
                raise StopValidation(str(self.required))
            raise StopValidation
        self.check()

    def check(self) -> None:
        """What is wrong with an answer that is there: raise ValidationError with the sentence."""

    def component_values(self) -> dict[str, Any]:
        """The keyword arguments of the macro."""
        return {
            "id": self.id,
            "name": self.name,
            "label": self.shown_label,
            "hint": self.hint,
            "error": self.error,
            "page_heading": self.page_heading,
        }

    def __call__(self, **kwargs: Any) -> Markup:
        """Draw the whole component; keyword arguments replace those of the field."""
        return draw(self.component, {**self.component_values(), **kwargs})

    def __html__(self) -> str:
        return self()


def draw(component: str, values: Mapping[str, Any]) -> Markup:
    """A component's HTML."""
    template = current_app.jinja_env.get_template(f"web/components/{component}.html")
    html: Markup = getattr(template.module, component)(**values)
    return html


def one_text(field: ComponentField, values: Sequence[object]) -> str:
    """The single text that was sent for this field, or "". Raises ValueError with a sentence for anything else."""
    sent = [value for value in values if isinstance(value, str)]
    if len(sent) != len(values):
        raise ValueError(gettext("%(name)s must be typed as text", name=field.name_in_sentences))
    if len(sent) > 1 and len(set(sent)) > 1:
        raise ValueError(
            gettext(
                "%(name)s: more than one answer was sent. Check the answer and send it again",
                name=field.name_in_sentences,
            )
        )
    return sent[0] if sent else ""


class TextField(ComponentField):
    """One line of text."""

    component = "input"
    input_type = "text"
    multiline = False
    strip = True

    def __init__(
        self,
        label: Text,
        *,
        max_length: int = 200,
        autocomplete: str = "",
        width: str = "",
        inputmode: str = "",
        spellcheck: bool | None = None,
        prefix: Text = "",
        suffix: Text = "",
        **kwargs: Any,
    ) -> None:
        """`width` is in characters ("2", "5", "10", "20") or a part of the column ("two-thirds", "full")."""
        self.input_prefix = prefix
        self.input_suffix = suffix
        self.max_length = max_length
        self.autocomplete = autocomplete
        self.width = width
        self.inputmode = inputmode
        self.spellcheck = spellcheck
        self.typed = ""
        super().__init__(label, **kwargs)

    def process_data(self, value: object) -> None:
        """Prefill. None is an empty text."""
        self.data = "" if value is None else str(value)
        self.typed = self.data

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was sent."""
        self.data = ""
        self.typed = ""
        text = one_text(self, valuelist)
        if self.strip:
            text = texts.unturned(text)
        self.typed = texts.showable(text[:RAW_LENGTH]) if self.strip else text[:RAW_LENGTH]
        if len(text) > RAW_LENGTH:
            raise ValueError(self._too_long())
        try:
            text = texts.clean(text, multiline=self.multiline, strip=self.strip)
        except texts.UnusableText:
            raise ValueError(
                gettext(
                    "%(name)s: there are characters that we cannot use. Type your answer again instead of pasting it",
                    name=self.name_in_sentences,
                )
            ) from None
        if len(text) > self.max_length:
            raise ValueError(self._too_long())
        self.data = text

    def _too_long(self) -> str:
        return gettext(
            "%(name)s must be %(limit)s characters or fewer",
            name=self.name_in_sentences,
            limit=f"{self.max_length:,}",
        )

    @property
    def shown_value(self) -> str:
        """What the input holds when it is drawn: what was typed, right or wrong."""
        return self.typed if self.raw_data is not None else texts.showable(str(self.data or ""))

    def component_values(self) -> dict[str, Any]:
        """The keyword arguments of the macro."""
        return super().component_values() | {
            "value": self.shown_value,
            "type": self.input_type,
            "width": self.width,
            "autocomplete": self.autocomplete,
            "inputmode": self.inputmode,
            "spellcheck": self.spellcheck,
            "prefix": self.input_prefix,
            "suffix": self.input_suffix,
        }


class TextAreaField(TextField):
    """Several lines of text, with a count of the characters that are left."""

    component = "character_count"
    multiline = True

    def __init__(self, label: Text, *, max_length: int = 1000, rows: int = 5, **kwargs: Any) -> None:
        self.rows = rows
        super().__init__(label, max_length=max_length, **kwargs)

    def component_values(self) -> dict[str, Any]:
        """The keyword arguments of the macro."""
        return ComponentField.component_values(self) | {
            "value": self.shown_value,
            "rows": self.rows,
            "max_length": self.max_length,
            "autocomplete": self.autocomplete,
            "spellcheck": self.spellcheck,
        }


class PasswordField(TextField):
    """A password: taken as it is typed, never shown again."""

    component = "password_input"
    strip = False

    def __init__(
        self, label: Text, *, autocomplete: str = "current-password", max_length: int = 200, **kwargs: Any
    ) -> None:
        super().__init__(label, autocomplete=autocomplete, max_length=max_length, **kwargs)

    def component_values(self) -> dict[str, Any]:
        """The keyword arguments of the macro."""
        return ComponentField.component_values(self) | {"width": self.width, "autocomplete": self.autocomplete}
