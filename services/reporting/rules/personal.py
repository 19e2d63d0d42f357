"""Ways to reach somebody, in words that everybody will read: telephone numbers, e-mail addresses, number plates."""

import re
from typing import Final

LEFT_OUT: Final = "[…]"
"""What stands in their place, in either language."""

_EMAIL = r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
# Of nine digits and more behind a 0 or a country's code. A coordinate has a point or a minus in front of its zero, and
# an hour behind a day has a colon.
_TELEPHONE = r"(?<![\w.,/-])(?:\+\d|00[1-9]|\(?0[1-9])(?:[ ().-]{0,2}\d){8,12}(?![\d:])"
_PLATE = r"\b[A-Za-z]{2}\d{2} ?[A-Za-z]{3}\b"
_FOUND: Final = re.compile(f"{_EMAIL}|{_TELEPHONE}|{_PLATE}")


def masked(words: str) -> str:
    """The words without what leads to a person; the very same where there is nothing of the kind.

    It errs on the side of leaving out: staff read what was written. Names of people are for a moderator to find.
    """
    return _FOUND.sub(LEFT_OUT, words)


def leads_to_somebody(words: str) -> bool:
    """Whether there is anything to leave out."""
    return _FOUND.search(words) is not None
