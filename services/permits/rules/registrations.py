"""Registration marks: as they are kept, as they are shown, and which of them there can be. Pure.

Kept in capitals without spaces, so that one vehicle has one spelling. The shapes are those in which marks were and are
given out (Road Vehicles (Registration and Licensing) Regulations 2002; DVLA leaflet INF104). A shape says that there
can be such a mark, not that there is: DVLA knows that. Where it was doubtful, a shape is allowed: to turn away a car
that exists is worse than to ask DVLA about one that does not.
"""

import re
import unicodedata
from typing import Final

LONGEST: Final = 7
LONGEST_ABROAD: Final = 8
"""Germany's are among the longest, and have no more."""

# I and Q are left out of marks in Great Britain, and I stands in those of Northern Ireland; Q begins a mark of a
# vehicle of unknown age or origin.
_CURRENT: Final = re.compile(r"([A-HJ-PR-Y]{2}(?!0[01])[0-9]{2})([A-HJ-PR-Z]{3})")
"""Since September 2001: two letters of a place, two figures of an age, three letters. The first ages were 51 and 02."""
_PREFIX: Final = re.compile(r"([A-HJ-NP-TV-Y][1-9][0-9]{0,2}|Q[1-9][0-9]{0,2})([A-HJ-PR-Y]{3})")
"""August 1983 to August 2001: one letter of a year first."""
_SUFFIX: Final = re.compile(r"([A-HJ-PR-Y]{3})([1-9][0-9]{0,2}[A-HJ-NPR-TV-Y])")
"""February 1963 to July 1983: one letter of a year last."""
_LETTERS_FIRST: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,3})")
"""Without a year, and every mark of Northern Ireland (`ABZ 1234`)."""
_FIGURES_FIRST: Final = re.compile(r"([1-9][0-9]{0,3})([A-Z]{1,2})|([1-9][0-9]{0,2})([A-Z]{3})")
"""Without a year, the other way round."""
_DIPLOMATIC: Final = re.compile(r"([0-9]{3}[DX])([0-9]{3})")
"""Embassies (D) and international organisations (X)."""
_SHAPES: Final = (_CURRENT, _PREFIX, _SUFFIX, _LETTERS_FIRST, _FIGURES_FIRST, _DIPLOMATIC)
_ABROAD: Final = re.compile(r"(?=.*[0-9])[A-Z0-9]{2,8}")
_BETWEEN: Final = re.compile(r"[\s.·\-‐‑‒–—_]+")
"""What people write between the parts of a mark."""
_MISTAKEN: Final = {"O": "0", "0": "O", "I": "1", "1": "I"}
"""Letters and figures that look alike on a plate, which is why marks are mistyped in this way more than in any."""


def normalise(text: str) -> str:
    """The mark as it is kept: capitals, no spaces, dots or hyphens; wide letters made narrow.

    What is left may still be no mark at all: `is_possible` says so.
    """
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    return unicodedata.normalize("NFKC", plain)  # what stood beside a space may now belong together


def is_possible(registration: str) -> bool:
    """Whether a normalised mark has a shape that is given out in the United Kingdom."""
    return len(registration) <= LONGEST and any(shape.fullmatch(registration) for shape in _SHAPES)


def is_possible_abroad(registration: str) -> bool:
    """Whether a normalised mark could be one of another country: letters and at least one figure, 2 to 8 in all.

    DVLA knows nothing of such a vehicle, so that its papers must be seen.
    """
    return _ABROAD.fullmatch(registration) is not None


def shown(registration: str) -> str:
    """A normalised mark with the space that its plate has; as it is where its shape has none."""
    for shape in _SHAPES:
        if found := shape.fullmatch(registration):
            return " ".join(part for part in found.groups() if part)
    return registration


def find_meant(registration: str) -> str | None:
    """The one possible mark that differs from an impossible one by O for 0 or I for 1; None if there are more or none.

    For a question, "Did you mean …?", and never to be taken unasked.
    """
    if is_possible(registration) or len(registration) > LONGEST:
        return None
    spelt = [""]
    for character in registration:
        also = _MISTAKEN.get(character, "")
        spelt = [before + one for before in spelt for one in (character, *also)]
    found = [each for each in spelt if is_possible(each)]
    return found[0] if len(found) == 1 else None
