"""Fields with answers to choose from."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from wtforms.validators import ValidationError

from portal.web import texts
from portal.web.fields import ComponentField, Text, one_text
from portal.web.languages import gettext

Choice = tuple[str, Text] | tuple[str, Text, Text]
Choices = Iterable[Choice]


LONGEST: Final = 500
"""No value that we offer is longer."""


def _is_plain(sent: str) -> bool:
    """Whether it could be a value of ours at all. Nothing is mended: a choice is exactly what was offered."""
    return len(sent) <= LONGEST and texts.showable(sent) == sent


class ChoiceField(ComponentField):
    """What the fields with choices share. `choices` may be set on the field of a form after it is made."""

    with_blank = False

    def __init__(self, label: Text, *, choices: Choices | Callable[[], Choices] = (), **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.choices: list[Choice] = list(choices() if callable(choices) else choices)

    @property
    def values(self) -> list[str]:
        """The values that may be chosen."""
        return [str(choice[0]) for choice in self.choices]

    @property
    def chosen(self) -> Sequence[str]:
        """What is ticked when it is drawn."""
        return [self.data] if self.data else []

    def process_data(self, value: object) -> None:
        """Prefill. None is nothing chosen."""
        self.data: Any = "" if value is None else str(value)

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was sent; whether it is on offer is looked at when the form is judged."""
        self.data = ""
        sent = one_text(self, valuelist)
        if not _is_plain(sent):
            raise ValueError(self._not_offered())
        self.data = sent

    def check(self) -> None:
        """Only what was offered."""
        if self.data not in self.values:
            raise ValidationError(self._not_offered())

    def _not_offered(self) -> str:
        return str(self.required or gettext("Select one of the answers"))

    def items(self) -> list[dict[str, Any]]:
        """The choices as the macros take them."""
        chosen = set(self.chosen)
        return [
            {
                "value": str(choice[0]),
                "text": choice[1],
                "hint": choice[2] if len(choice) > 2 else "",
                "checked": str(choice[0]) in chosen,
            }
            for choice in self.choices
        ]

    def component_values(self) -> dict[str, Any]:
        """The keyword arguments of the macro."""
        return super().component_values() | {"items": self.items()}


class RadioField(ChoiceField):
    """One of a few."""

    component = "radios"

    def __init__(self, label: Text, *, inline: bool = False, small: bool = False, **kwargs: Any) -> None:
        self.inline = inline
        self.small = small
        super().__init__(label, **kwargs)

    def component_values(self) -> dict[str, Any]:
        """The keyword arguments of the macro."""
        return super().component_values() | {"inline": self.inline, "small": self.small}


class CheckboxesField(ChoiceField):
    """Any of a few. `data` is the list of what was ticked, in the order in which it was offered."""

    component = "checkboxes"

    @property
    def chosen(self) -> Sequence[str]:
        """What is ticked when it is drawn."""
        return list(self.data or [])

    def process_data(self, value: object) -> None:
        """Prefill with any number of values."""
        if value is None or isinstance(value, str):
            self.data = [value] if value else []
        elif isinstance(value, Iterable):
            self.data = [str(one) for one in value]
        else:
            self.data = []

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was sent. The same box twice is the same box."""
        self.data = []
        sent = [value for value in valuelist[:1000] if isinstance(value, str)]
        if not all(_is_plain(value) for value in sent):
            raise ValueError(self._not_offered())
        self.data = list(dict.fromkeys(sent))

    def check(self) -> None:
        """Only what was offered."""
        offered = self.values
        if any(value not in offered for value in self.data):
            raise ValidationError(self._not_offered())
        self.data = [value for value in offered if value in self.data]

    def _not_offered(self) -> str:
        return str(self.required or gettext("Select only from the answers shown"))


class ConfirmField(ComponentField):
    """A single box to tick. `data` is a bool."""

    component = "checkboxes"

    def process_data(self, value: object) -> None:
        """Prefill."""
        self.data = bool(value)

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Ticked is any value at all."""
        self.data = any(isinstance(value, str) and value for value in valuelist)

    def component_values(self) -> dict[str, Any]:
        """The keyword arguments of the macro."""
        item = {"value": "yes", "text": self.text, "hint": "", "checked": bool(self.data)}
        return super().component_values() | {"label": "", "items": [item]}


class SelectField(ChoiceField):
    """One of many. The first, empty choice is `blank`, unless an empty one is among the choices: two of them would send
    the same, and the blank one would hide what it means.
    """

    component = "select"

    def __init__(self, label: Text, *, blank: Text | None = "", **kwargs: Any) -> None:
        self.blank = blank
        super().__init__(label, **kwargs)

    def items(self) -> list[dict[str, Any]]:
        """The choices, after the blank one."""
        offered = super().items()
        if self.blank is None or "" in self.values:
            return offered
        return [{"value": "", "text": self.blank, "hint": "", "checked": not self.data}, *offered]
