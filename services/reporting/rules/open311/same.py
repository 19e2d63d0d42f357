"""Know a report of ours again among those that an office lists, when its answer to the report was lost."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from services.reporting.rules.open311.telling import PHOTOS

NEAR: Final = 0.0001
"""Degrees, some ten metres: offices keep fewer places behind the point than we send."""


class Listed(Protocol):
    """A report as an office tells it."""

    @property
    def description(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def lat(self) -> str: ...
    @property
    def long(self) -> str: ...


def is_same(listed: Listed, fields: Mapping[str, str | Sequence[str]]) -> bool:
    """Whether this is what we sent: the very words, at the very place. An office that changes words is not known."""
    if _plain(listed.description) != _plain(fields.get("description", "")):
        return False
    if "lat" in fields:
        return _is_near(listed.lat, fields["lat"]) and _is_near(listed.long, fields["long"])
    return _plain(listed.address) == _plain(fields.get("address_string", ""))


def _plain(words: str | Sequence[str]) -> str:
    """The words alone: of the photos behind them one may have been hidden since."""
    return " ".join(word for word in str(words).split() if PHOTOS not in word).casefold()


def _is_near(theirs: str, ours: str | Sequence[str]) -> bool:
    try:
        return abs(float(theirs) - float(str(ours))) < NEAR
    except ValueError:
        return False
