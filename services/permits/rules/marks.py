"""Where the next page of a list begins, as it stands in an address. Whatever is typed there is read without harm."""

from dataclasses import dataclass
from typing import Final, Literal, get_args
from uuid import UUID

Source = Literal["permit", "courtesy_car", "visitor"]
SOURCES: Final[tuple[Source, ...]] = get_args(Source)
"""What a car may park by, in the order of the list."""
_BETWEEN: Final = "~"
LONGEST_ZONE: Final = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """The last line that was shown: from which source, of which zone, with which id."""

    source: Source
    zone: str
    id: UUID

    def __str__(self) -> str:
        return _BETWEEN.join((self.source, self.zone, str(self.id)))


def first_of(source: Source) -> Mark:
    """Before the first line of a source: no zone sorts before the empty text, no id before zero."""
    return Mark(source, "", UUID(int=0))


def could_be_zone(text: str) -> bool:
    """Whether a text could be the code of a zone, or is empty: what the database could not even be asked is none."""
    return len(text) <= LONGEST_ZONE and text.isprintable() and "\N{REPLACEMENT CHARACTER}" not in text


def read_mark(written: str) -> Mark:
    """The mark; the beginning of the list for an empty text. Raises ValueError for anything that we never wrote."""
    if not written:
        return first_of(SOURCES[0])
    parts = written.split(_BETWEEN)
    if len(parts) != 3 or not could_be_zone(parts[1]):
        raise ValueError("no mark of ours")
    source = next((each for each in SOURCES if each == parts[0]), None)
    if source is None:
        raise ValueError("no mark of ours")
    return Mark(source, parts[1], UUID(parts[2]))
