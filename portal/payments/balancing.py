"""Do the books agree with themselves, and with the payments and refunds that they are about?"""

from collections.abc import Sequence

from sqlalchemy import func, select

from portal.db.session import session
from portal.payments import ledger
from portal.payments.models import PaymentLineRow, PaymentRow, RefundRow
from portal.payments.values import SUSPENSE

_PAID = select(func.coalesce(func.sum(PaymentRow.amount), 0)).where(PaymentRow.state == "paid")
_GONE = select(func.coalesce(func.sum(RefundRow.amount), 0)).where(RefundRow.state == "success")
_PROMISED = select(func.coalesce(func.sum(RefundRow.amount), 0)).where(RefundRow.state.in_(("created", "submitted")))
_LOOSE = select(func.coalesce(func.sum(PaymentLineRow.amount - PaymentLineRow.refunded), 0)).where(
    PaymentLineRow.outcome.in_(SUSPENSE)
)
_TAKEN = (
    select(PaymentLineRow.ledger, func.sum(PaymentLineRow.amount - PaymentLineRow.refunded))
    .where(PaymentLineRow.outcome == "taken")
    .group_by(PaymentLineRow.ledger)
)
_UNEVEN = (
    select(PaymentRow.reference)
    .join(PaymentLineRow, PaymentLineRow.payment_id == PaymentRow.id)
    .group_by(PaymentRow.id)
    .having(func.sum(PaymentLineRow.amount) != PaymentRow.amount)
    .order_by(PaymentRow.reference)
    .limit(100)
)


def faults_in_the_books() -> Sequence[str]:
    """What does not agree, in words, each with both figures in pence; nothing where all is well.

    Call outside a transaction: all of it is read as of one moment, while payments go on.
    """
    session().connection(execution_options={"isolation_level": "REPEATABLE READ"})
    balances = {each.account: each.pence for each in ledger.trial_balance()}
    paid, gone, promised, loose = (session().scalars(query).one() for query in (_PAID, _GONE, _PROMISED, _LOOSE))
    expected = {ledger.GATEWAY: paid - gone, ledger.REFUNDS: -promised, ledger.SUSPENSE: -loose}
    expected |= {account: -int(pence) for account, pence in session().execute(_TAKEN)}
    accounts = [(each, balances.get(each, 0), expected.get(each, 0)) for each in sorted({*balances, *expected})]
    faults = [
        f"{account} stands at {stands} pence, and payments and refunds make it {made}"
        for account, stands, made in accounts
        if stands != made
    ]
    if sum(balances.values()) != 0:
        faults.append(f"debits and credits differ by {sum(balances.values())} pence")
    faults += [f"the lines of {reference} are not its amount" for reference in session().scalars(_UNEVEN)]
    return faults
