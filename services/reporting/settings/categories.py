"""What can be reported, as data: groups, categories and their questions, read from one JSON file.

A council replaces the file, not code. Its shape is these models; `data/categories.json` is the one that comes along.
The questions are the attributes of Open311 (GeoReport v2, "GET Service Definition"), under its own names.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from portal.kit import current_language

FROZEN: Final = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Family = Literal[
    "fly_tipping", "pothole", "street_light", "graffiti", "street_cleaning",
    "waste", "roads", "lights", "damage", "green", "vehicles", "welfare",
]  # fmt: skip
"""How a problem is dealt with: one case type in `workflow`, with its team."""
FAMILIES: Final[tuple[str, ...]] = get_args(Family)
DataType = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
WayOut = Literal["desk", "open311", "webhook", "email"]


class Words(BaseModel):
    """A text in both languages. As a str it is in the language of whoever reads it."""

    model_config = FROZEN

    en: str = Field(min_length=1, max_length=1000)
    cy: str = Field(min_length=1, max_length=1000)

    def __str__(self) -> str:
        return self.cy if current_language() == "cy" else self.en


class WordLists(BaseModel):
    """Single words or short phrases in both languages, in small letters."""

    model_config = FROZEN

    en: tuple[str, ...] = ()
    cy: tuple[str, ...] = ()

    @property
    def both(self) -> tuple[str, ...]:
        """All of them: people mix languages when they type."""
        return (*self.en, *self.cy)


class Value(BaseModel):
    """One answer that a list offers."""

    model_config = FROZEN

    key: Code
    name: Words


class Question(BaseModel):
    """One attribute of a category. `variable` is False for a note that is only shown and takes no answer."""

    model_config = FROZEN

    code: Code
    variable: bool = True
    datatype: DataType = "string"
    required: bool = False
    order: int = Field(ge=1, le=99)
    description: Words
    """The question, as it is asked."""
    datatype_description: Words | None = None
    """How to answer it: the hint."""
    values: tuple[Value, ...] = ()

    @property
    def is_list(self) -> bool:
        """Whether one or several of `values` answer it."""
        return self.datatype in ("singlevaluelist", "multivaluelist")

    def name_of(self, key: str) -> str:
        """What an answer is called; its key where the file no longer has it."""
        return next((str(value.name) for value in self.values if value.key == key), key)

    @model_validator(mode="after")
    def _lists_have_values(self) -> Self:
        if self.is_list != bool(self.values):
            raise ValueError(f"the question {self.code} must have values if it is a list, and none if it is not")
        if repeated := _repeated(value.key for value in self.values):
            raise ValueError(f"the question {self.code} has values of one key: {repeated}")
        if self.required and not self.variable:
            raise ValueError(f"the question {self.code} takes no answer, so it cannot be required")
        return self


class Urgent(BaseModel):
    """When a report of this category is a danger, for which one telephones."""

    model_config = FROZEN

    always: bool = False
    """Whether every report of it is."""
    triggers: WordLists = WordLists()
    """Words in what is typed that mean danger, in this order, without accents: `spark*` is any word that begins so,
    `fell|fallen` either, and `…` stands for up to four words, or none."""
    harmless: WordLists = WordLists()
    """Written likewise, what means none though a word of it does: `fire station`."""
    answers: Mapping[Code, tuple[Code, ...]] = Field(default_factory=dict)
    """Answers that mean danger: by question, its keys."""
    words: Words
    """What to do instead. `%(telephone)s` becomes the council's number."""


class Way(BaseModel):
    """Where reports of a category go: our own desk, or another system by its name in the setting `offices`."""

    model_config = FROZEN

    kind: WayOut = "desk"
    office: str = Field("", max_length=40)
    service_code: str = Field("", max_length=100)
    """What the other system calls the category, where that is not our code."""

    @model_validator(mode="after")
    def _others_have_a_name(self) -> Self:
        if (self.kind == "desk") == bool(self.office):
            raise ValueError("a way out by open311, webhook or email names its office, and one to the desk none")
        return self


class Group(BaseModel):
    """What categories are listed under."""

    model_config = FROZEN

    code: Code
    title: Words


