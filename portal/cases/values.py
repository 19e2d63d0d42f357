"""What a service declares about its cases, and what it gets back about one."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from portal.web.languages import Lazy

Kind = Literal["resident", "staff", "system"]
Channel = Literal["web", "desk", "telephone", "api", "system"]
CHANNELS: Final = ("web", "desk", "telephone", "api", "system")

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KIND_OF_ACTOR: Final[Mapping[str, Kind]] = {"account": "resident", "staff": "staff", "system": "system"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One status of a case. `meaning` and `next` are what the resident reads: what it means, and what happens next.

    `open` is False when the council has finished with the case.
    """

    code: str
    title: str | Lazy
    meaning: str | Lazy
    next: str | Lazy = ""
    open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A way from one status to another, and which kinds of actor may go it."""

    source: str
    target: str
    by: frozenset[Kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseType:
    """A kind of case that a service takes, as data. A new case has the first status.

    Raises ValueError when its parts do not fit each other, which is when the service's module is imported.
    """

    service: str
    slug: str
    title: str | Lazy
    statuses: tuple[Status, ...]
    moves: tuple[Move, ...] = ()

    def __post_init__(self) -> None:
        codes = [status.code for status in self.statuses]
        if not codes:
            raise ValueError(f"case type {self.slug} has no status")
        for code in (self.service, self.slug, *codes):
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
        lost = set(codes[1:]) - {target for _, target in ways}
        if lost:
            raise ValueError(f"no move of case type {self.slug} leads to {', '.join(sorted(lost))}")

    @property
    def first(self) -> Status:
        """The status of a new case."""
        return self.statuses[0]

    def find_status(self, code: str) -> Status | None:
        """The status with that code. A case may have one that the service has since given up."""
        return next((status for status in self.statuses if status.code == code), None)

    def find_move(self, source: str, target: str) -> Move | None:
        """The way from one status to another, if there is one."""
        return next((move for move in self.moves if (move.source, move.target) == (source, target)), None)


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a resident asked for. `account_id` is None once the person has been forgotten.

    `summary` is the service's own short phrase or code for lists. `version` grows with every change.
    """

    id: uuid.UUID
    service: str
    type: str
    reference: str
    account_id: uuid.UUID | None
    status: str
    summary: str
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    version: int

    @property
    def is_open(self) -> bool:
        """Whether the council still has something to do."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One entry of the ledger, ready to be shown.

    `title` names the case and where it stood then, `status_title` the status alone, `meaning` what that means for the
    resident, `reason` what the council added. All are empty or codes where the service no longer knows the status.
    """

    id: int
    case_id: uuid.UUID
    at: datetime
    kind: str
    service: str
    type: str
    reference: str
    status: str
    title: str
    status_title: str
    meaning: str
    actor: str
    channel: str
    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Answers that wait to be sent. `answers` is by step; `step` the last one saved; `case_id` set when sent."""

    id: uuid.UUID
    account_id: uuid.UUID
    service: str
    journey: str
    step: str
    answers: Mapping[str, Any]  # what a step keeps is its own affair, as long as it is JSON
    created_at: datetime
    updated_at: datetime
    case_id: uuid.UUID | None


def kind_of(actor: str) -> Kind:
    """What kind of actor `account:<id>`, `staff:<id>` or `system:<room>` is. Raises ValueError for another form."""
    kind = _KIND_OF_ACTOR.get(actor.partition(":")[0])
    if kind is None or not actor.partition(":")[2]:
        raise ValueError(f"an actor is account:<id>, staff:<id> or system:<room>, not {actor!r}")
    return kind
