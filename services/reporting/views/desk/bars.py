"""Bars beside words: a chart of the numbers that the table beside it has too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST: Final = 12
"""More than can be told apart: the table has all of them."""
WIDEST: Final = 88.0
"""In hundredths of the width: beside the longest bar there is room for its number."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A number, and how long its bar is in hundredths of the width."""

    count: int
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """One thing with a bar for each of its numbers."""

    label: str
    bars: Sequence[Bar]


def bars_of(lines: Sequence[tuple[str, *tuple[int, ...]]]) -> Sequence[Row]:
    """The first of these lines, of a label and its numbers each; none where every number is nought."""
    drawn = lines[:MOST]
    highest = max((count for _label, *counts in drawn for count in counts), default=0)
    if not highest:
        return ()
    return [
        Row(label, [Bar(count, round(WIDEST * count / highest, 2)) for count in counts]) for label, *counts in drawn
    ]
