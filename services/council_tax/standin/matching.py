"""Whether what somebody answers fits a record: forgiving of how it is written, not of what it says. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal

Fit = Literal["all", "part", "none"]
TITLES: Final = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "master", "dr", "prof", "sir", "dame", "lady", "lord", "hon", "cllr", "capt"}
    | {"rev", "revd", "reverend", "fr", "sr", "parch", "parchg", "and"}
)
"""What stands before a name and is none. `parchg` is the Welsh for the Reverend."""
_APART: Final = re.compile(r"[^a-z0-9]+")
_SILENT: Final = re.compile(r"['’`]")
_JOINED: Final = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}


def plain(text: str) -> str:
    """Small letters without marks: Siân is sian, Ŵyn is wyn."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(each for each in parts if not unicodedata.combining(each))
    return "".join(_JOINED.get(each, each) for each in bare)


def words(name: str) -> tuple[str, ...]:
    """The words of a name without titles. An apostrophe parts nothing (O'Neil), a hyphen does (Lloyd-Jones)."""
    found = tuple(each for each in _APART.split(_SILENT.sub("", plain(name))) if each)
    return tuple(each for each in found if each not in TITLES) or found


def fit(answer: str, recorded: str) -> Fit:
    """How well a name fits the one on record.

    All of it fits when each word of the shorter one has a partner of its own in the other, whole or as its initial,
    in any order, and at least one partner that is longer than an initial is alike: "J Smith", "SMITH, John" and
    "John Paul Smith" fit John Smith, and "John" alone does not. A part fits when any whole word does.
    """
    said, known = words(answer), words(recorded)
    whole = {each for each in said if len(each) > 1} & {each for each in known if len(each) > 1}
    if len("".join(said)) > 1 and "".join(said) == "".join(known):
        return "all"
    if not whole:
        return "none"
    fewer, more = sorted((said, known), key=len)
    return "all" if len(fewer) > 1 and _paired(fewer, list(more)) else "part"


def same_postcode(answer: str, recorded: str) -> bool:
    """Alike but for spaces and case; a letter O for a nought in the second half is what people type."""
    return _postcode(answer) == _postcode(recorded) != ""


def digits(reference: str) -> str:
    """The figures of a reference, however they are grouped."""
    return "".join(each for each in reference if each in "0123456789")


def _postcode(text: str) -> str:
    bare = re.sub(r"[^a-z0-9]", "", plain(text))
    return f"{bare[:-3]}0{bare[-2:]}" if bare[-3:-2] == "o" else bare


def _paired(fewer: Sequence[str], more: list[str]) -> bool:
    for word in sorted(fewer, key=len, reverse=True):
        partner = next((each for each in more if each == word), None) or next(
            (each for each in more if 1 in (len(each), len(word)) and each[0] == word[0]), None
        )
        if partner is None:
            return False
        more.remove(partner)
    return True
