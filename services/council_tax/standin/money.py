"""How somebody pays: Direct Debit, electronic bills, more or fewer payments, money back, an arrangement."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import bindparam, insert, update

from services.council_tax.backoffice.changes import (
    AskArrangement,
    ClaimRefund,
    SetDirectDebit,
    SetEBilling,
    SetInstalments,
)
from services.council_tax.rules.instalments import Due, due_dates, spread
from services.council_tax.rules.years import months_after
from services.council_tax.standin import billing, debits, instalments, leaving, ledger
from services.council_tax.standin.asked import OFFICER, Act, Ask, Done
from services.council_tax.standin.store import account, liable, step

AT_ONCE: Final = 6
"""Months for which this council agrees to an arrangement without looking: invented, as is the limit below."""
MOST_MONTHS: Final = 24
REFUND_AT_ONCE: Final = 50_000
"""Pence given back without an officer's look: invented."""

_E_BILLING = (
    update(liable)
    .where(liable.c.reference == bindparam("ref"), liable.c.person_id == bindparam("person"))
    .values(e_billing=bindparam("on"))
)
_MANY = update(account).where(account.c.reference == bindparam("ref")).values(many=bindparam("number"))


def _look_at_debit(asked: Ask) -> str:
    """Who lost the right to pay by instalments needs an officer to be given it back."""
    if asked.account.closed_on is not None and asked.account.balance <= 0:
        return "account_closed"
    return OFFICER if _lost_instalments(asked) else ""


def _lost_instalments(asked: Ask) -> bool:
    rows = instalments.read(asked.db, asked.account.reference, asked.account.billed_year)
    return any(each.cancelled and each.paid < each.pence for each in rows)


def _set_debit(asked: Ask) -> Done:
    assert isinstance(asked.change, SetDirectDebit)
    if _lost_instalments(asked):
        _note_arrangement(asked)
    first_on = debits.set_up(asked.db, asked.account, asked.change, asked.today, asked.now)
    return Done(first_on, billing.reissue(asked.db, asked.account.reference, issued_on=asked.today))


def _look_at_end_of_debit(asked: Ask) -> str:
    return "" if asked.account.method == "direct_debit" else "no_direct_debit"


def _end_debit(asked: Ask) -> Done:
    return Done(debits.end(asked.db, asked.account, asked.today) or asked.today)


def _set_e_billing(asked: Ask) -> Done:
    assert isinstance(asked.change, SetEBilling)
    asked.db.execute(_E_BILLING, {"ref": asked.account.reference, "person": asked.person_id, "on": asked.change.on})
    return Done(asked.today)


def _look_at_refund(asked: Ask) -> str:
    assert isinstance(asked.change, ClaimRefund)
    credit = -asked.account.balance
    if credit <= 0:
        return "no_credit"
    if not 0 < asked.change.pence <= credit:
        return "more_than_credit"
    is_theirs = leaving.is_alone(asked.db, asked.account, asked.person_id)
    return "" if asked.change.pence <= REFUND_AT_ONCE and is_theirs else OFFICER


def _refund(asked: Ask) -> Done:
    assert isinstance(asked.change, ClaimRefund)
    year = asked.account.billed_year
    ledger.post(asked.db, asked.account.reference, on=asked.today, year=year, kind="refund", pence=asked.change.pence)
    ledger.allot(asked.db, asked.account.reference, year)
    return Done(asked.today)


def _look_at_arrangement(asked: Ask) -> str:
    assert isinstance(asked.change, AskArrangement)
    if asked.account.balance <= 0:
        return "nothing_owed"
    if not 2 <= asked.change.months <= MOST_MONTHS:
        return "too_many_months"
    return "" if asked.change.months <= AT_ONCE else OFFICER


def _arrange(asked: Ask) -> Done:
    """All that is owed, whatever its year, in so many payments; no further step is taken while they are kept."""
    assert isinstance(asked.change, AskArrangement)
    row, db = asked.account, asked.db
    sums = ledger.sums(db, row.reference, row.billed_year)
    for year, pence in ((row.billed_year - 1, -sums.older), (row.billed_year, sums.older)):
        kind = "arrears" if pence > 0 else "transfer"
        ledger.post(db, row.reference, on=asked.today, year=year, kind=kind, pence=pence)
    kept = instalments.paid_ones(instalments.read(db, row.reference, row.billed_year), sums.charge)
    first_on = _next_day(asked.today, asked.change.day)
    amounts = spread(row.balance, asked.change.months)
    plan = [Due(0, months_after(first_on, nth), pence) for nth, pence in enumerate(amounts)]
    instalments.write(db, row.reference, row.billed_year, [*kept, *plan])
    _note_arrangement(asked)
    return Done(first_on)


def _note_arrangement(asked: Ask) -> None:
    """No step of recovery comes next while it is kept."""
    row = asked.account
    values = {"reference": row.reference, "year": row.billed_year, "step": "arrangement", "on": asked.today}
    asked.db.execute(insert(step), values | {"pence": row.balance, "costs": 0})


def _look_at_instalments(asked: Ask) -> str:
    assert isinstance(asked.change, SetInstalments)
    if asked.account.closed_on is not None:
        return "account_closed"
    if asked.account.many == asked.change.many:
        return "already_has"
    return OFFICER if _lost_instalments(asked) else ""


def _set_instalments(asked: Ask) -> Done:
    """What is not yet due is spread over the months that the other number leaves. SI 1992/613 Sch 1 para 2(3A)."""
    assert isinstance(asked.change, SetInstalments)
    row, db = asked.account, asked.db
    db.execute(_MANY, {"ref": row.reference, "number": asked.change.many})
    rows = instalments.read(db, row.reference, row.billed_year)
    kept = [each for each in instalments.dues(rows) if each.on <= asked.today]
    left = ledger.sums(db, row.reference, row.billed_year).planned - sum(each.pence for each in kept)
    days = due_dates(asked.today, row.billed_year, many=asked.change.many, day=row.day)
    plan = [Due(0, on, pence) for on, pence in zip(days, spread(max(0, left), len(days)), strict=False)]
    instalments.write(db, row.reference, row.billed_year, [*kept, *plan])
    bill_id = billing.reissue(db, row.reference, issued_on=asked.today)
    return Done(plan[0].on if plan else asked.today, bill_id)


def _next_day(today: date, day: int) -> date:
    """The next such day that is at least two weeks off, as for a bill."""
    first = today.replace(day=day)
    return next(on for nth in range(3) if ((on := months_after(first, nth)) - today).days >= 14)


def _nothing_against(_asked: Ask) -> str:
    return ""


ACTS: Final[Mapping[str, Act]] = {
    "direct_debit": Act(_look_at_debit, _set_debit),
    "direct_debit_end": Act(_look_at_end_of_debit, _end_debit),
    "e_billing": Act(_nothing_against, _set_e_billing),
    "refund": Act(_look_at_refund, _refund),
    "arrangement": Act(_look_at_arrangement, _arrange),
    "instalments": Act(_look_at_instalments, _set_instalments),
}
