"""Sums of money as people read them. Inside, money is whole pence; no page writes a pound sign by hand."""

from typing import Final

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
