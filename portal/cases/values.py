"""What a service declares about its cases, and what it gets back about one."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from portal.cases import event_words
from portal.cases.task_forms import TaskForm
from portal.errors import Conflict
from portal.web.languages import Lazy

Kind = Literal["resident", "staff", "system"]
Channel = Literal["web", "desk", "telephone", "letter", "api", "system"]
CHANNELS: Final = ("web", "desk", "telephone", "letter", "api", "system")
FOR_THEM: Final = "for_resident"
"""The mark in an event's details of what staff wrote or brought in for a resident, who told them by its channel."""
WaitsFor = Literal["council", "resident", "nobody"]
MoveRight = Literal["work", "decide", "lead"]
EventKind = Literal[
    # Each is an act on the case; the files that do them are named beside.
    "opened",  # opening
    "claimed",
    "moved",  # moving
    "taken",  # taking
    "released",
    "passed_on",
    "team_changed",
    "routed",  # routing, again after the case was opened
    "held",  # holding
    "resumed",
    "merged",  # merging: into another, and another into this one
    "absorbed",
    "reopened",  # ending
    "rated",
    "escalated",  # service_levels
    "forgotten",  # retention
    "message_sent",  # messages, notes, documents, tasks, cosigning
    "note_written",
    "document_added",
    "document_removed",
    "task_set",
    "task_done",
    "task_withdrawn",
    "cosign_asked",
    "cosigned",
    "cosign_declined",
    "cosign_withdrawn",
    "cosign_bounced",
]

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KIND_OF_ACTOR: Final[Mapping[str, Kind]] = {"account": "resident", "staff": "staff", "system": "system"}


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
    that its service tells of a new case, for routing rules to ask for.
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
    retention_days: int = 0
    reopen_days: int = 0
    reopened: str = ""
    merged: str = ""
    rates: bool = False
    messages: bool = True
    facts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        codes = [status.code for status in self.statuses]
        if not codes:
            raise ValueError(f"case type {self.slug} has no status")
        for code in (self.service, self.slug, *codes, *self.forms):
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

    def find_status(self, code: str) -> Status | None:
        """The status with that code. A case may have one that the service has since given up."""
        return next((status for status in self.statuses if status.code == code), None)

    def find_move(self, source: str, target: str) -> Move | None:
        """The way from one status to another, if there is one."""
        return next((move for move in self.moves if (move.source, move.target) == (source, target)), None)

    def moves_from(self, source: str, kind: Kind) -> Sequence[Move]:
        """The ways that such an actor may go from a status, as they are declared."""
        return [move for move in self.moves if move.source == source and kind in move.by]


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
    channel: str = "web"
    area: str = ""
    team: str = ""
    holder_id: uuid.UUID | None = None
    waits_for: str = "council"
    due_at: datetime | None = None
    held_at: datetime | None = None
    held_until_at: datetime | None = None
    escalated_at: datetime | None = None
    merged_into_id: uuid.UUID | None = None
    reopened: int = 0
    rating: int | None = None
    rating_words: str = ""
    rated_at: datetime | None = None
    opened_by: str = ""
    identity_check: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the council still has something to do."""
        return self.closed_at is None

    @property
    def is_held(self) -> bool:
        """Whether it is on hold, which stops the clock of its service level."""
        return self.held_at is not None

    @property
    def is_merged(self) -> bool:
        """Whether it was a duplicate: what is said on it now is said on another."""
        return self.merged_into_id is not None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the promised end has gone by, or had when it was closed. A case on hold is never overdue."""
        return self.due_at is not None and not self.is_held and (self.closed_at or now) > self.due_at

    def may_be_reopened(self, days: int, now: datetime) -> bool:
        """Whether so many days after its end are not yet over."""
        return self.closed_at is not None and not self.is_merged and now <= self.closed_at + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One entry of the ledger, ready to be shown.

    `title` names the case and where it stood then, `status_title` the status alone, `meaning` what that means for the
    resident, `reason` what the council added. All are empty or codes where the service no longer knows the status.
    `what` is what happened in the resident's words, which is the new status where there is one.
    `version` is the case's after it: the events of a case are numbered without a gap. `details` are ids and codes;
    `details["changed"]` holds what each changed column was and is. Only what is `visible` is for the resident.
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
    version: int
    visible: bool
    details: Mapping[str, Any]  # plain JSON values: ids and codes
    what: str
    about: str = ""
    """The title of the task, document or message that it is about, where it still has one."""

    @property
    def desk_what(self) -> str:
        """What happened, in the words of the desk."""
        taken_down = bool(self.details.get(FOR_THEM))
        return event_words.for_staff(self.kind, self.about, in_their_place=taken_down) or self.status_title


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was sent, for resident and staff alike: `value` is a line or several.

    `url` makes the value a link; `file_id` is a stored file that is shown or offered beside it. A second person who
    is asked to sign sees only what is `for_cosigner`.
    """

    label: str | Lazy
    value: str | Lazy | Sequence[str]
    url: str = ""
    file_id: uuid.UUID | None = None
    for_cosigner: bool = False

    @property
    def lines(self) -> Sequence[str]:
        """The value as lines."""
        return list(self.value) if isinstance(self.value, list | tuple) else str(self.value).splitlines()


class ChangedMeanwhile(Conflict):
    """Somebody else changed the case since the page was opened: both versions, and who and what lies between.

    `was` is what the person had before them, as far as the ledger can tell; `now` what is; `events` are newest first.
    """

    def __init__(self, sentence: str, *, was: Case, now: Case, events: Sequence[CaseEvent]) -> None:
        super().__init__(sentence)
        self.was = was
        self.now = now
        self.events = events

    @property
    def by(self) -> Sequence[str]:
        """The actors of the changes, newest first, each once."""
        return list(dict.fromkeys(event.actor for event in self.events))


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
