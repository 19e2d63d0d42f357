"""A photo in squares, so that parts of it can be chosen by mouse, keyboard and voice, with no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final, Self

LONG: Final = 12
SHORT: Final = 9
"""Squares along the longer and the shorter side: about as large as a face or a number plate that can be known."""
_WHOLE: Final = 1000


@dataclass(frozen=True, slots=True)
class Grid:
    """So many squares across and down. They are called as on a map: A1 is at the top left, B1 to the right of it."""

    across: int
    down: int

    @classmethod
    def of(cls, width: int, height: int) -> Self:
        """For a photo of so many pixels."""
        return cls(LONG, SHORT) if width >= height else cls(SHORT, LONG)

    @property
    def names(self) -> Sequence[str]:
        """All squares, row by row."""
        return [f"{letter}{row}" for row in range(1, self.down + 1) for letter in ascii_uppercase[: self.across]]

    def edges(self, name: str) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of one of them in thousandths, never smaller than the square."""
        column, row = ascii_uppercase.index(name[0]), int(name[1:]) - 1
        return (
            _WHOLE * column // self.across,
            _WHOLE * row // self.down,
            -(-_WHOLE * (column + 1) // self.across),
            -(-_WHOLE * (row + 1) // self.down),
        )
