"""Recovery: which steps were taken on an account, which comes next, and taking those that are due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select

from services.council_tax.backoffice.values import Recovery, RecoveryStep
from services.council_tax.rules.allocation import overdue
from services.council_tax.rules.instalments import Due
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
    rows = plan if about == year else instalments.read(db, reference, about)
    mine = [each for each in steps if each.year == about]
    now = _Year(instalments.dues(rows), _payments(db, reference, about), mine).standing(today)
    if now.next_step is None and about != year:  # nothing more comes of the year before: agents have it, or it is kept
        this_year = _Year(instalments.dues(plan), _payments(db, reference, year), _steps(db, reference, year))
        now = coming if (coming := this_year.standing(today)).next_step else now
    if now.next_step is None and not steps:
        return None
    return Recovery(
        steps=tuple(RecoveryStep(step=each.step, on=each.on, pence=each.pence, costs=each.costs) for each in steps),
        next_step=now.next_step,
        next_on=now.next_on,
        pay_pence=now.pay_pence,
        pay_by_on=now.pay_by_on,
    )


def take_steps(db: Connection, reference: str, year: int, since: date, today: date) -> None:
    """Take each step whose day has come, as if somebody had looked on every day since then."""
    for about in (year - 1, year):
        rows = instalments.read(db, reference, about)
        if not rows:
            continue
        known = _Year(instalments.dues(rows), _payments(db, reference, about), _steps(db, reference, about))
        for day in (since + timedelta(days=nth) for nth in range(1, (today - since).days + 1)):
            now = known.standing(day)
            if now.whole_year and not rows[-1].cancelled:
                instalments.cancel(db, reference, about)
            if now.next_step is not None and now.next_on is not None and now.next_on <= day:
                _take(db, reference, about, now, max(now.next_on, day))
                known = replace(known, steps=_steps(db, reference, about))


@dataclass(frozen=True, slots=True)
class _Year:
    """What recovery looks at in one year of an account."""

    dues: Sequence[Due]
    payments: Sequence[Paid]
    steps: Sequence[AnyRow]

    def standing(self, on: date) -> Standing:
        """Where it is on a day. While an arrangement is kept nothing comes next."""
        paid = sum(each.pence for each in self.payments if each.on <= on)
        if self.steps and self.steps[-1].step in QUIET and not overdue(self.dues, paid, on):
            return Standing()
        taken = [Taken(each.step, each.on) for each in self.steps if each.step not in QUIET]
        return standing(self.dues, self.payments, taken, on, costs=sum(each.costs for each in self.steps))


def _take(db: Connection, reference: str, year: int, now: Standing, on: date) -> None:
    """Note a step, and book what it costs."""
    assert now.next_step is not None, "there is one to take"
    costs = COSTS.get(now.next_step, 0)
    values = {"reference": reference, "year": year, "step": now.next_step, "on": on}
    db.execute(insert(step), values | {"pence": now.pay_pence, "costs": costs})
    ledger.post(db, reference, on=on, year=year, kind="cost", code=now.next_step, pence=costs)


def _payments(db: Connection, reference: str, year: int) -> tuple[Paid, ...]:
    return tuple(Paid(each.on, -each.pence) for each in db.execute(_MONEY, {"ref": reference, "year": year}))


def _steps(db: Connection, reference: str, year: int) -> Sequence[AnyRow]:
    return [each for each in db.execute(_STEPS, {"ref": reference}) if each.year == year]
