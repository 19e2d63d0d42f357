"""Streets as people write them: with a house number, a postcode, a short form, or only the half of the name."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

SHORT_FOR: Final = {
    "rd": "road", "ave": "avenue", "av": "avenue", "gdns": "gardens", "gdn": "gardens", "cres": "crescent",
    "ln": "lane", "pl": "place", "terr": "terrace", "ter": "terrace", "sq": "square", "ct": "court", "gr": "grove",
    "bdwy": "broadway", "dr": "drive", "cl": "close", "pk": "park",
}  # fmt: skip
TYPES: Final = frozenset({*SHORT_FOR, *SHORT_FOR.values(), "street", "st", "str", "way", "parade", "hill", "approach"})
"""What kind of street it is: often left out, or remembered wrongly."""
SMALL: Final = frozenset({"the", "near", "outside", "opposite", "on", "in", "at", "of", "by", "corner", "and", "flat"})
MOST_WORDS: Final = 25
SHORTEST: Final = 3
_POSTCODE: Final = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?) ?(\d)[a-z]{2}\b")


def plain(words: str) -> str:
    """Words alone: no accents, points or apostrophes, and no capitals."""
    text = unicodedata.normalize("NFKD", words).casefold()
    text = re.sub(r"[\u0300-\u036f'’.]", "", text)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split()[:MOST_WORDS])


def folded(words: str) -> str:
    """A street's name as it is compared: no accents, points or apostrophes, `Rd` and `Road` alike."""
    return _long(plain(words).split())


def runs_of(words: str) -> Iterator[str]:
    """Each run of these words as it is compared, the longest first: one of them may be the name of a street."""
    parts = plain(words).split()
    for length in range(len(parts), 0, -1):
        for start in range(len(parts) - length + 1):
            yield _long(parts[start : start + length])


def stems_of(words: str) -> Sequence[str]:
    """The words by which a street may be found whose name is not all there: without numbers and what streets share."""
    parts = plain(words).split()
    return [each for each in parts if each not in TYPES and each not in SMALL and not re.search(r"\d", each)]


def may_mean(stems: Iterable[str], name: str) -> bool:
    """Whether each of these words begins a word of this folded name."""
    return all(len(stem) >= SHORTEST and any(each.startswith(stem) for each in name.split()) for stem in stems)


def parts_in(words: str) -> str:
    """The words with the postcode's district and sector written apart, to look in them for a part of the borough."""
    text = plain(words)
    sectors = " ".join(f"{district} {sector}" for district, sector in _POSTCODE.findall(text))
    return f" {text} {sectors} "


def _long(parts: Sequence[str]) -> str:
    """The words with the last in full, where it is short for a kind of street."""
    if len(parts) < 2:
        return " ".join(parts)
    last = "street" if parts[-1] in ("st", "str") else SHORT_FOR.get(parts[-1], parts[-1])
    return " ".join((*parts[:-1], last))
