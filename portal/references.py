"""References that survive the telephone: `7KQ4-X2M9`.

Eight characters of an alphabet of 23, the last of them a check. The alphabet has no vowel, so that no word appears,
and of each pair that is easily mistaken only one. Because 23 is prime and every place has a weight of its own, any one
wrong character and any two that changed places are noticed.
"""

import secrets
from typing import Final

ALPHABET: Final = "23456789CDFHJKMPQRTVWXY"
LENGTH: Final = 8
_PRIME: Final = len(ALPHABET)
_VALUE: Final = {letter: value for value, letter in enumerate(ALPHABET)}
_WEIGHTS: Final = tuple(range(2, LENGTH + 1))
# What is not in the alphabet, read or heard as something that is.
_MEANT: Final = str.maketrans("ZSBGNU", "2586MV")
_LONGEST_TYPED: Final = 40


def new_reference() -> str:
    """A reference that was hardly ever given before: there are 3,404 million. The table refuses the rest."""
    return printed("".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1)))


def printed(body: str) -> str:
    """The seven characters with their check, grouped as it is printed."""
    whole = body + _check(body)
    return f"{whole[:4]}-{whole[4:]}"


def read_reference(typed: str) -> str | None:
    """The reference as it is printed, or None when the text cannot be one. Forgives case, spaces and hyphens."""
    if len(typed) > _LONGEST_TYPED:
        return None
    kept = "".join(c for c in typed.upper() if not c.isspace() and c not in "-–—.,/_").translate(_MEANT)
    if len(kept) != LENGTH or any(letter not in _VALUE for letter in kept):
        return None
    return printed(kept[:-1]) if kept[-1] == _check(kept[:-1]) else None


def _check(body: str) -> str:
    """The last character, which makes the weighted sum of all, itself with weight 1, a multiple of 23."""
    total = sum(weight * _VALUE[letter] for weight, letter in zip(_WEIGHTS, body, strict=True))
    return ALPHABET[-total % _PRIME]
