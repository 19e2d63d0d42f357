"""Recovery: which steps were taken on an account, which comes next, and taking those that are due."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select

from services.council_tax.backoffice.values import Recovery, RecoveryStep
from services.council_tax.rules.allocation import overdue
from services.council_tax.rules.recovery import Paid, Standing, Taken, standing
from services.council_tax.standin import instalments, ledger
from services.council_tax.standin.store import entry, step

AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type
COSTS: Final = {"summons": 6_000, "liability_order": 4_000}
"""What a court lets this council add, in pence: invented. SI 1992/613 reg 34(5) and (8) say for what."""
QUIET: Final = ("arrangement", "hold")
"""While these are kept no step is taken."""

_STEPS = select(step).where(step.c.reference == bindparam("ref")).order_by(step.c.on, step.c.id)
_MONEY = (
    select(entry.c.on, entry.c.pence)
    .where(
        entry.c.reference == bindparam("ref"),
        entry.c.year == bindparam("year"),
        entry.c.kind.in_(ledger.MONEY),
    )
    .order_by(entry.c.id)
)


def find(db: Connection, reference: str, year: int, plan: Sequence[AnyRow], today: date) -> Recovery | None:
    """Where an account is in recovery; None where nothing was missed."""
    steps = db.execute(_STEPS, {"ref": reference}).all()
    paid = sum(each.paid for each in plan)
    if not steps and not overdue(instalments.dues(plan), paid, today):
        return None
    about = steps[-1].year if steps and steps[-1].year >= year - 1 else year
    now = _standing(db, reference, about, steps, plan if about == year else None, today)
    if now.next_step is None and not steps:
        return None
    return Recovery(
        steps=tuple(RecoveryStep(step=each.step, on=each.on, pence=each.pence, costs=each.costs) for each in steps),
        next_step=now.next_step,
        next_on=now.next_on,
        pay_pence=now.pay_pence,
        pay_by_on=now.pay_by_on,
    )


def take_steps(db: Connection, reference: str, year: int, today: date) -> None:
    """Take each step whose day has come."""
    for about in (year - 1, year):
        while True:
            steps = db.execute(_STEPS, {"ref": reference}).all()
            now = _standing(db, reference, about, steps, None, today)
            if now.whole_year:
                instalments.cancel(db, reference, about)
            if now.next_step is None or now.next_on is None or now.next_on > today:
                break
            costs = COSTS.get(now.next_step, 0)
            on = max(now.next_on, today) if steps and steps[-1].step in QUIET else now.next_on
            values = {"reference": reference, "year": about, "step": now.next_step, "on": on}
            db.execute(insert(step), values | {"pence": now.pay_pence, "costs": costs})
            ledger.post(db, reference, on=on, year=about, kind="cost", code=now.next_step, pence=costs)


def _standing(
    db: Connection, reference: str, year: int, steps: Sequence[AnyRow], plan: Sequence[AnyRow] | None, today: date
) -> Standing:
    rows = instalments.read(db, reference, year) if plan is None else plan
    if not rows:
        return Standing()
    dues, mine = instalments.dues(rows), [each for each in steps if each.year == year]
    payments = [Paid(each.on, -each.pence) for each in db.execute(_MONEY, {"ref": reference, "year": year})]
    if mine and mine[-1].step in QUIET and not overdue(dues, sum(each.pence for each in payments), today):
        return Standing()
    taken = [Taken(each.step, each.on) for each in mine if each.step not in QUIET]
    return standing(dues, payments, taken, today, costs=sum(each.costs for each in mine))
