"""Bills: the charge of a year worked out, the ledger brought to it, payments planned, a bill kept as it was sent."""

import uuid
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from services.council_tax.backoffice.values import Bill, BillKind
from services.council_tax.rules.adjusting import adjust, settle
from services.council_tax.rules.debit_plan import working_day
from services.council_tax.rules.instalments import Due
from services.council_tax.rules.instalments import instalments as planned
from services.council_tax.rules.years import first_day, last_day
from services.council_tax.standin import charging, instalments, ledger, records
from services.council_tax.standin.charging import Charged
from services.council_tax.standin.store import account, adjustment, bill, entry

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type

_BILLED = update(account).where(account.c.reference == bindparam("ref")).values(billed_year=bindparam("year"))
_DONE = (
    update(adjustment).where(adjustment.c.id == bindparam("which")).values(days=bindparam("d"), pence=bindparam("p"))
)
_CHARGED = (
    select(entry.c.kind, entry.c.code, func.sum(entry.c.pence).label("pence"))
    .where(
        entry.c.reference == bindparam("ref"),
        entry.c.year == bindparam("year"),
        entry.c.kind.in_(("charge", "adjustment")),
    )
    .group_by(entry.c.kind, entry.c.code)
    .order_by(entry.c.kind.desc(), entry.c.code)
)


def bill_year(db: Connection, reference: str, year: int, *, issued_on: date, kind: BillKind = "annual") -> str:
    """Charge an account for a year that it has not been charged for, and send the bill; its id.

    An annual bill goes out before its year, and the charge is booked on the first day of it: after what is still
    collected for the year before.
    """
    row = records.row_of(db, reference)
    db.execute(_BILLED, {"ref": reference, "year": year})
    charged = _charge(db, row, year, max(issued_on, first_day(year)) if kind == "annual" else issued_on)
    from_on = max(issued_on, row.opened_on)  # nobody is asked to pay before they have moved in
    plan = planned(charged.pence, from_on, year, many=row.many, day=row.day)
    if row.method == "direct_debit":
        plan = tuple(replace(each, on=working_day(each.on)) for each in plan)
    instalments.write(db, reference, year, plan)
    return _issue(db, reference, year, charged, issued_on, kind)


def rebill(db: Connection, reference: str, *, issued_on: date, kind: BillKind = "adjusted") -> str:
    """Charge what was billed anew after something changed, and send the bill that follows; its id.

    The year before is charged anew too, since a change may reach back: what it then comes to less is a credit.
    """
    row = records.row_of(db, reference)
    year: int = row.billed_year
    if db.execute(_CHARGED, {"ref": reference, "year": year - 1}).first() is not None:
        _charge(db, row, year - 1, issued_on)
    charged = _charge(db, row, year, issued_on)
    _plan_anew(db, reference, year, issued_on, kind)
    return _issue(db, reference, year, charged, issued_on, kind)


def _plan_anew(db: Connection, reference: str, year: int, issued_on: date, kind: BillKind) -> None:
    """Spread what the year has come to. What is left is one payment at the end, and where the right to pay by
    instalments was lost: it stays lost."""
    rows, sums = instalments.read(db, reference, year), ledger.sums(db, reference, year)
    paid, owed = max(0, sums.paid), sums.planned
    if kind == "final":
        plan = (*instalments.paid_ones(rows, owed), *settle(owed, paid, issued_on).dues)
    elif any(each.cancelled for each in rows):
        rest = (Due(0, issued_on, owed - paid),) if owed > paid else ()
        plan = (*instalments.paid_ones(rows, owed), *rest)
    else:
        plan = adjust(instalments.dues(rows), owed, issued_on, paid=paid).dues
    instalments.write(db, reference, year, plan)
    if kind != "final" and any(each.cancelled for each in rows):
        instalments.cancel(db, reference, year)


def reissue(db: Connection, reference: str, *, issued_on: date) -> str:
    """Send a bill with the payments as they have come to be, the charge being what it was; its id."""
    row = records.row_of(db, reference)
    charged = charging.charge(row, records.adjustments(db, reference), row.billed_year)
    return _issue(db, reference, row.billed_year, charged, issued_on, "adjusted")


def _charge(db: Connection, row: AnyRow, year: int, on: date) -> Charged:
    """Bring the ledger to what the year comes to."""
    adjustments = records.adjustments(db, row.reference)
    charged = charging.charge(row, adjustments, year)
    wanted = {("charge", ""): charged.full} | {("adjustment", code): pence for code, pence in charged.by_code.items()}
    found = {
        (each.kind, each.code): int(each.pence) for each in db.execute(_CHARGED, {"ref": row.reference, "year": year})
    }
    for kind, code in dict.fromkeys((*wanted, *found)):
        pence = wanted.get((kind, code), 0) - found.get((kind, code), 0)
        ledger.post(db, row.reference, on=on, year=year, kind=kind, code=code, pence=pence)
    for each in adjustments:
        days, pence = charged.done.get(each.id, (0, 0))
        db.execute(_DONE, {"which": each.id, "d": days, "p": pence})
    return charged


def _issue(db: Connection, reference: str, year: int, charged: Charged, issued_on: date, kind: BillKind) -> str:
    """Keep the bill as it is sent."""
    row, sums = records.row_of(db, reference), ledger.sums(db, reference, year)
    people = [each for each in records.people(db, reference) if each.until_on is None or row.closed_on]
    home = records.home(row)
    made = Bill(
        id=uuid.uuid4().hex,
        reference=reference,
        year=year,
        issued_on=issued_on,
        kind=kind,
        names=tuple(each.name for each in people),
        property=home,
        send_to=tuple(row.send_to or (*home.lines, home.postcode)),
        since_on=charged.periods[0].since_on if charged.periods else max(row.opened_on, first_day(year)),
        until_on=charged.periods[-1].until_on if charged.periods else last_day(year),
        parts=charging.parts_of(year, row.band),
        periods=charged.periods,
        charge=charged.pence,
        brought_forward=sums.arrears + sums.costs,
        paid=sums.paid,
        to_pay=sums.owed,
        instalments=instalments.with_states(instalments.read(db, reference, year), issued_on),
        method=row.method,
    )
    values = {"id": made.id, "reference": reference, "year": year, "issued_on": issued_on, "kind": kind}
    db.execute(insert(bill), values | {"pence": made.charge, "body": made.model_dump(mode="json")})
    return made.id
