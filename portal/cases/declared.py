"""What a service declares about its cases: their statuses, the ways between them, and what is promised."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from portal.cases.task_forms import TaskForm
from portal.web.languages import Lazy

Kind = Literal["resident", "staff", "system"]
WaitsFor = Literal["council", "resident", "nobody"]
MoveRight = Literal["work", "decide", "lead"]

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One status of a case. `meaning` and `next` are what the resident reads: what it means, and what happens next.

    `happened` is what the timeline says of the moment when a case came to it; without it, `title`. `%(team)s` in it
    becomes the name of the team that had the case then; where that has no name, `title` stands instead.
    `open` is False when the council has finished with the case; `waits_for` says whose turn it is until then.
    """

    code: str
    title: str | Lazy
    meaning: str | Lazy
    next: str | Lazy = ""
    open: bool = True
    waits_for: Literal["council", "resident"] = "council"
    happened: str | Lazy = ""

    @property
    def turn(self) -> WaitsFor:
        """Whose turn it is: nobody's once it is closed."""
        return self.waits_for if self.open else "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A way from one status to another, and which kinds of actor may go it.

    Staff need `right` for it. `title` is the words on their button, in the imperative ("Mark as fixed"); a move
    without one is not offered. `asks_reason`: it is refused without words for the resident.
    """

    source: str
    target: str
    by: frozenset[Kind]
    right: MoveRight = "work"
    title: str | Lazy = ""
    asks_reason: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffForm:
    """What staff can enter on a case for its service, as data: a form of their own, offered by its title.

    It is offered while the case is in one of `statuses`, to who has `right`. The service takes the answers by
    `on_entered`.
    """

    form: TaskForm
    statuses: frozenset[str]
    right: MoveRight = "work"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """By when the council promises an end, in its working days after the day of opening.

    `warn`: how many working days before the end the desk shows the case as nearly due.
    """

    days: int
    warn: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.days <= 400 or not 0 <= self.warn <= self.days:
            raise ValueError("a service level has 1 to 400 working days, and warns at most so many before")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseType:
    """A kind of case that a service takes, as data. A new case has the first status.

    `service_level` may be a function, for services that take it from their settings. `team` gets what no routing rule
    names a team for. `merged` is the status of a case that turned out to be a duplicate, `reopened` the one that a
    resident's reopening leads to (the first, if none is named), within `reopen_days` of the end. `retention_days`
    after the end the ledger forgets the person. Zero days mean: not at all. `facts` are the names of the further codes
    that its service tells of a new case, for routing rules to ask for. `forms` are for residents, `staff_forms` for
    staff, by code.

    Where kinds that are the council's own data share one type, the `summary` of a case is the code of its kind:
    `title_by_summary` says what such a case is called, `level_by_summary` what is promised. For a code that they do
    not know (an empty title, no level) the type's own `title` and `service_level` stand.
    Raises ValueError when its parts do not fit each other, which is when the service's module is imported.
    """

    service: str
    slug: str
    title: str | Lazy
    statuses: tuple[Status, ...]
    moves: tuple[Move, ...] = ()
    service_level: ServiceLevel | Callable[[], ServiceLevel] | None = None
    team: str = ""
    forms: Mapping[str, TaskForm] = field(default_factory=dict)
    staff_forms: Mapping[str, StaffForm] = field(default_factory=dict)
    retention_days: int = 0
    reopen_days: int = 0
    reopened: str = ""
    merged: str = ""
    rates: bool = False
    messages: bool = True
    facts: tuple[str, ...] = ()
    title_by_summary: Callable[[str], str] | None = None
    level_by_summary: Callable[[str], ServiceLevel | None] | None = None

    def __post_init__(self) -> None:
        codes = [status.code for status in self.statuses]
        if not codes:
            raise ValueError(f"case type {self.slug} has no status")
        for code in (self.service, self.slug, *codes, *self.forms, *self.staff_forms):
            if not _CODE.fullmatch(code):
                raise ValueError(f"{code!r} must be lower-case letters, digits and underscores, at most 40")
        if len(set(codes)) != len(codes):
            raise ValueError(f"case type {self.slug} has two statuses of one code")
        ways = [(move.source, move.target) for move in self.moves]
        if len(set(ways)) != len(ways):
            raise ValueError(f"case type {self.slug} has two moves of one way")
        for source, target in ways:
            if source not in codes or target not in codes:
                raise ValueError(f"case type {self.slug} moves from {source} to {target}, which are not both statuses")
        lost = set(codes[1:]) - {target for _, target in ways} - {self.merged, self.reopened}
        if lost:
            raise ValueError(f"no move of case type {self.slug} leads to {', '.join(sorted(lost))}")
        for code, each in self.staff_forms.items():
            if not each.statuses <= set(codes):
                raise ValueError(f"the form {code} of case type {self.slug} is for a status that it does not have")
        self._check_ends()

    def _check_ends(self) -> None:
        merged, reopened = self.find_status(self.merged), self.find_status(self.reopened)
        if self.merged and (merged is None or merged.open):
            raise ValueError(f"`merged` of case type {self.slug} must be one of its closed statuses")
        if self.reopened and (reopened is None or not reopened.open):
            raise ValueError(f"`reopened` of case type {self.slug} must be one of its open statuses")
        if self.reopen_days < 0 or self.retention_days < 0:
            raise ValueError(f"case type {self.slug} has a number of days below zero")

    @property
    def first(self) -> Status:
        """The status of a new case."""
        return self.statuses[0]

    @property
    def promise(self) -> ServiceLevel | None:
        """The service level as it is now, if there is one."""
        return self.service_level() if callable(self.service_level) else self.service_level

    def title_of(self, summary: str) -> str:
        """What a case with that summary is called, in the reader's language."""
        return (self.title_by_summary(summary) if self.title_by_summary else "") or str(self.title)

    def promise_of(self, summary: str) -> ServiceLevel | None:
        """The service level of a case with that summary, as it is now."""
        return (self.level_by_summary(summary) if self.level_by_summary else None) or self.promise

    def find_status(self, code: str) -> Status | None:
        """The status with that code. A case may have one that the service has since given up."""
        return next((status for status in self.statuses if status.code == code), None)

    def find_move(self, source: str, target: str) -> Move | None:
        """The way from one status to another, if there is one."""
        return next((move for move in self.moves if (move.source, move.target) == (source, target)), None)

    def moves_from(self, source: str, kind: Kind) -> Sequence[Move]:
        """The ways that such an actor may go from a status, as they are declared."""
        return [move for move in self.moves if move.source == source and kind in move.by]
