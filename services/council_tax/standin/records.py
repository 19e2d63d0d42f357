"""What the stand-in reads of an account, in the shapes of the API.

Each read is a handful of statements, each through an index that begins with the account's reference or, of a list, the
person's id: a million other accounts make no difference.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select, true, tuple_

from services.council_tax.backoffice.values import (
    Account,
    AccountLine,
    Accounts,
    Adjustment,
    Bill,
    BillLine,
    DirectDebit,
    Person,
    Property,
    Statement,
    Transaction,
)
from services.council_tax.rules.years import first_day
from services.council_tax.standin import charging, instalments, ledger, recovery
from services.council_tax.standin.faults import nothing_there
from services.council_tax.standin.store import account, adjustment, bill, debit, entry, instalment, liable

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type

_MINE = (
    select(account)
    .join(liable, liable.c.reference == account.c.reference)
    .where(account.c.reference == bindparam("ref"), liable.c.person_id == bindparam("person"))
)
_ROW = select(account).where(account.c.reference == bindparam("ref"))
_LOCKED = _MINE.with_for_update(of=account)
_PEOPLE = select(liable).where(liable.c.reference == bindparam("ref")).order_by(liable.c.place, liable.c.person_id)
_ADJUSTMENTS = (
    select(adjustment)
    .where(adjustment.c.reference == bindparam("ref"))
    .order_by(adjustment.c.since_on, adjustment.c.id)
)
_DEBIT = (
    select(debit).where(debit.c.reference == bindparam("ref")).order_by(debit.c.made_at.desc(), debit.c.id).limit(1)
)
_CLOSED = account.c.closed_on.is_not(None)
_IS_OPEN_TO = or_(  # as `leaving.check`, for many at once
    liable.c.until_on.is_(None),
    liable.c.until_on >= bindparam("today"),
    liable.c.until_on >= account.c.closed_on,
)
_PAGE = (
    select(
        account.c.reference,
        account.c.lines,
        account.c.postcode,
        liable.c.role,
        account.c.protected,
        account.c.opened_on,
        account.c.closed_on,
        account.c.balance,
        account.c.billed_year,
    )
    .select_from(liable)
    .join(account, account.c.reference == liable.c.reference)
    .where(liable.c.person_id == bindparam("person"), _IS_OPEN_TO)
    .where(tuple_(_CLOSED, account.c.reference) > tuple_(bindparam("closed"), bindparam("after")))
    .order_by(_CLOSED, account.c.reference)
    .limit(bindparam("many"))
    .subquery("page")
)
_NEXT = (
    select(instalment.c.due_on.label("next_on"), (instalment.c.pence - instalment.c.paid).label("next_pence"))
    .where(
        instalment.c.reference == _PAGE.c.reference,
        instalment.c.year == _PAGE.c.billed_year,
        instalment.c.pence > instalment.c.paid,
        ~instalment.c.cancelled,
        instalment.c.due_on >= bindparam("today"),
    )
    .order_by(instalment.c.number)
    .limit(1)
    .lateral("next_one")
)
_LATE = (
    select(func.coalesce(func.sum(instalment.c.pence - instalment.c.paid), 0))
    .where(
        instalment.c.reference == _PAGE.c.reference,
        instalment.c.year == _PAGE.c.billed_year,
        instalment.c.pence > instalment.c.paid,
        instalment.c.cancelled | (instalment.c.due_on < bindparam("today")),
    )
    .scalar_subquery()
)
_LINES = (
    select(
        *(column for column in _PAGE.c if column.name != "billed_year"),
        _NEXT.c.next_on,
        _NEXT.c.next_pence,
        _LATE.label("late"),
    )
    .select_from(_PAGE)
    .outerjoin(_NEXT, true())
    .order_by(_PAGE.c.closed_on.is_not(None), _PAGE.c.reference)
)
_ENTRIES = (
    select(entry)
    .where(entry.c.reference == bindparam("ref"), entry.c.id < bindparam("before"))
    .order_by(entry.c.id.desc())
    .limit(bindparam("many"))
)
_BILLS = (
    select(bill.c.id, bill.c.year, bill.c.issued_on, bill.c.kind, bill.c.pence)
    .where(bill.c.reference == bindparam("ref"))
    .order_by(bill.c.number.desc())
    .limit(50)
)
_BILL = (
    select(bill.c.body)
    .join(liable, liable.c.reference == bill.c.reference)
    .where(bill.c.id == bindparam("bill"), liable.c.person_id == bindparam("person"))
)
NEWEST = 2**62


def own(db: Connection, person_id: str, reference: str, *, lock: bool = False) -> AnyRow:
    """The row of an account that is this person's. Raises Fault: another's is none at all."""
    found = db.execute(_LOCKED if lock else _MINE, {"ref": reference, "person": person_id}).one_or_none()
    if found is None:
        raise nothing_there()
    return found


def row_of(db: Connection, reference: str, *, lock: bool = False) -> AnyRow:
    """The row of an account that is there."""
    return db.execute(_ROW.with_for_update() if lock else _ROW, {"ref": reference}).one()


def whole(db: Connection, row: AnyRow, today: date, now: datetime) -> Account:
    """All that is said of an account."""
    reference, year = row.reference, row.billed_year
    sums = ledger.sums(db, reference, year)
    plan = instalments.read(db, reference, year)
    return Account(
        reference=reference,
        property=home(row),
        people=people(db, reference),
        protected=row.protected,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        year=year,
        charge=sums.charge,
        paid=sums.paid,
        arrears=sums.arrears,
        costs=sums.costs,
        balance=row.balance,
        method=row.method,
        many=row.many,
        parts=charging.parts_of(year, row.band),
        adjustments=tuple(
            adjustment_value(each)
            for each in adjustments(db, reference)
            if each.until_on is None or each.until_on >= first_day(year)
        ),
        instalments=instalments.with_states(plan, today),
        direct_debit=direct_debit(db, row, plan, today),
        recovery=recovery.find(db, reference, year, plan, today),
        as_of_at=now,
    )


def home(row: AnyRow) -> Property:
    """The dwelling of an account."""
    return Property(uprn=row.uprn, lines=row.lines, postcode=row.postcode, band=row.band, listed_on=row.listed_on)


def people(db: Connection, reference: str) -> tuple[Person, ...]:
    """Those on an account, in the order of the bill."""
    return tuple(
        Person(
            id=each.person_id,
            name=each.name,
            role=each.role,
            since_on=each.since_on,
            until_on=each.until_on,
            e_billing=each.e_billing,
        )
        for each in db.execute(_PEOPLE, {"ref": reference})
    )


def adjustments(db: Connection, reference: str) -> Sequence[AnyRow]:
    """What makes the charge differ from the band's, the earliest first."""
    return db.execute(_ADJUSTMENTS, {"ref": reference}).all()


