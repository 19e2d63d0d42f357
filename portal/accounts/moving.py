"""Move every resident of one provider to another: a portion at a time, as often as it takes.

Each way of moving goes through the source's identities in the order of their subjects and says what became of each.
Without `apply` nothing is written and the answer is the same. Commits after each portion, so it is for commands only:
cut off and run again it takes up what is left, and run twice it changes nothing the second time. An old identity is
kept and marked, so that a move can be taken back by moving the other way; `portal.accounts.waiting.tidy` deletes it
half a year after it was last of use.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import clock
from portal.accounts.models import IdentityRow, ProfileRow
from portal.audit import operations as audit
from portal.db.session import session

AT_ONCE: Final = 1000
ACTOR: Final = "system:move-provider"

Outcome = Literal["moved", "already", "marked", "waiting", "no_address", "conflict", "unknown", "doubled"]
MEANING: Final[dict[Outcome, str]] = {
    "moved": "open their account by the new provider from now on",
    "already": "did so before",
    "marked": "will be asked to prove their account when they come by the new provider",
    "waiting": "were marked before, and have not come yet",
    "no_address": "are marked, but have no confirmed e-mail address: write to them in another way",
    "conflict": "left alone: the new subject opens another account already",
    "unknown": "lines of the mapping whose old subject opens no account",
    "doubled": "lines of the mapping that give a subject to two people: left alone",
}

_PORTION = (
    select(
        IdentityRow.id,
        IdentityRow.account_id,
        IdentityRow.subject,
        IdentityRow.linked_at,
        IdentityRow.last_used_at,
        IdentityRow.moved_to,
        IdentityRow.moved_at,
    )
    .where(IdentityRow.issuer == bindparam("issuer"), IdentityRow.subject > bindparam("after"))
    .order_by(IdentityRow.subject)
    .limit(AT_ONCE)
)
_OF_SUBJECTS = select(
    IdentityRow.id,
    IdentityRow.account_id,
    IdentityRow.subject,
    IdentityRow.linked_at,
    IdentityRow.last_used_at,
    IdentityRow.moved_to,
    IdentityRow.moved_at,
).where(IdentityRow.issuer == bindparam("issuer"), IdentityRow.subject.in_(bindparam("subjects", expanding=True)))
_THERE = select(IdentityRow.subject, IdentityRow.account_id).where(
    IdentityRow.issuer == bindparam("issuer"), IdentityRow.subject.in_(bindparam("subjects", expanding=True))
)
_ARRIVED = select(IdentityRow.account_id).where(
    IdentityRow.issuer == bindparam("issuer"), IdentityRow.account_id.in_(bindparam("accounts", expanding=True))
)
_REACHED = select(ProfileRow.account_id).where(
    ProfileRow.account_id.in_(bindparam("accounts", expanding=True)), ProfileRow.email_confirmed_at.is_not(None)
)


@dataclass(frozen=True, slots=True)
class Move:
    """From one issuer to another. `apply` False: only say what would be done."""

    source: str
    target: str
    apply: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of a mapping. `doubled`: another line says something else about one of its subjects."""

    line: int
    old: str
    new: str
    doubled: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one identity, or of one `line` of the mapping."""

    outcome: Outcome
    account_id: uuid.UUID | None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class _Old:
    """An identity at the old provider, as it was read."""

    id: uuid.UUID
    account_id: uuid.UUID
    subject: str
    linked_at: datetime
    last_used_at: datetime
    moved_to: str | None
    moved_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Step:
    old: _Old
    new: str
    line: int | None


def count_by_issuer() -> dict[str, int]:
    """How many identities each issuer has."""
    query = select(IdentityRow.issuer, func.count().label("many")).group_by(IdentityRow.issuer)
    return {row.issuer: row.many for row in session().execute(query.order_by(IdentityRow.issuer))}


def with_same_subjects(move: Move) -> Iterator[Line]:
    """The provider has a new address and knows its people by the same subjects."""
    for portion in _portions(move.source):
        yield from _moved(move, [_Step(old, old.subject, None) for old in portion])


def by_mapping(move: Move, portions: Iterable[Sequence[Pair]]) -> Iterator[Line]:
    """The new provider's subjects are known from a list."""
    for pairs in portions:
        known = _of_subjects(move.source, [pair.old for pair in pairs])
        steps: list[_Step] = []
        for pair in pairs:
            old = known.get(pair.old)
            if pair.doubled:
                yield Line("doubled", old.account_id if old else None, pair.line)
            elif old is None:
                yield Line("unknown", None, pair.line)
            else:
                steps.append(_Step(old, pair.new, pair.line))
        yield from _moved(move, steps)


