"""Sums of money as people read and type them. Inside, money is whole pence; no page writes a pound sign by hand."""

import re
from typing import Final

MOST: Final = 99_999_999_99
"""No sum that anybody types is larger."""
_SUM: Final = re.compile(r"(?P<pounds>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<pence>[0-9]{2}))?")
MINUS: Final = "\N{MINUS SIGN}"
"""A minus sign, which screen readers name; a hyphen is passed over in silence. `moot-nowrap` keeps it by its amount."""


def money(pence: int) -> str:
    """`138677` as "£1,386.77", `4800` as "£48", `-1250` as "−£12.50". The same in Welsh.

    Whole pounds stand without pence, which is how GOV.UK writes money (style guide: money). The sign stands before
    the pound, so that a credit cannot be misread as a sum that begins with a dash. Raises TypeError for what is not
    whole pence: pounds as a fraction would be shown a hundredth as large.
    """
    if type(pence) is not int:  # what a template hands over is typed by nobody, and True is an int to Python
        raise TypeError(f"money is whole pence, not {type(pence).__name__}")
    pounds, rest = divmod(abs(pence), 100)
    sign = MINUS if pence < 0 else ""
    return f"{sign}£{pounds:,}.{rest:02}" if rest else f"{sign}£{pounds:,}"


def read_pence(typed: str) -> int | None:
    """“£1,386.77”, “48” or “48.50” as pence; None for what is no sum, or below nothing.

    A comma stands before three figures and nowhere else: “10,50” may be £10.50 or a slip of £1,050. A single figure
    after the point is no sum: “48.5” may be £48.50 or a slip of £48.05.
    """
    found = _SUM.fullmatch(re.sub(r"[\s£]", "", typed))
    if found is None:
        return None
    pence = int(found["pounds"].replace(",", "")) * 100 + int(found["pence"] or 0)
    return pence if pence <= MOST else None
