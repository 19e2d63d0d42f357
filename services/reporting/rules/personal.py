"""Ways to reach somebody, in words that everybody will read: telephone numbers, e-mail addresses, number plates,
National Insurance numbers.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

LEFT_OUT: Final = "[…]"
"""What stands in their place, in either language."""

# An `at` in brackets is one; an `at` between spaces only before a `dot`: people meet at www.example.com.
_EMAIL = (
    r"[\w.+%'-]{1,64}(?:@|\s?[\[({]\s?(?:at|AT|@)\s?[\])}]\s?)[\w-]{1,63}"
    r"(?:(?:\.|\s?[\[({]\s?(?:dot|DOT|\.)\s?[\])}]\s?)[\w-]{1,63}){1,8}"
    r"|[\w.+%'-]{1,64}\sat\s[\w-]{1,63}(?:\s?(?:\sdot\s|\.)[\w-]{1,63}){0,7}\sdot\s[\w-]{1,63}"
)
_DATE = r"(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|1[0-2])\1(?:19|20)?\d\d(?!\d|\1\d)"
# Behind a 0 of ten or eleven digits, as in the United Kingdom; behind a country's code of nine to fourteen. A fraction
# has a point behind its zero, and an hour behind a day has a colon.
_APART = r"[\s().\-/\\_*|~•·]{0,3}"
_TELEPHONE = (
    rf"(?<!\w)(?<!\d[.,/-])(?!{_DATE})(?!0[.,]\d)"
    rf"(?:(?:\+\d|00[1-9])(?:{_APART}\d){{8,13}}|\(?0{_APART}[1-9](?:{_APART}\d){{8,9}})(?![\d:])"
)
_WORD = (
    r"(?!(?i:the|and|has|was|are|for|but|not|can|who|all|bus|bin|new|old|now|off|out|one|two|mae|yma|lle|nos|flat)\b)"
)
_MONTH = r"(?!(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\b)"
# Of letters and numbers with spaces between them only in capitals: `no 12 the Grove`.
_PLATE = (
    rf"\b[A-Za-z]{{2}}\d{{2}}[\s-]{{0,2}}{_WORD}[A-Za-z]{{3}}\b"
    rf"|\b[A-Z]{{2}}[\s-]\d{{2}}[\s-]?{_WORD}{_MONTH}[A-Z]{{3}}\b"
    rf"|\b[A-Z]\d{{1,3}}[\s-]?{_WORD}[A-Z]{{3}}\b|\b[A-Za-z]\d{{3}}[A-Za-z]{{3}}\b"
    rf"|\b{_WORD}[A-Z]{{3}}[\s-]\d{{3}}[A-Z]\b|\b[A-Za-z]{{3}}\d{{2,3}}[A-Za-z]\b"
)
_INSURANCE = r"\b[A-Z]{2}[\s-]?(?:\d{2}[\s-]?){3}[A-D]\b|\b[A-Za-z]{2}\d{6}[A-Da-d]\b"
_FOUND: Final = re.compile(f"{_EMAIL}|{_INSURANCE}|{_TELEPHONE}|{_PLATE}")


def masked(words: str) -> str:
    """The words without what leads to a person; the very same where there is nothing of the kind.

    It errs on the side of leaving out: staff read what was written. Names of people are for a moderator to find.
    """
    while found := _places(words):  # what was left out may have hidden the beginning of the next
        for start, end in reversed(found):
            words = f"{words[:start]}{LEFT_OUT}{words[end:]}"
    return words


def leads_to_somebody(words: str) -> bool:
    """Whether there is anything to leave out."""
    return bool(_places(words))


def _places(words: str) -> Sequence[tuple[int, int]]:
    """From where to where there is something to leave out, in order.

    It is looked for in the letters as they are read: wide digits are digits, and what nobody sees is not there.
    """
    seen = [(each, at) for at, letter in enumerate(words) for each in _as_read(letter)]
    text = "".join(each for each, _at in seen)
    return [(seen[found.start()][1], seen[found.end() - 1][1] + 1) for found in _FOUND.finditer(text)]


def _as_read(letter: str) -> str:
    if letter.isascii():
        return letter
    match unicodedata.category(letter):
        case "Cf":  # format characters
            return ""
        case "Pd":  # dashes
            return "-"
        case _:
            return unicodedata.normalize("NFKC", letter)
