"""Forms that a case can put to a person, as data: what a task of the kind `form` asks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from portal.web.languages import Lazy

FieldKind = Literal["text", "long_text", "number", "date", "choice", "choices", "email", "telephone", "confirm"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskField:
    """One question of a form. `name` is the key of its answer; `choices` are (code, words) and for choices only."""

    name: str
    label: str | Lazy
    kind: FieldKind = "text"
    hint: str | Lazy = ""
    required: bool = True
    choices: Sequence[tuple[str, str | Lazy]] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} must be lower-case letters, digits and underscores, at most 40")
        if (self.kind in ("choice", "choices")) != bool(self.choices):
            raise ValueError(f"the field {self.name} must have choices if it is one, and none otherwise")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskForm:
    """A page of questions. `words` stand above them and say what they are for."""

    title: str | Lazy
    fields: tuple[TaskField, ...]
    words: str | Lazy = ""

    def __post_init__(self) -> None:
        names = [field.name for field in self.fields]
        if not names or len(set(names)) != len(names):
            raise ValueError("a form has at least one field, and no two of one name")
