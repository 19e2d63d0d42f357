"""What a service declares about itself, and the values that it hands to the portal."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

from flask import Blueprint

from portal.accounts.values import Account
from portal.backoffices.values import Delivery, Json, Send, nothing_delivered, nothing_undeliverable
from portal.cases.declared import CaseType
from portal.cases.talk_values import Task
from portal.cases.types import do_nothing, no_facts, no_task_awaited, nothing_entered, nothing_told
from portal.cases.values import Case, CaseEvent, Fact
from portal.errors import SetupError
from portal.identity.assurance import SHORTEST_FRESHNESS, Assurance
from portal.joining.address_proofs import Proofs, no_proofs
from portal.joining.values import RecordKind
from portal.kit.at_desk import DeskPages, fault_of_desk
from portal.kit.mounting import Mount, fault_of
from portal.kit.settings import ServiceSettings
from portal.payments.values import Payable

CONTRACT = "2.0"
"""The version of the contract that this portal keeps: major.minor."""

SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_SLUG = 40
NAME = re.compile(r"[a-z]+(-[a-z]+)*")
STANDIN = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*:[a-z_][a-z0-9_]*")
RESERVED = frozenset(
    {"portal", "provider", "jobs", "public", "information_schema", "tasks", "signatures", "payments", "reminders"}
)


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
    """How long a kind of record is kept, from when, and on what basis."""

    what: Text
    days: int
    after: Text
    basis: Text


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A council service behind the one account. See `services/README.md` for what follows from the slug."""

    slug: str
    title: Text
    summary: Text
    contract: str
    blueprint: Blueprint
    export: Callable[[Account], Mapping[str, Any]]
    forget: Callable[[Account], None]
    retention: Sequence[Retention]
    acts: Mapping[str, Text] = field(default_factory=dict)
    """What it writes on the audit trail about a resident, each act as they read it: `slug.something` and its words."""
    assurance: Assurance = Assurance.LOW
    freshness: timedelta | None = None  # how old a sign-in may be for its pages; since 1.1
    for_everyone: Sequence[Card] = ()
    """Its pages that need no account, for the front page: the service's own address asks strangers to sign in."""
    home_cards: Callable[[Account], Sequence[Card]] = nothing
    last_cards: Callable[[Account], Sequence[Card]] = nothing
    """What is known without asking anybody: shown when `home_cards` is late or fails. Each card with its `as_of_at`."""
    activity: Callable[[Account], Sequence[Activity]] = nothing
    calendar: Callable[[Account], Sequence[CalendarEntry]] = nothing
    reminders: Callable[[date, UUID | None, int], Sequence[Reminder]] = nobody
    """Whom to remind of that day: all reminders of the next `limit` accounts after this one, in their order."""
    case_types: Sequence[CaseType] = ()
    teams: Mapping[str, Text] = field(default_factory=dict)  # who gets its cases: slug and title
    case_facts: Callable[[Case], Sequence[Fact]] = no_facts  # what was sent, for resident and staff alike
    on_move: Callable[[Case, CaseEvent], None] = do_nothing  # after a case's status changed, in the same transaction
    on_task_done: Callable[[Case, Task], None] = no_task_awaited  # after a task was done, in the same transaction
    on_entered: Callable[[Case, str, Json, str], None] = nothing_entered
    """After staff entered a form of `CaseType.staff_forms`: the case, the form's code, the answers by field and who.
    In the same transaction; what it raises as Refused stands at the form."""
    on_told: Callable[[Case, str], None] = nothing_told
    """After the ledger told a resident something who has not claimed their account, in the same transaction: the case
    and the kind of event, such as `message_sent`. A service that has an address of theirs writes to it."""
    records: Sequence[RecordKind] = ()  # the council records that residents can join to their account
    proofs: Proofs = no_proofs
    """Where its records show that a resident lives, for whoever needs proof of address: see `address_proofs`."""
    deliveries: Mapping[str, Send] = field(default_factory=dict)
    """How what was kept by `deliver` is sent: a function of payload and idempotency key for each act."""
    on_delivered: Callable[[Delivery, Json], None] = nothing_delivered
    """After the back office answered, with its answer, in the transaction that closes the delivery."""
    on_undeliverable: Callable[[Delivery, str], None] = nothing_undeliverable
    """After it said no, with a code of the reason: its own, or `not_found`, `no_answer` (for a month), `unreadable`,
    `failed` (by faults of ours, for days), `withdrawn` (its record was let go)."""
    on_returned: Mapping[str, Callable[[UUID, str], None]] = field(default_factory=dict)
    """By template of `write_to`: what is told when such a letter reached nobody, by its id and address."""
    mounts: Sequence[Mount] = ()
    """Where else programs call it, by the rules of a standard."""
    desk: DeskPages | None = None
    """Its own pages for staff, under `/desk/<slug>`."""
    payables: Sequence[Payable] = ()
    """What residents can pay it for: see `portal.payments.values.Payable`."""
    claim: Callable[[UUID, Account], None] = nothing_to_claim
    """What staff sent in for a caller under that account's id becomes the account's, in the same transaction."""
    commands: Mapping[str, Command] = field(default_factory=dict)
    """What an operator can have it do, by name."""
    settings: type[ServiceSettings] | None = None
    demo: Callable[[Mapping[str, Account], str], None] | None = None
    standin: Standin | None = None
    check: Callable[[], Health] = healthy


class BadManifest(SetupError):
    """A manifest that cannot be used. The sentence names the service and the field."""

    def __init__(self, where: str, name: str, complaint: str) -> None:
        super().__init__(f"The service in {where} cannot start: `{name}` {complaint}.")


