"""Read sums of money as people type them."""

import re
from typing import Final

MOST: Final = 99_999_999_99
"""No sum that a household names is larger."""
_SUM: Final = re.compile(r"(?P<pounds>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<pence>[0-9]{2}))?")


def read_pence(typed: str) -> int | None:
    """“£1,386.77”, “48” or “48.50” as pence; None for what is no sum, or below nothing.

    A single figure after the point is no sum: “48.5” may be £48.50 or a slip of £48.05.
    """
    found = _SUM.fullmatch(re.sub(r"[\s£]", "", typed))
    if found is None:
        return None
    pence = int(found["pounds"].replace(",", "")) * 100 + int(found["pence"] or 0)
    return pence if pence <= MOST else None
