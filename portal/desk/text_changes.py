"""What is different between two texts, word by word. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that are in both texts, only in the former one, or only in the newer one."""

    kind: Literal["same", "was", "now"]
    text: str


def changes(former: str, newer: str) -> list[Piece]:
    """The newer text with what was taken out of the former one, in the order of reading."""
    return list(_pieces(_WORDS.findall(former), _WORDS.findall(newer)))


def _pieces(former: list[str], newer: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(a=former, b=newer, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(former[start:end]))
            continue
        if end > start:
            yield Piece("was", "".join(former[start:end]))
        if new_end > new_start:
            yield Piece("now", "".join(newer[new_start:new_end]))
