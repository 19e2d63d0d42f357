"""Words as a search compares them, on both sides: how a text becomes words, and what a person typed a query. Pure.

Both are cut into words here and not by PostgreSQL, so that the two cannot differ, no extension is needed for accents,
and nothing that is typed can be read as an operator. Marks say where and when a case belongs; they begin with a sign
that no word has. They let the index narrow a common word down to one team and one week before a row is read.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

LONGEST_WORD: Final = 40
MOST_WORDS: Final = 2000
MOST_TYPED: Final = 8
SHORTEST_BEGINNING: Final = 3
"""A shorter beginning of a word fits half of all words."""
QUARTER: Final = 13
_WORD: Final = re.compile(r"[^\W_]+")
_POSTCODE: Final = re.compile(r"\b([a-z]{1,2}[0-9][a-z0-9]?)\s+([0-9][a-z]{2})\b")
_REFERENCE: Final = re.compile(r"\b([0-9a-z]{4})-([0-9a-z]{4})\b")
_DAY_SECONDS: Final = 24 * 3600
_NO_ACCENT: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "’": "", "'": ""})


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody searches for: whole words, and perhaps the beginning of one more."""

    words: tuple[str, ...]
    beginning: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.beginning)

    @property
    def is_vague(self) -> bool:
        """Whether so many words begin so that no index is asked for them."""
        return 0 < len(self.beginning) < SHORTEST_BEGINNING

    @property
    def query(self) -> str:
        """As PostgreSQL's `tsquery`: every word, quoted; none of them can hold a quote."""
        parts = [quoted(word) for word in self.words]
        return " & ".join([*parts, f"{quoted(self.beginning)}:*"] if self.beginning else parts)


def words_of(texts: Iterable[str]) -> list[str]:
    """The different words of these texts, folded; postcodes and references also as one word."""
    found: dict[str, None] = {}
    for text in texts:
        folded = fold(text)
        found |= dict.fromkeys(word for word in _WORD.findall(folded) if len(word) <= LONGEST_WORD)
        found |= dict.fromkeys(f"{a}{b}" for pattern in (_POSTCODE, _REFERENCE) for a, b in pattern.findall(folded))
        if len(found) >= MOST_WORDS:
            break
    return list(found)[:MOST_WORDS]


def read_typed(typed: str) -> Typed:
    """What was typed, as words. The last one counts as begun unless a blank or another sign follows it."""
    folded = fold(typed[:200])
    words = [word[:LONGEST_WORD] for word in _WORD.findall(folded)][:MOST_TYPED]
    if not words:
        return Typed(())
    last = words[-1]
    if not folded.endswith(last) or (len(last) < SHORTEST_BEGINNING and len(words) == 1):
        return Typed(tuple(dict.fromkeys(words)))
    return Typed(tuple(dict.fromkeys(words[:-1])), last)


def fold(text: str) -> str:
    """In small letters without accents: “Tŷ Gŵyn” and “ty gwyn” are the same."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in taken_apart if not unicodedata.combining(c)).translate(_NO_ACCENT)


def quoted(word: str) -> str:
    """A word of a query."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def marks(*, service: str, type: str, team: str, area: str, opened_at: datetime) -> list[str]:
    """What is said of a case besides its words."""
    day, week = day_of(opened_at), week_of(opened_at)
    return [
        f"#d{day}",
        f"#w{week}",
        f"#q{week // QUARTER}",
        f"#s{service}",
        f"#k{service}.{type}",
        f"#t{team}",
        f"#a{area}",
    ]


def day_of(moment: datetime) -> int:
    """The number of the day, counted from 1970."""
    return int(moment.timestamp()) // _DAY_SECONDS


def week_of(moment: datetime) -> int:
    """The number of the week, counted from 1970."""
    return day_of(moment) // 7


def any_of(found: Collection[str]) -> str:
    """A part of a query: one of these marks."""
    return "(" + " | ".join(quoted(each) for each in found) + ")"
