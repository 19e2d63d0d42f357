"""What a paper is made of: a title and blocks, each plain text. How they look is one matter for the whole portal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a section, below the title. Level 2 or 3; no level is jumped."""

    kind: ClassVar[str] = "heading"
    text: str
    level: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    kind: ClassVar[str] = "text"
    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A list with bullets."""

    kind: ClassVar[str] = "points"
    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Lines:
    """Short lines below one another: a name and an address."""

    kind: ClassVar[str] = "lines"
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values in pairs: reference, period, band."""

    kind: ClassVar[str] = "facts"
    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head, each as wide as it. `numeric` are the positions of columns of numbers, from 0.

    With `total` the last row is the sum of those above.
    """

    kind: ClassVar[str] = "table"
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[int] = ()
    total: bool = False


@dataclass(frozen=True, slots=True)
class Boxed:
    """Words in a frame: a guarantee, a slip to keep."""

    kind: ClassVar[str] = "boxed"
    title: str
    blocks: Sequence[Text | Points]


@dataclass(frozen=True, slots=True)
class Code:
    """An address as a QR code. `words` say where it leads: they are read aloud, and stand below it."""

    kind: ClassVar[str] = "code"
    address: str
    words: str


Block = Heading | Text | Points | Lines | Facts | Table | Boxed | Code


@dataclass(frozen=True, slots=True)
class Paper:
    """A document. `title` is its name in the reader's window and its first heading."""

    title: str
    blocks: Sequence[Block]
    language: Literal["en", "cy"] = "en"
    sender: Sequence[str] = ()
    """Who sends it: a name first, then how they are reached. On the top of the first page."""
    foot: str = ""
    """On each page beside its number: what it belongs to, such as a reference. Never more than others may see."""
