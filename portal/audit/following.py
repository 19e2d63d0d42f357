"""Follow the chain from entry to entry and say in plain words where it does not hold. Knows no database."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain as one_after_another
from typing import Final, Literal

from portal.audit.chain import START, Head, digest_of, follow

Entry = Sequence[str | None]
"""An entry's columns as text, in the order of `chain.COLUMNS`."""
Link = tuple[int, int, bytes, bytes]
"""The entry's id, number, digest, chain."""
Kind = Literal["changed", "missing", "inserted", "link", "head", "unsealed", "guard"]
WINDOW: Final = 1000
"""Heads of several workers in one file may stand so far from their order."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be."""

    kind: Kind
    says: str


@dataclass(slots=True)
class Loose:
    """Entries in a row that have no link."""

    many: int = 0
    first: str = ""
    last: str = ""
    since: str = ""

    def add(self, entry: Entry) -> None:
        """One more."""
        if not self.many:
            self.first, self.since = str(entry[0]), str(entry[1])
        self.last = str(entry[0])
        self.many += 1

    def __str__(self) -> str:
        return f"entry {self.first}" if self.many == 1 else f"{self.many} entries ({self.first} to {self.last})"


@dataclass(slots=True)
class Examination:
    """One walk along the chain, from the head `after` (or the start) on. Memory does not grow with its length."""

    after: Head | None
    heads: Iterator[tuple[Head, str]]
    """What was written down of the chain, by number, and where."""
    entries: int = 0
    number: int = 0
    """Of the last link in its order."""
    entry_id: int = 0
    loose: Loose = field(default_factory=Loose)
    """Entries without a link since the last link."""
    _chain: bytes = START
    _instead: bytes = START
    """What the last link's hash should be by the one before it: after a link that alone was changed, the next fits."""
    _next: tuple[Head, str] | None = None

    def __post_init__(self) -> None:
        if self.after is not None:
            self.number, self.entry_id = self.after.number, self.after.entry_id
            self._chain = self._instead = self.after.chain
        self._next = next(self.heads, None)

    def findings(self, entries: Iterator[Entry], links: Iterator[Link]) -> Iterator[Finding]:
        """All that is wrong. Both come in the order of the entries' ids."""
        for entry, link in _side_by_side(entries, links):
            if entry is not None:
                self.entries += 1
            if link is None:
                if entry is not None:
                    self.loose.add(entry)
                continue
            entry_id, number, digest, _ = link
            if entry is None:
                yield Finding("missing", f"Entry {entry_id} is missing: it was sealed as number {number}.")
            elif digest_of(entry) != digest:
                yield Finding("changed", f"Entry {entry_id} was changed after it was sealed.")
            yield from self._place(link)
        while self._next is not None:
            yield self._unfulfilled(*self._next)
            self._next = next(self.heads, None)

    def _place(self, link: Link) -> Iterable[Finding]:
        """What is wrong with the place of this link after the last."""
        entry_id, number, digest, chain = link
        expected = follow(self._chain, digest)
        fits = number == self.number + 1 and (chain == expected or chain == follow(self._instead, digest))
        found: Iterable[Finding] = () if fits and not self.loose.many else list(self._misplaced(link, fits))
        if number > self.number:
            self.number, self.entry_id, self._chain, self._instead = number, entry_id, chain, expected
        if self.loose.many:
            self.loose = Loose()
        if self._next is not None and self._next[0].number <= number:
            return one_after_another(found, list(self._compare(link)))
        return found

    def _misplaced(self, link: Link, fits: bool) -> Iterator[Finding]:
        entry_id, number, _, _ = link
        gap, loose = number - self.number - 1, self.loose
        if gap < 0:
            yield Finding("link", f"The link of entry {entry_id} is out of order: number {number} after {self.number}.")
        elif gap and loose.many == gap:
            yield Finding("link", f"Links were taken away: {loose} had one, and now has none.")
        elif gap:
            yield Finding(
                "missing",
                f"Numbers {self.number + 1} to {number - 1} are not between entries {self.entry_id} and {entry_id}:"
                " entries were deleted with their links, or links were moved.",
            )
        elif not fits:
            yield Finding(
                "link",
                f"The link of entry {entry_id} (number {number}) does not follow from the one before:"
                " one of the two was changed, or one was written anew after the entry.",
            )
        if loose.many and loose.many != gap:
            yield Finding("inserted", f"Put in after its time: {loose}. Nothing of that was sealed when its turn came.")

    def _compare(self, link: Link) -> Iterator[Finding]:
        """Every head up to this link's number against the link."""
        entry_id, number, _, chain = link
        while self._next is not None and self._next[0].number <= number:
            head, where = self._next
            if (head.number, head.entry_id, head.chain) != (number, entry_id, chain):
                yield self._other(head, where)
            self._next = next(self.heads, None)

    def _unfulfilled(self, head: Head, where: str) -> Finding:
        if head.number <= self.number:
            return self._other(head, where)
        return Finding(
            "head",
            f"The end was cut off: on {head.sealed_at:%Y-%m-%d %H:%M:%S} there were {head.number} sealed entries up to"
            f" {head.entry_id} ({where}), and now number {self.number} is the last."
            " Or an older backup was restored.",
        )

    @staticmethod
    def _other(head: Head, where: str) -> Finding:
        return Finding(
            "head",
            f"What was sealed up to {head.sealed_at:%Y-%m-%d %H:%M:%S} (number {head.number}, entry {head.entry_id},"
            f" {where}) is not what is there now: the chain was written anew.",
        )


def in_order(heads: Iterable[Head], where: str) -> Iterator[tuple[Head, str]]:
    """Heads that are nearly in the order of their numbers, in that order, each with where it stands."""
    waiting: list[tuple[int, int, Head]] = []
    for count, head in enumerate(heads):
        heapq.heappush(waiting, (head.number, count, head))
        if len(waiting) > WINDOW:
            yield heapq.heappop(waiting)[-1], where
    while waiting:
        yield heapq.heappop(waiting)[-1], where


def _side_by_side(entries: Iterator[Entry], links: Iterator[Link]) -> Iterator[tuple[Entry | None, Link | None]]:
    """Each entry with its link; None where one of the two is not there."""
    entry, link = next(entries, None), next(links, None)
    while entry is not None and link is not None:
        entry_id = int(entry[0] or 0)
        if entry_id == link[0]:
            yield entry, link
            entry, link = next(entries, None), next(links, None)
        elif entry_id < link[0]:
            yield entry, None
            entry = next(entries, None)
        else:
            yield None, link
            link = next(links, None)
    if entry is not None:
        yield from ((each, None) for each in one_after_another((entry,), entries))
    if link is not None:
        yield from ((None, each) for each in one_after_another((link,), links))
