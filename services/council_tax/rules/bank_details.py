"""Read the digits of a bank account as people type them.

Sort codes come with hyphens or spaces, account numbers with spaces. A number of six or seven digits is filled up with
zeros in front, as Pay.UK's specification of the modulus check says for all banks; longer ones are read differently by
each building society, so their holders are told what to ask for instead.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

Fault = Literal["letters", "length", "roll_number"]
SORT_CODE_DIGITS: Final = 6
SHORTEST_NUMBER: Final = 6
NUMBER_DIGITS: Final = 8
_BETWEEN: Final = re.compile(r"[\s.\-‐‑‒–—−]+")
"""What people put between digits: spaces, full stops, and whatever their keyboard makes of a hyphen."""
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
    return digits if len(digits) == SORT_CODE_DIGITS else NotDigits("length")


def read_account_number(typed: str) -> str | NotDigits:
    """Eight digits, filled up with zeros in front."""
    digits = _BETWEEN.sub("", typed)
    if not _is_digits(digits):
        return NotDigits("roll_number" if _ROLL_NUMBER.fullmatch(digits) else "letters")
    if len(digits) > NUMBER_DIGITS:
        return NotDigits("roll_number")
    return digits.zfill(NUMBER_DIGITS) if len(digits) >= SHORTEST_NUMBER else NotDigits("length")


def ending(account_number: str) -> str:
    """All that is ever shown of it again."""
    return account_number[-2:]


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
