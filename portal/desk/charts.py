"""Charts of the statistics: pairs of bars as numbers, which the template draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_BARS: Final = 26
HEIGHT: Final = 260
"""In pixels. What lies beside each other is in hundredths of the width: so the words are never smaller than written."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Two bars of the chart, side by side, with their place in it."""

    label: str
    x: float
    width: float
    opened: float
    closed: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars in their order, and the number that the tallest of them stands for."""

    bars: Sequence[Bars]
    highest: int


def chart_of(pairs: Sequence[tuple[str, int, int]]) -> Chart | None:
    """Two bars for each label. With more than can be told apart there is no chart, and the table says it all."""
    highest = max((max(one, other) for _label, one, other in pairs), default=0)
    if not highest or len(pairs) > MOST_BARS:
        return None
    step, scale = 100 / len(pairs), (HEIGHT - 60) / highest
    bars = [
        Bars(
            label,
            round(n * step + step * 0.12, 2),
            round(step * 0.36, 2),
            round(one * scale, 1),
            round(other * scale, 1),
        )
        for n, (label, one, other) in enumerate(pairs)
    ]
    return Chart(bars, highest)
