"""Hours of visitor parking: bought through the basket, and given back while they are not used."""

from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select

from portal.kit import (
    Account,
    NotFound,
    Paid,
    Refunded,
    Refused,
    clock,
    put_in_basket,
    record,
    refund,
    session,
    settings_of,
    take_out_of_basket,
)
from portal.kit import gettext as _
from services.permits.models.visitors import VisitorBalance, VisitorPurchase
from services.permits.operations.tariffs import keep_tariff
from services.permits.operations.visits import hold_home, make_balance
from services.permits.queries.tariffs import tariff_on
from services.permits.queries.visit_purchases import NEWEST_FIRST, TO_GIVE_BACK, check_gives_back, nothing_back
from services.permits.queries.visits import HOURS, get_visiting, prices_in, reduced_used
from services.permits.rules.visit_prices import HOUR
from services.permits.rules.visits import Bought, give_back, hours_price, offers
from services.permits.settings import PermitSettings
from services.permits.workflow import SERVICE

CODE: Final = HOURS
"""The payable."""
ACTOR: Final = f"system:{SERVICE}"
_BALANCE = select(VisitorBalance.id).where(
    VisitorBalance.account_id == bindparam("account"), VisitorBalance.zone == bindparam("zone")
)
_TO_PAY = select(VisitorPurchase).where(
    VisitorPurchase.balance_id == bindparam("balance"),
    VisitorPurchase.status == "to_pay",
    VisitorPurchase.id != bindparam("but"),
)
_PAID = (
    select(VisitorPurchase)
    .where(*TO_GIVE_BACK)
    .order_by(*NEWEST_FIRST)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_PURCHASE = (
    select(VisitorPurchase, VisitorBalance)
    .join(VisitorBalance, VisitorBalance.id == VisitorPurchase.balance_id)
    .where(VisitorPurchase.id == bindparam("purchase"))
    .execution_options(populate_existing=True)
)
_PAID_FOR = _PURCHASE.with_for_update(key_share=True)
# Who gives hours back has the balance and waits for the payment; who tells of a refund has the payment. So that they do
# not wait for each other, the second goes away, and tells it later again.
_GIVEN_BACK = _PURCHASE.with_for_update(key_share=True, nowait=True)


def choose_hours(account: Account, *, hours: int, zone: str = "") -> UUID:
    """Put so many hours in the resident's basket, in the place of others that they chose before and did not pay.

    The id of the purchase. Raises NotFound where they have no visitor parking; Refused. Holds nothing before the basket
    is held: whoever records a payment has that first, and the hours after it.
    """
    visiting = get_visiting(account, zone)
    if visiting.permit_id is None:
        raise Refused(_("Your visitor parking in this zone is over, so you cannot buy hours for it."))
    settings, tariff = settings_of(PermitSettings), tariff_on(clock.today())
    prices = prices_in(tariff)
    if hours not in offers(prices, settings.visitor_hours):
        raise Refused(_("Choose how many hours to buy"))
    if visiting.minutes + hours * HOUR > settings.visitor_hours_most * HOUR:
        raise Refused(_("You can have at most %(most)s unused hours.", most=settings.visitor_hours_most))
    make_balance(account, visiting)
    balance_id = session().execute(_BALANCE, {"account": account.id, "zone": visiting.zone}).scalar_one()
    cost = hours_price(prices, hours * HOUR, visiting.marks, reduced_used(balance_id))
    purchase = VisitorPurchase(
        id=uuid4(),
        balance_id=balance_id,
        minutes=hours * HOUR,
        reduced_minutes=cost.reduced_minutes,
        pence=cost.price.pence,
        status="to_pay",
        tariff_id=keep_tariff(tariff),
        refunded_minutes=0,
        refunded_pence=0,
        created_at=clock.now(),
    )
    with session().begin_nested():  # a full basket leaves nothing behind
        session().add(purchase)
        session().flush()  # the basket asks for its price
        if purchase.pence:
            put_in_basket(account, service=SERVICE, code=CODE, key=str(purchase.id))
        _give_up_others(account, purchase)
    if not purchase.pence:
        _give(purchase, hold_home(account, get_visiting(account, visiting.zone)))
    return purchase.id


def note_paid(paid: Paid) -> bool:
    """Hours were paid for: they are on the balance from now on. Says whether they are wanted.

    Those that were given up for others are given all the same, because they are paid for; twice they are not. A
    balance that was forgotten with its resident can take none.
    """
    row = session().execute(_PAID_FOR, {"purchase": UUID(paid.key)}).one_or_none()
    if row is None:
        return False
    purchase, balance = row
    if purchase.status == "paid":
        return bool(purchase.line_id == paid.line_id)
    purchase.line_id = paid.line_id
    purchase.pence = paid.amount
    _give(purchase, balance)
    return True


def note_refunded(refunded: Refunded) -> None:
    """Money went back. Where staff gave it, the hours that it had paid for go too, as far as they are not used.

    Raises OperationalError while somebody else changes them: it is told later again.
    """
    row = session().execute(_GIVEN_BACK, {"purchase": UUID(refunded.key)}).one_or_none()
    if row is None or row[0].refunded_pence >= refunded.refunded or row[0].line_id != refunded.line_id:
        return
    purchase, balance = row
    back = purchase.minutes * min(refunded.refunded, purchase.pence) // purchase.pence - purchase.refunded_minutes
    minutes = max(0, min(back, balance.minutes))
    balance.minutes -= minutes
    purchase.refunded_minutes += minutes
    purchase.refunded_pence = min(refunded.refunded, purchase.pence)
    session().flush()  # in this transaction, whatever its caller reads next


def note_not_refunded(refunded: Refunded) -> None:
    """Money did not go back in the end. The hours stay given up: what they cost goes back with the next or by staff."""
    row = session().execute(_GIVEN_BACK, {"purchase": UUID(refunded.key)}).one_or_none()
    if row is not None and row[0].line_id == refunded.line_id:
        row[0].refunded_pence = min(row[0].refunded_pence, refunded.refunded)


def give_back_hours(account: Account, *, zone: str, minutes: int) -> int:
    """Give back the money for all hours that are left and cost something; pence. `minutes` is what the page showed to
    be left.

    Twice is once: when something else is left by now, nothing happens. Raises NotFound; Refused when nothing is left,
    something else is, nothing comes back for it, or the council does not give it back.
    """
    visiting = get_visiting(account, zone)
    if visiting.balance_id is None:
        raise NotFound
    check_gives_back()
    balance = hold_home(account, visiting)
    if not balance.minutes or balance.minutes != minutes:
        raise Refused(_("What is left has changed since. Look again, then decide."))
    purchases = list(session().scalars(_PAID, {"balance": balance.id}))
    bought = [Bought(one.minutes, one.pence, one.refunded_minutes, one.refunded_pence) for one in purchases]
    parts = give_back(minutes, bought)
    total = sum(part.pence for part in parts)
    if not total:
        raise nothing_back()
    with session().begin_nested():  # all of them go back, or none
        for each in parts:
            _take_back(purchases[each.place], each.minutes, each.pence)
            balance.minutes -= each.minutes
    record(
        "permits.visitor_hours_given_back",
        actor=f"account:{account.id}",
        account_id=account.id,
        subject=f"visitor_balance:{balance.id}",
        pence=total,
    )
    return total


def _take_back(purchase: VisitorPurchase, minutes: int, pence: int) -> None:
    purchase.refunded_minutes += minutes
    purchase.refunded_pence += pence
    if not pence or purchase.line_id is None:  # hours that cost nothing
        return
    refund(
        ACTOR,
        line_id=purchase.line_id,
        amount=pence,
        reason=_("Visitor parking that was not used"),
        key=f"{purchase.id}:{purchase.refunded_minutes}",
    )


def _give(purchase: VisitorPurchase, balance: VisitorBalance) -> None:
    purchase.status, purchase.paid_at = "paid", clock.now()
    balance.minutes += purchase.minutes
    session().flush()  # the database's checks are asked now, in the transaction that records the money


def _give_up_others(account: Account, chosen: VisitorPurchase) -> None:
    others = session().scalars(_TO_PAY, {"balance": chosen.balance_id, "but": chosen.id}).all()
    for each in others:
        each.status = "given_up"
        take_out_of_basket(account, service=SERVICE, code=CODE, key=str(each.id))