def adjustment_value(row: AnyRow) -> Adjustment:
    """One of them."""
    return Adjustment.model_validate({name: row._mapping[name] for name in Adjustment.model_fields})


def debit_row(db: Connection, reference: str) -> AnyRow | None:
    """The latest instruction to a bank."""
    return db.execute(_DEBIT, {"ref": reference}).one_or_none()


def direct_debit(db: Connection, row: AnyRow, plan: Sequence[AnyRow], today: date) -> DirectDebit | None:
    """The latest instruction to a bank, with its next collection."""
    found = debit_row(db, row.reference)
    if found is None:
        return None
    state = "active" if found.state == "being_set_up" and found.first_on <= today else found.state
    if state == "ending" and found.last_on < today:
        state = "cancelled"
    coming = [
        each
        for each in plan
        if each.due_on > today and each.due_on >= found.first_on and each.pence > each.paid and not each.cancelled
    ]
    if state == "cancelled" or (found.last_on and coming and coming[0].due_on > found.last_on):
        coming = []
    return DirectDebit(
        id=found.id,
        state=state,
        day=found.day,
        payer_name=found.payer_name,
        account_ending=found.account_ending,
        reference=row.reference,
        first_on=found.first_on,
        next_on=coming[0].due_on if coming else None,
        next_pence=coming[0].pence - coming[0].paid if coming else 0,
        last_on=found.last_on,
    )


def lines(db: Connection, person_id: str, after: str, limit: int, today: date) -> Accounts:
    """One page of a person's accounts: open ones first."""
    closed, _, reference = after.partition("-")
    asked = {"person": person_id, "closed": closed == "1", "after": reference, "many": limit + 1, "today": today}
    found = db.execute(_LINES, asked).all()
    page = [
        AccountLine.model_validate({name: value for name, value in each._mapping.items() if value is not None})
        for each in found[:limit]
    ]
    more = f"{'1' if page[-1].closed_on else '0'}-{page[-1].reference}" if len(found) > limit else None
    return Accounts(items=tuple(page), after=more)


def statement(db: Connection, reference: str, after: str, limit: int) -> Statement:
    """One page of the statement, newest first."""
    before = int(after) if after.isdecimal() and len(after) < 19 else NEWEST
    found = db.execute(_ENTRIES, {"ref": reference, "before": before, "many": limit + 1}).all()
    page = tuple(
        Transaction(
            id=str(each.id),
            on=each.on,
            year=each.year,
            kind=each.kind,
            code=each.code,
            pence=each.pence,
            balance=each.balance,
        )
        for each in found[:limit]
    )
    return Statement(items=page, after=page[-1].id if len(found) > limit else None)


def bills(db: Connection, reference: str) -> tuple[BillLine, ...]:
    """The bills of an account, newest first."""
    return tuple(BillLine.model_validate(dict(each._mapping)) for each in db.execute(_BILLS, {"ref": reference}))


def one_bill(db: Connection, person_id: str, bill_id: str) -> Bill:
    """A bill as it was issued. Raises Fault."""
    body: Mapping[str, Any] | None = db.execute(_BILL, {"bill": bill_id, "person": person_id}).scalar_one_or_none()
    if body is None:
        raise nothing_there()
    return Bill.model_validate(body)
