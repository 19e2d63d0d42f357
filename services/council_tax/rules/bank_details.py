"""Read the digits of a bank account as people type them.

Sort codes come with hyphens or spaces, account numbers with spaces. A number of six or seven digits is filled up with
zeros in front, as Pay.UK's specification of the modulus check says for all banks; longer ones are read differently by
each building society, so their holders are told what to ask for instead.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Fault = Literal["letters", "length", "roll_number", "nobodys"]
"""`nobodys`: noughts alone, which no bank has given anybody."""
SORT_CODE_DIGITS: Final = 6
SHORTEST_NUMBER: Final = 6
NUMBER_DIGITS: Final = 8
_BETWEEN: Final = re.compile(r"[\s.\-‐‑‒–—−]+")
"""What people put between digits: spaces, full stops, and whatever their keyboard makes of a hyphen."""
_IN_NAMES: Final = " .,-'’&()/+"
_ROLL_NUMBER: Final = re.compile(r"[A-Za-z]+[0-9].*|.*[0-9][A-Za-z]+|.*/.*")


@dataclass(frozen=True, slots=True)
class NotDigits:
    """Why something typed is no such number."""

    fault: Fault


def read_sort_code(typed: str) -> str | NotDigits:
    """Six digits."""
    digits = _BETWEEN.sub("", typed)
    if not _is_digits(digits):
        return NotDigits("letters")
    if len(digits) != SORT_CODE_DIGITS:
        return NotDigits("length")
    return digits if digits.strip("0") else NotDigits("nobodys")


def read_account_number(typed: str) -> str | NotDigits:
    """Eight digits, filled up with zeros in front."""
    digits = _BETWEEN.sub("", typed)
    if not _is_digits(digits):
        return NotDigits("roll_number" if _ROLL_NUMBER.fullmatch(digits) else "letters")
    if len(digits) > NUMBER_DIGITS:
        return NotDigits("roll_number")
    if len(digits) < SHORTEST_NUMBER:
        return NotDigits("length")
    return digits.zfill(NUMBER_DIGITS) if digits.strip("0") else NotDigits("nobodys")


def is_name(text: str) -> bool:
    """Whether this can be the name on a bank account: at least two letters, and only what banks print in names."""
    letters = sum(each.isalpha() for each in text)
    return letters > 1 and all(each.isalnum() or unicodedata.combining(each) or each in _IN_NAMES for each in text)


def ending(account_number: str) -> str:
    """All that is ever shown of it again."""
    return account_number[-2:]


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
