"""What other rooms see of messages, notes, documents, tasks and signatures: values, never rows."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

from portal.cases import event_words
from portal.files.values import REASONS
from portal.web.languages import DEFAULT, current_language

TaskKind = Literal["form", "document", "payment", "signature", "cosign"]
TASK_KINDS: Final = ("form", "document", "payment", "signature", "cosign")
TaskState = Literal["open", "done", "withdrawn"]
CosigningState = Literal["asked", "signed", "declined", "withdrawn", "bounced"]

_MARK: Final = re.compile(r"(\d{1,18})-([0-9a-f]{32})")  # 18 digits: microseconds up to the year 9999


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `team` is who wrote where the council did, `team_title` its name if it still has one.

    `author` is for staff's eyes alone; `read_at` is when the other side read it.
    """

    id: uuid.UUID
    case_id: uuid.UUID
    sent_at: datetime
    author: str
    channel: str
    from_staff: bool
    team: str
    team_title: str
    body: str
    read_at: datetime | None

    @property
    def is_taken_down(self) -> bool:
        """Whether staff wrote it for the resident, who told them by `channel`."""
        return not self.from_staff and self.author.startswith("staff:")

    @property
    def taken_down(self) -> str:
        """That it was written for them, and how they told us, as the resident reads it; empty where they wrote it."""
        return event_words.for_them("message_sent", self.channel) if self.is_taken_down else ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note among staff."""

    id: uuid.UUID
    case_id: uuid.UUID
    written_at: datetime
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file of a case. `owner_id` is whose it is in the room of files; the resident sees it when it is `visible`.

    `state`, `media_type`, `size` in bytes and `reason` are those of the file.
    """

    id: uuid.UUID
    case_id: uuid.UUID
    file_id: uuid.UUID
    owner_id: uuid.UUID
    title: str
    added_at: datetime
    added_by: str
    visible: bool
    state: str
    media_type: str
    size: int
    reason: str

    @property
    def is_ready(self) -> bool:
        """Whether it can be fetched: photos are written anew first, which takes seconds."""
        return self.state == "ready"

    @property
    def sentence(self) -> str:
        """Why it cannot be fetched, if it was refused or is gone."""
        return str(REASONS.get(self.reason, REASONS["lost"])) if self.state not in ("ready", "waiting") else ""


@dataclass(frozen=True, slots=True)
class Task:
    """What a case asks of its resident. `amount` is in whole pence; `answers` what is saved so far, by field.

    `version` grows with what is saved. `service`, `type` and `reference` are the case's.
    """

    id: uuid.UUID
    case_id: uuid.UUID
    account_id: uuid.UUID | None
    service: str
    type: str
    reference: str
    kind: TaskKind
    title: str
    words: str
    form: str
    amount: int | None
    pay_url: str
    due_on: date | None
    state: TaskState
    answers: Mapping[str, Any]  # plain JSON values, whatever the form asks for
    version: int
    set_by: str
    set_at: datetime
    ended_at: datetime | None
    ended_by: str

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state == "open"

    @property
    def file_ids(self) -> Sequence[uuid.UUID]:
        """The files that are handed in with it, in the order in which they came."""
        return [uuid.UUID(each) for each in self.answers.get("files", ())]

    def is_overdue(self, today: date) -> bool:
        """Whether its day has gone by."""
        return self.is_open and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Cosigning:
    """A second person, asked to sign. They see what is here, and nothing else of the case.

    `service`, `type` and `reference` are the case's. `email` is where the invitation went, until it has come to an end.
    `asked_by` is the name of the one who asked, as they gave it to us; empty when they did not, or are forgotten.
    `said` is what the case's service said of it when they were asked, as labels and texts, in each language.
    """

    id: uuid.UUID
    task_id: uuid.UUID
    case_id: uuid.UUID
    account_id: uuid.UUID | None
    signer_id: uuid.UUID | None
    service: str
    type: str
    reference: str
    email: str | None
    statement: str
    said: Mapping[str, Sequence[Sequence[str]]]
    state: CosigningState
    asked_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    asked_by: str

    @property
    def facts(self) -> Sequence[Sequence[str]]:
        """The same in the language of whoever reads it."""
        return self.said.get(current_language()) or self.said[DEFAULT]

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be signed."""
        return self.state == "asked" and now < self.expires_at


def mark_of(at: datetime, id: uuid.UUID) -> str:
    """Where a page ends, as an address can hold it."""
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return f"{since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds}-{id.hex}"


def read_mark(mark: str | None) -> tuple[datetime, uuid.UUID] | None:
    """What `mark_of` wrote, straight from an address; None for anything else, which means the first page."""
    found = _MARK.fullmatch(mark or "")
    if found is None:
        return None
    try:
        micros = int(found[1])
        at = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
    except (OverflowError, ValueError, OSError):
        return None
    return at, uuid.UUID(found[2])