def by_proof(move: Move) -> Iterator[Line]:
    """Nobody knows the new subjects. Whoever comes by the new provider with the same verified address is led through
    proof, with a link to the account's own mailbox, since the old way is going.
    """
    for portion in _portions(move.source):
        accounts = [old.account_id for old in portion]
        key = {"issuer": move.target, "accounts": accounts}
        arrived = set(session().scalars(_ARRIVED, key).all())
        reached = set(session().scalars(_REACHED, {"accounts": accounts}).all())
        if move.apply:
            _mark(move, [old for old in portion if old.account_id in arrived], arrived=True)
            _mark(move, [old for old in portion if old.account_id not in arrived], arrived=False)
            session().commit()
        for old in portion:
            yield Line(_led(move, old, arrived, reached), old.account_id)


def _led(move: Move, old: _Old, arrived: set[uuid.UUID], reached: set[uuid.UUID]) -> Outcome:
    if old.account_id in arrived:
        return "already"
    if old.account_id not in reached:
        return "no_address"
    return "waiting" if old.moved_to == move.target else "marked"


def _mark(move: Move, olds: Sequence[_Old], *, arrived: bool) -> None:
    """Note where these are moved to; those whose resident has come already, as moved."""
    fresh = [old for old in olds if old.moved_to != move.target or (arrived and old.moved_at is None)]
    if not fresh:
        return
    session().execute(
        update(IdentityRow)
        .where(IdentityRow.id.in_([old.id for old in fresh]))
        .values(moved_to=move.target, moved_at=clock.now() if arrived else None)
        .execution_options(synchronize_session=False)
    )
    act = "identity.moved" if arrived else "identity.move_announced"
    audit.record_for_each([old.account_id for old in fresh], act, actor=ACTOR, source=move.source, target=move.target)


def _moved(move: Move, steps: Sequence[_Step]) -> Iterator[Line]:
    if not steps:
        return
    there = _owners(move.target, steps)
    free = [step for step in steps if step.new not in there]
    if move.apply and free:
        _link(move, free)
        there |= _owners(move.target, free)  # somebody may have come by the new provider in this very moment
    ours = [step for step in steps if there.get(step.new, step.old.account_id) == step.old.account_id]
    fresh = [step for step in ours if step.old.moved_to != move.target or step.old.moved_at is None]
    if move.apply:
        _leave_behind(move, fresh)
        session().commit()
    kept, done = {step.old.id for step in ours}, {step.old.id for step in fresh}
    for step in steps:
        outcome: Outcome = "moved" if step.old.id in done else "already" if step.old.id in kept else "conflict"
        yield Line(outcome, step.old.account_id, step.line)


def _link(move: Move, steps: Sequence[_Step]) -> None:
    """The new ones go on where the old ones end: nobody has added a way of signing in, so `linked_at` stays."""
    rows = [
        {
            "id": uuid.uuid4(),
            "account_id": step.old.account_id,
            "issuer": move.target,
            "subject": step.new,
            "linked_at": step.old.linked_at,
            "last_used_at": step.old.last_used_at,
        }
        for step in steps
    ]
    session().execute(upsert(IdentityRow).values(rows).on_conflict_do_nothing(index_elements=["issuer", "subject"]))


def _leave_behind(move: Move, steps: Sequence[_Step]) -> None:
    """Mark the old ones, and let the new ones count where they were the old ones of an earlier move."""
    if not steps:
        return
    session().execute(
        update(IdentityRow)
        .where(IdentityRow.id.in_([step.old.id for step in steps]))
        .values(moved_to=move.target, moved_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    session().execute(
        update(IdentityRow)
        .where(
            IdentityRow.issuer == move.target,
            IdentityRow.subject.in_([step.new for step in steps]),
            IdentityRow.moved_to == move.source,
        )
        .values(moved_to=None, moved_at=None)
        .execution_options(synchronize_session=False)
    )
    accounts = [step.old.account_id for step in steps]
    audit.record_for_each(accounts, "identity.moved", actor=ACTOR, source=move.source, target=move.target)


def _portions(issuer: str) -> Iterator[list[_Old]]:
    after = ""
    while True:
        portion = [_Old(*row) for row in session().execute(_PORTION, {"issuer": issuer, "after": after})]
        if not portion:
            return
        after = portion[-1].subject
        yield portion


def _of_subjects(issuer: str, subjects: Sequence[str]) -> dict[str, _Old]:
    found = session().execute(_OF_SUBJECTS, {"issuer": issuer, "subjects": subjects})
    return {row.subject: _Old(*row) for row in found}


def _owners(issuer: str, steps: Sequence[_Step]) -> dict[str, uuid.UUID]:
    found = session().execute(_THERE, {"issuer": issuer, "subjects": [step.new for step in steps]})
    return {row.subject: row.account_id for row in found}
