"""Moving in, out and within: one account ends, another begins, and both are billed."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, or_, select, update

from services.council_tax.backoffice.changes import MoveIn, MoveOut, MoveWithin
from services.council_tax.backoffice.values import Person, PersonRole
from services.council_tax.rules.years import months_after, year_of
from services.council_tax.standin import billing, charging, debits, dwellings, leaving, ledger, matching, records
from services.council_tax.standin.asked import OCCUPIED, OFFICER, Act, Ask, Done
from services.council_tax.standin.opening import Granted, Opening, Someone, open_account
from services.council_tax.standin.store import account, liable

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type
_TAKEN = (
    select(account)
    .where(
        account.c.uprn == bindparam("uprn"),
        or_(account.c.closed_on.is_(None), account.c.closed_on > bindparam("on")),
    )
    .order_by(account.c.reference)
)
_OTHERS = (
    select(account.c.protected, account.c.closed_on, liable.c.role, liable.c.until_on)
    .join(liable, liable.c.reference == account.c.reference)
    .where(liable.c.person_id == bindparam("person"))
    .order_by(account.c.reference)
)
_CLOSE = (
    update(account)
    .where(account.c.reference == bindparam("ref"))
    .values(
        closed_on=bindparam("on"),
        send_to=func.coalesce(bindparam("to", type_=account.c.send_to.type), account.c.send_to),
    )
)
_LEAVE = (
    update(liable)
    .where(
        liable.c.reference == bindparam("ref"),
        liable.c.until_on.is_(None),
        or_(bindparam("everybody") == 1, liable.c.person_id == bindparam("person")),
    )
    .values(until_on=bindparam("on"))
)
_ONE_BY_ONE = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("uprn"), 1)))
EARLIEST: Final = date(2020, 4, 1)
"""Moves before that are for an officer to put right by hand: nothing so old was published."""


def _look_in(asked: Ask) -> str:
    move = asked.change
    assert isinstance(move, MoveIn | MoveWithin)
    if dwellings.find(move.uprn) is None:
        return "unknown_property"
    if not move.names or move.adults < 1:
        return "nobody_named"
    if move.moved_on < EARLIEST:
        return "too_long_ago"
    if move.moved_on > months_after(asked.today, 3):
        return "too_far_ahead"
    asked.db.execute(_ONE_BY_ONE, {"uprn": move.uprn})
    taken = asked.db.execute(_TAKEN, {"uprn": move.uprn, "on": move.moved_on}).all()
    if any(each.opened_on >= move.moved_on for each in taken):
        return "already_moved"
    if any(not leaving.is_alone(asked.db, each, asked.person_id) for each in taken):
        return OCCUPIED  # but for an owner's, who moves into a home that stood empty
    odd = not _is_named(asked, move) or (isinstance(move, MoveIn) and _has_a_home(asked, move))
    return OFFICER if odd or taken or move.adults < len(move.names) else ""


def _is_named(asked: Ask, move: MoveIn | MoveWithin) -> bool:
    """Whether who asks is among those who move: others are not put on a bill by a stranger's word."""
    people = _people(move, asked.person_id or "who asks", _known(asked))
    return any(each.id == (asked.person_id or "who asks") for each in people)


def _has_a_home(asked: Ask, move: MoveIn) -> bool:
    """Whether somebody who moves in pays for a home of theirs from that day on already."""
    found = asked.db.execute(_OTHERS, {"person": asked.person_id}).all() if asked.person_id else ()
    return any(
        each.until_on is None
        and each.role in ("liable", "joint")
        and (each.closed_on is None or each.closed_on > move.moved_on)
        for each in found
    )


def _known(asked: Ask) -> Sequence[Person]:
    return records.people(asked.db, asked.row.reference) if asked.row is not None else ()


def _move_in(asked: Ask) -> Done:
    move = asked.change
    assert isinstance(move, MoveIn)
    asker = asked.person_id or f"p{uuid.uuid4().hex}"
    return _begin(asked, move, asker, [each for each in _known(asked) if each.id == asker])


def _look_out(asked: Ask) -> str:
    move = asked.change
    assert isinstance(move, MoveOut | MoveWithin)
    left_on = move.moved_on if isinstance(move, MoveOut) else move.left_on
    people = records.people(asked.db, asked.account.reference)
    mine = next(each for each in people if each.id == asked.person_id)
    if asked.account.closed_on is not None or mine.until_on is not None:
        return "already_moved"
    if left_on <= asked.account.opened_on:
        return "before_account"
    if left_on > months_after(asked.today, 3):
        return "too_far_ahead"
    return "" if leaving.is_alone(asked.db, asked.account, asked.person_id) else OFFICER