class Category(BaseModel):
    """One kind of problem."""

    model_config = FROZEN

    code: Code
    group: Code
    title: Words
    hint: Words
    keywords: WordLists = WordLists()
    """What people call it: a category is suggested from the words that they type."""
    lgsl: int | None = Field(None, ge=1)
    """Its number in the Local Government Services List."""
    family: Family
    working_days: int = Field(ge=1, le=400)
    """By when we promise to deal with it."""
    questions: tuple[Question, ...] = ()
    private: bool = False
    """Whether its reports are for their owner and staff alone."""
    urgent: Urgent | None = None
    layer: str = Field("", max_length=40)
    """The layer of things on the map that it is about, such as `lamp_columns`; empty for none."""
    asset_name: Words | None = None
    """What the number on such a thing is called."""
    off: bool = False
    """Whether it is not taken at the moment."""
    way: Way = Way()

    @cached_property
    def ordered(self) -> tuple[Question, ...]:
        """The questions, in the order in which they are asked."""
        return tuple(sorted(self.questions, key=lambda question: (question.order, question.code)))

    def find_question(self, code: str) -> Question | None:
        """The question with that code."""
        return next((question for question in self.questions if question.code == code), None)

    @model_validator(mode="after")
    def _questions_fit(self) -> Self:
        if repeated := _repeated(question.code for question in self.questions):
            raise ValueError(f"{self.code} has questions of one code: {repeated}")
        for code, keys in (self.urgent.answers if self.urgent else {}).items():
            question = self.find_question(code)
            if question is None or not {value.key for value in question.values}.issuperset(keys):
                raise ValueError(f"{self.code} calls answers to {code} a danger that it does not offer")
        return self


class Catalogue(BaseModel):
    """All that can be reported. Groups and categories in the order in which they are listed."""

    model_config = FROZEN

    about: str = ""
    """Whose list it is and where it comes from; shown to nobody."""
    groups: tuple[Group, ...]
    categories: tuple[Category, ...]
    dangers: Urgent | None = None
    """What is a danger whatever kind of problem it is taken for, such as a fire."""

    @cached_property
    def by_code(self) -> Mapping[str, Category]:
        """The categories by their codes."""
        return {category.code: category for category in self.categories}


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue in that file. Raises ValueError with one line for each fault."""
    try:
        raw = json.loads(path.read_bytes())
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{path} is not JSON in UTF-8: {error}") from None
    faults = list(_across(raw))
    try:
        found = Catalogue.model_validate(raw)
    except ValidationError as error:
        faults += [f"{_where(raw, fault['loc'])}: {fault['msg']}" for fault in error.errors()]
    if faults:
        raise ValueError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return found


def _across(raw: Any) -> Sequence[str]:  # whatever JSON there is
    """The faults between groups and categories, found however wrong each may be by itself."""
    groups, categories = (_codes(raw, part, "code") for part in ("groups", "categories"))
    faults = [] if categories else ["there is no category"]
    faults += [f"two groups are called {code}" for code in _repeated(groups)]
    faults += [f"two categories are called {code}" for code in _repeated(categories)]
    return faults + [
        f"no group is called {group}, which a category names"
        for group in sorted(set(_codes(raw, "categories", "group")) - set(groups))
    ]


def _codes(raw: Any, part: str, name: str) -> list[str]:
    found = raw.get(part) if isinstance(raw, dict) else None
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    return [entry[name] for entry in entries if isinstance(entry.get(name), str)]


def _where(raw: Any, location: tuple[int | str, ...]) -> str:
    """The place of a fault, a category by its code where it has one: `pothole.questions.0.order`."""
    part, *rest = location or ("the file",)
    if rest and isinstance(rest[0], int) and isinstance(raw, dict):
        entry = raw[str(part)][rest[0]]
        code = entry.get("code") if isinstance(entry, dict) else None
        return ".".join(map(str, [code or f"{part}.{rest[0]}", *rest[1:]]))
    return ".".join(map(str, location)) or "the file"


def _repeated(codes: Any) -> list[str]:  # an iterable of codes
    return [code for code, times in Counter(codes).items() if times > 1]
