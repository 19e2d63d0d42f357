"""What a service declares about itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint

from portal.accounts.values import Account
from portal.backoffices.values import Delivery, Json, Send, nothing_delivered, nothing_undeliverable
from portal.cases.declared import CaseType
from portal.cases.talk_values import Task
from portal.cases.types import do_nothing, no_facts, no_task_awaited, nothing_entered, nothing_told
from portal.cases.values import Case, CaseEvent, Fact
from portal.identity.assurance import Assurance
from portal.joining.address_proofs import Proofs, no_proofs
from portal.joining.values import RecordKind
from portal.kit.at_desk import DeskPages
from portal.kit.mounting import Mount
from portal.kit.settings import ServiceSettings
from portal.kit.values import (
    Activity,
    CalendarEntry,
    Card,
    Command,
    Health,
    Reminder,
    Retention,
    Sample,
    Standin,
    Story,
    Text,
    healthy,
    nobody,
    nothing,
    nothing_to_claim,
)
from portal.payments.values import Payable


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
    sample: Sample | None = None
    """What the kit that judges services may type and make: see `Sample`. Since 2.1."""
    stories: Sequence[Story] = ()
    """What is worth seeing of it in the demo: see `Story`. Since 2.1."""