def check_manifest(service: object, where: str) -> Service:
    """The manifest itself if it keeps the contract. Raises BadManifest for its first fault.

    `where` is the package that it was found in; its last part must be the slug.
    """
    if not isinstance(service, Service):
        raise BadManifest(where, "SERVICE", f"must be a portal.kit.Service, not {type(service).__name__}")
    _check_slug(service.slug, where)
    _check_contract(service.contract, where)
    for name in ("title", "summary"):
        if not str(getattr(service, name)).strip():
            raise BadManifest(where, name, "must not be empty")
    if not isinstance(service.blueprint, Blueprint):
        raise BadManifest(where, "blueprint", "must be made with portal.kit.service_blueprint(__name__)")
    if service.blueprint.name != service.slug or service.blueprint.url_prefix:
        raise BadManifest(where, "blueprint", f"must be named `{service.slug}` and have no URL prefix of its own")
    if not isinstance(service.assurance, Assurance):
        raise BadManifest(where, "assurance", "must be a portal.kit.Assurance")
    _check_freshness(service.freshness, where)
    _check_callables(service, where)
    _check_parts(service, where)
    return service


def _check_slug(slug: object, where: str) -> None:
    if not isinstance(slug, str) or not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        raise BadManifest(where, "slug", "must be lower-case letters, digits and single underscores, at most 40")
    if slug in RESERVED or slug.startswith("pg_"):
        raise BadManifest(where, "slug", f"must not be `{slug}`, which the portal uses itself")
    if where.rpartition(".")[2] != slug:
        raise BadManifest(where, "slug", f"is `{slug}`, but the folder has another name; make them the same")


def _check_contract(contract: object, where: str) -> None:
    if not isinstance(contract, str) or not re.fullmatch(r"\d{1,3}\.\d{1,3}", contract):
        raise BadManifest(where, "contract", f'must be a version such as "{CONTRACT}"')
    wanted, ours = (tuple(map(int, version.split("."))) for version in (contract, CONTRACT))
    if wanted[0] != ours[0]:
        raise BadManifest(
            where,
            "contract",
            f"is {contract} and this portal keeps {CONTRACT}; change the service to {ours[0]}.x"
            " by the notes on contract versions in CHANGELOG.md",
        )
    if wanted[1] > ours[1]:
        raise BadManifest(where, "contract", f"is {contract} and this portal keeps {CONTRACT}; upgrade the portal")


def _check_freshness(freshness: object, where: str) -> None:
    if freshness is None:
        return
    if not isinstance(freshness, timedelta) or freshness < SHORTEST_FRESHNESS:
        raise BadManifest(where, "freshness", "must be a timedelta of at least a minute, or None")


def _check_callables(service: Service, where: str) -> None:
    for name in (
        "export",
        "forget",
        "home_cards",
        "last_cards",
        "activity",
        "calendar",
        "reminders",
        "check",
        "claim",
        "case_facts",
        "on_move",
        "on_task_done",
        "on_entered",
        "on_told",
        "proofs",
        "on_delivered",
        "on_undeliverable",
    ):
        if not callable(getattr(service, name)):
            raise BadManifest(where, name, "must be a function")
    if service.demo is not None and not callable(service.demo):
        raise BadManifest(where, "demo", "must be a function or None")


def _check_parts(service: Service, where: str) -> None:
    for name, kind in (
        ("retention", Retention),
        ("for_everyone", Card),
        ("case_types", CaseType),
        ("records", RecordKind),
        ("payables", Payable),
        ("mounts", Mount),
    ):
        parts = getattr(service, name)
        if isinstance(parts, str) or not isinstance(parts, Sequence) or not all(isinstance(p, kind) for p in parts):
            raise BadManifest(where, name, f"must be a sequence of portal.kit.{kind.__name__}")
    for case_type in service.case_types:
        if case_type.team and case_type.team not in service.teams:
            raise BadManifest(where, "teams", f"must name `{case_type.team}`, the team of `{case_type.slug}`")
    deliveries: object = service.deliveries  # as with the settings below
    if not isinstance(deliveries, Mapping) or not all(map(callable, deliveries.values())):
        raise BadManifest(where, "deliveries", "must map each act to a function")
    commands: object = service.commands  # as above
    named = isinstance(commands, Mapping) and all(isinstance(name, str) and NAME.fullmatch(name) for name in commands)
    if not named or not all(isinstance(each, Command) for each in service.commands.values()):
        raise BadManifest(where, "commands", "must map names of small letters and hyphens to portal.kit.Command")
    acts: object = service.acts  # as above
    if not isinstance(acts, Mapping) or not all(str(each).startswith(f"{service.slug}.") for each in acts):
        raise BadManifest(where, "acts", f"must map acts that begin with `{service.slug}.` to their words")
    _check_standin(service, where)
    for mount in service.mounts:
        if complaint := fault_of(mount, service.slug):
            raise BadManifest(where, "mounts", complaint)
    if service.desk is not None and (complaint := fault_of_desk(service.desk, service.slug)):
        raise BadManifest(where, "desk", complaint)
    if not service.retention:
        raise BadManifest(where, "retention", "must say how long records are kept and on what basis")
    settings: object = service.settings  # whatever was really given
    if settings is not None and not (isinstance(settings, type) and issubclass(settings, ServiceSettings)):
        raise BadManifest(where, "settings", "must be a class made from portal.kit.ServiceSettings")


def _check_standin(service: Service, where: str) -> None:
    standin: object = service.standin  # whatever was really given
    if standin is None:
        return
    if not isinstance(standin, Standin) or not STANDIN.fullmatch(standin.create):
        raise BadManifest(where, "standin", 'must be a portal.kit.Standin(create="package.module:function")')
    fields = service.settings.model_fields if service.settings is not None else {}
    if not {standin.url, standin.token} <= set(fields):
        raise BadManifest(where, "standin", "must name fields of the service's settings")