def _move_out(asked: Ask) -> Done:
    move = asked.change
    assert isinstance(move, MoveOut)
    others = [each for each in leaving.payers(asked.db, asked.account) if each.id != asked.person_id]
    if move.everybody or not others:
        return Done(move.moved_on, close(asked.db, asked.account, move.moved_on, move.forwarding, asked.today))
    whose = {"ref": asked.account.reference, "everybody": 0, "person": asked.person_id}
    asked.db.execute(_LEAVE, whose | {"on": move.moved_on})
    return Done(move.moved_on, billing.rebill(asked.db, asked.account.reference, issued_on=asked.today))


def _look_within(asked: Ask) -> str:
    move = asked.change
    assert isinstance(move, MoveWithin)
    if move.uprn == asked.account.uprn:
        return "same_property"
    out, into = _look_out(asked), _look_in(asked)
    return out if out not in ("", OFFICER) else into or out


def _move_within(asked: Ask) -> Done:
    """The bill of the new home is the one that matters; a credit of the old account goes with the people."""
    move = asked.change
    assert isinstance(move, MoveWithin)
    people, former = (
        records.people(asked.db, asked.account.reference),
        records.debit_row(asked.db, asked.account.reference),
    )
    was_collected = asked.account.method == "direct_debit"
    home = dwellings.find(move.uprn)
    send_to = (*home.lines, home.postcode) if home else ()
    close(asked.db, asked.account, move.left_on, send_to, asked.today)
    done = _begin(asked, move, asked.person_id, people)
    if was_collected and former is not None:
        debits.carry_over(asked.db, records.row_of(asked.db, done.reference), former, asked.today, asked.now)
    _carry_credit(asked, done.reference)
    return done


def close(db: Connection, row: AnyRow, left_on: date, forwarding: Sequence[str], today: date) -> str:
    """End an account; the id of its last bill."""
    db.execute(_CLOSE, {"ref": row.reference, "on": left_on, "to": list(forwarding) or None})
    db.execute(_LEAVE, {"ref": row.reference, "everybody": 1, "person": "", "on": left_on})
    debits.stop(db, row, today)
    return billing.rebill(db, row.reference, issued_on=today, kind="final")


def _begin(asked: Ask, move: MoveIn | MoveWithin, asker: str, known: Sequence[Person]) -> Done:
    """Open the account of the new home, and bill it from the day of the move on."""
    home = dwellings.find(move.uprn)
    assert home is not None, "it was looked up under the same lock"
    for each in asked.db.execute(_TAKEN, {"uprn": move.uprn, "on": move.moved_on}).all():
        close(asked.db, each, move.moved_on, (), asked.today)
    granted = (Granted("discount", "single_person", move.moved_on),) if move.adults == 1 else ()
    former = asked.db.execute(_OTHERS, {"person": asker}).all()
    protected = any(each.protected for each in former)  # an address is kept from others wherever they go
    people = _people(move, asker, known)
    opening = Opening(home, people, move.moved_on, protected=protected, granted=granted)
    reference, bill_id = open_account(asked.db, opening, asked.today), ""
    for year in range(year_of(move.moved_on), max(year_of(asked.today), year_of(move.moved_on)) + 1):
        if charging.find_published(year) is not None:
            bill_id = billing.bill_year(asked.db, reference, year, issued_on=asked.today, kind="new_account")
    return Done(move.moved_on, bill_id, reference, asker if any(each.id == asker for each in people) else "")


def _people(move: MoveIn | MoveWithin, asker: str, known: Sequence[Person]) -> tuple[Someone, ...]:
    """Those who move: who was on the bill before stays the person that they were, and who asks is whoever has their
    name. Nobody is, where it is none of these."""
    role: PersonRole = "liable" if len(move.names) == 1 else "joint"
    said = move.asker if isinstance(move, MoveIn) else ""
    found: list[Someone] = []
    left = list(known)
    for name in move.names:
        same = next((each for each in left if matching.fit(name, each.name) == "all"), None)
        if same is not None:
            left.remove(same)
        is_new = asker not in {*(each.id for each in known), *(each.id for each in found)}
        fallback = asker if is_new and matching.fit(name, said) == "all" else f"p{uuid.uuid4().hex}"
        made_id = same.id if same is not None else fallback
        found.append(Someone(made_id, name, role, same.e_billing if same is not None else False))
    return tuple(found)


def _carry_credit(asked: Ask, reference: str) -> None:
    credit = -records.row_of(asked.db, asked.account.reference).balance
    if credit <= 0:
        return
    year = asked.account.billed_year
    ledger.post(asked.db, asked.account.reference, on=asked.today, year=year, kind="transfer", pence=credit)
    into = records.row_of(asked.db, reference)
    ledger.post(asked.db, reference, on=asked.today, year=into.billed_year, kind="transfer", pence=-credit)
    ledger.allot(asked.db, asked.account.reference, year)
    ledger.allot(asked.db, reference, into.billed_year)


ACTS: Final[Mapping[str, Act]] = {
    "move_in": Act(_look_in, _move_in),
    "move_out": Act(_look_out, _move_out),
    "move_within": Act(_look_within, _move_within),
}
