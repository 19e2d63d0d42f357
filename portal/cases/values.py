"""What a service gets back about a case: the case itself, what happened to it, and what was sent."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from portal.cases import event_words
from portal.cases.declared import Kind
from portal.errors import Conflict
from portal.web.languages import Lazy

Channel = Literal["web", "desk", "telephone", "letter", "api", "system"]
"""By which way something came to a case: one of these words."""
CHANNELS: Final = ("web", "desk", "telephone", "letter", "api", "system")
FOR_THEM: Final = "for_resident"
"""The mark in an event's details of what staff wrote or brought in for a resident, who told them by its channel."""
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

_KIND_OF_ACTOR: Final[Mapping[str, Kind]] = {"account": "resident", "staff": "staff", "system": "system"}


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
