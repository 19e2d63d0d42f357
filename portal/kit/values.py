"""The values that a service declares itself with and hands to the portal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from portal.accounts.values import Account


class Text(Protocol):
    """A sentence in the resident's language: a str, or a lazy string that becomes one when shown."""

    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing on home. `url` is where it leads; `tag` a word on its state in one of GOV.UK's tag colours.

    `as_of_at` is set when this is not what the back office says now but what it said then: the card tells the time.
    """

    title: Text
    text: Text = ""
    url: str
    tag: Text = ""
    tag_colour: Literal["grey", "green", "blue", "red", "yellow", "orange"] = "grey"
    action_needed: bool = False
    as_of_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that happened and is not in the ledger of cases, newest first on home."""

    at: datetime
    title: Text
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """A day that matters to the resident.

    `key` names it among the service's, so that calendars know it again when its day moves; without one, it is known by
    its day and address. `starts_at` and `ends_at` are for what has an hour.
    """

    on: date
    title: Text
    url: str
    kind: Literal["payment", "expiry", "deadline", "appointment", "other"] = "other"
    key: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Somebody to be reminded of a day: `key` names the occasion, so that they are reminded of it once.

    `title` is what is due, for their inbox alone: the letter says nothing of it.
    """

    account_id: UUID
    key: str
    on: date
    url: str
    title: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long a kind of record is kept, from when, and on what basis. No days: until that moment.

    `tables` names the tables of the service that this keeping is about. `let_go(before)` erases, oldest first, some
    hundreds of what was over before that moment, and returns how many: the portal calls it each night, and commits,
    until it returns 0. It commits nothing itself and asks no network. None where somebody or something else ends the
    keeping: the resident, or the ledger of cases by `retention_days` of the case type.
    """

    what: Text
    days: int
    after: Text
    basis: Text
    tables: Sequence[str] = ()
    let_go: Callable[[datetime], int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the service's back office is reachable and right, in words an engineer can act on."""

    ok: bool
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standin:
    """The service's back office played by us, for the demo: mounted beside the portal at `/standin/<slug>`.

    `create` names the function that makes it, `package.module:function`, by name because nothing imports a stand-in
    that is not played: `(database_url, address, secret) -> WSGI application`. `url` and `token` are the fields of the
    service's settings that lead to it; in the demo they are filled in unless the environment sets them.
    """

    create: str
    url: str = "url"
    token: str = "token"  # noqa: S105  # the name of a field


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What an operator can have the service do: `moothall service run <slug> <name> [words]`.

    `run` gets the words and returns what is printed, in English as all commands; what it changes is committed when it
    returns. What it cannot do is a DomainError with a sentence. `words` names them in the help: `NAME`.
    """

    help: str
    run: Callable[[Sequence[str]], str]
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What `moothall service check` types and makes where it cannot know better; since 2.1.

    `answers` maps the name of a field to what is typed or chosen there, in whichever form it stands: a sequence for
    check boxes. `fill(account, many)` makes that many of the service's records for one account, as large data is.
    """

    answers: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    fill: Callable[[Account, int], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Something worth seeing in the demo, for the guide that evaluators read; since 2.1.

    `who` is the first name of the demo's person to sign in as, `steps` say what to do, `url` is where it begins.
    `done(since)` says whether somebody has done it since that moment, by tables or audit trail; it changes nothing.
    `walk` names the function that plays it in a browser, `package.module:function`, by name because nothing imports
    a browser that is not driven.
    """

    code: str
    title: Text
    who: str
    steps: Sequence[Text]
    url: str
    done: Callable[[datetime], bool]
    walk: str


def nothing(_account: Account) -> Sequence[Any]:
    """For the parts that a service does not have."""
    return ()


def nothing_to_claim(_source: UUID, _account: Account) -> None:
    """For a service whose tables name no account."""


def nobody(_on: date, _after: UUID | None, _limit: int) -> Sequence[Reminder]:
    """For a service that reminds of nothing."""
    return ()


def healthy() -> Health:
    """For a service with no back office of its own."""
    return Health(ok=True)
