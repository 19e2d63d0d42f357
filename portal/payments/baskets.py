"""The basket: what a resident means to pay, of any services, at today's prices.

A line has no price of its own: the service says it whenever the basket is shown and again when it is paid.
"""

import uuid
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.models import AccountRow
from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused, Unavailable
from portal.payments.basket_values import Basket, BasketLine
from portal.payments.models import BasketLineRow, PaymentLineRow, PaymentRow
from portal.payments.payables import find_payable
from portal.payments.values import LONGEST_DESCRIPTION, LONGEST_KEY, MOST, Due, Payable
from portal.web.languages import gettext as _
from portal.web.money import money

Thing = tuple[str, str, str]
"""Service, payable and key."""
PATH: Final = "/payments/basket"
"""The page of a resident's own basket, on this portal."""
MOST_LINES: Final = 20
"""More than anybody pays at once, and few enough to ask each service for its price on every page."""

_COLUMNS = (
    BasketLineRow.id,
    BasketLineRow.service,
    BasketLineRow.code,
    BasketLineRow.key,
    BasketLineRow.amount,
    BasketLineRow.added_at,
)
_LINES = (
    select(*_COLUMNS)
    .where(BasketLineRow.account_id == bindparam("account"))
    .order_by(BasketLineRow.added_at, BasketLineRow.id)
)
LINES_IN_BASKET: Final = (
    select(func.count())
    .select_from(BasketLineRow)
    .where(BasketLineRow.account_id == bindparam("account"))
    .scalar_subquery()
)
"""How many lines are in a basket, without asking any service: a column for a statement that a page makes anyway."""
_THING = (
    BasketLineRow.account_id == bindparam("account"),
    BasketLineRow.service == bindparam("of_service"),
    BasketLineRow.code == bindparam("of_code"),
    BasketLineRow.key == bindparam("of_key"),
)
_OTHERS = (
    select(func.count())
    .select_from(BasketLineRow)
    .where(
        BasketLineRow.account_id == bindparam("account"),
        (BasketLineRow.service != bindparam("of_service"))
        | (BasketLineRow.code != bindparam("of_code"))
        | (BasketLineRow.key != bindparam("of_key")),
    )
)
_LOCK_ACCOUNT = (
    select(AccountRow.id)
    .where(AccountRow.id == bindparam("account"), AccountRow.closed_at.is_(None))
    .with_for_update(key_share=True)
)
"""Whoever fills or pays this basket meanwhile waits: neither the limit nor what is paid is overrun by two tabs."""
_PUT = insert(BasketLineRow)
_PUT_OR_CHANGE = _PUT.on_conflict_do_update(
    index_elements=["account_id", "service", "code", "key"], set_={"amount": _PUT.excluded.amount}
).returning(BasketLineRow.id)
_TAKE_OUT = delete(BasketLineRow).where(*_THING)
_REMOVE = delete(BasketLineRow).where(
    BasketLineRow.id == bindparam("line"), BasketLineRow.account_id == bindparam("account")
)
_UNSETTLED = (
    select(PaymentLineRow.service, PaymentLineRow.code, PaymentLineRow.key)
    .join(PaymentRow, PaymentRow.id == PaymentLineRow.payment_id)
    .where(PaymentRow.account_id == bindparam("account"), PaymentLineRow.outcome == "failed")
)
"""What is paid, and has not reached its service yet: nobody is to pay for that again."""
_UNSEEN: Final = {"synchronize_session": False}


def put_in_basket(account: Account, *, service: str, code: str, key: str, amount: int | None = None) -> uuid.UUID:
    """Put one thing in the resident's basket, and return the line's id. The same thing again is the same line.

    `amount`, in pence, is for what lets the resident choose how much to pay: it takes the place of an earlier one.
    Raises NotFound or Refused as the service's `price` does, Refused when the amount is not one that may be paid, or
    when the basket is full.
    """
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"what is paid for needs a key of at most {LONGEST_KEY} characters")
    payable = find_payable(service, code)
    if payable is None:
        raise ValueError(f"{service} declares no payable {code!r} in its manifest")
    due = payable.price(account, key)
    if amount is not None and (sentence := _why_not(due, amount)):
        raise Refused(sentence)
    if (service, code, key) in _unsettled(account):
        raise Refused(_settling())
    lock_basket(account.id)
    thing = {"account": account.id, "of_service": service, "of_code": code, "of_key": key}
    if session().scalars(_OTHERS, thing).one() >= MOST_LINES:
        raise Refused(_("Your basket is full. Pay for what is in it, or take something out, then try again."))
    row = {
        "id": uuid.uuid4(),
        "account_id": account.id,
        "service": service,
        "code": code,
        "key": key,
        "amount": amount,
        "added_at": clock.now(),
    }
    return session().execute(_PUT_OR_CHANGE, row).scalar_one()


def take_out_of_basket(account: Account, *, service: str, code: str, key: str) -> None:
    """Take one thing out of the resident's basket, if it is there. A payment that is under way goes on."""
    thing = {"account": account.id, "of_service": service, "of_code": code, "of_key": key}
    session().execute(_TAKE_OUT, thing, execution_options=_UNSEEN)


def remove_line(account: Account, line_id: uuid.UUID) -> None:
    """Take one line out of the resident's own basket, if it is there."""
    session().execute(_REMOVE, {"line": line_id, "account": account.id}, execution_options=_UNSEEN)


def basket_of(account: Account) -> Basket:
    """The resident's basket at today's prices, in the order in which it was filled. Reads only."""
    rows = session().execute(_LINES, {"account": account.id}).all()
    unsettled = _unsettled(account) if rows else frozenset[Thing]()
    return Basket([_priced(account, row, unsettled) for row in rows])


def waits_in_basket(account: Account, things: Collection[Thing]) -> bool:
    """Whether any of these things is in the resident's basket, without asking any service."""
    rows = session().execute(_LINES, {"account": account.id})
    return any((row.service, row.code, row.key) in things for row in rows)


def same_lines(account_id: uuid.UUID, lines: Sequence[BasketLine]) -> bool:
    """Whether the basket still holds just these lines, at amounts chosen as they were: asked once it is locked."""
    now = {row.id: row.amount for row in session().execute(_LINES, {"account": account_id})}
    return now.keys() == {line.id for line in lines} and all(
        now[line.id] in (None, line.amount) for line in lines if line.can_be_paid
    )


def lock_basket(account_id: uuid.UUID) -> None:
    """Let nobody else fill or pay this basket until the transaction ends. Raises Conflict for a closed account."""
    if session().scalar(_LOCK_ACCOUNT, {"account": account_id}) is None:
        raise Conflict(_("This account is no longer in use, so nothing can be paid from it."))


def _unsettled(account: Account) -> frozenset[Thing]:
    return frozenset((row.service, row.code, row.key) for row in session().execute(_UNSETTLED, {"account": account.id}))


def _settling() -> str:
    return _("You have paid for this already. We are still working on it, so do not pay again.")


def _priced(account: Account, row: Row[*tuple[Any, ...]], unsettled: frozenset[Thing]) -> BasketLine:
    """A line at today's price; one that cannot be paid has the reason in words, and no price."""
    payable = find_payable(row.service, row.code)
    if payable is None:
        return _unpayable(row, _("Something"), _("This service is not here any more. Take this out of your basket."))
    if (row.service, row.code, row.key) in unsettled:
        return _unpayable(row, str(payable.title), _settling())
    try:
        due = payable.price(account, row.key)
    except NotFound:
        return _unpayable(row, str(payable.title), _("This is not there any more. Take it out of your basket."))
    except (Refused, Unavailable) as no:  # one that is away must not keep the others from being paid
        return _unpayable(row, str(payable.title), no.sentence or _("This cannot be paid now."))
    return _line(row, payable, due)


def _line(row: Row[*tuple[Any, ...]], payable: Payable, due: Due) -> BasketLine:
    amount = due.amount if row.amount is None else row.amount
    return BasketLine(
        id=row.id,
        service=row.service,
        code=row.code,
        key=row.key,
        title=str(payable.title),
        description=str(due.description)[:LONGEST_DESCRIPTION],
        amount=amount,
        least=due.least,
        most=due.most,
        url=due.url,
        added_at=row.added_at,
        sentence=_why_not(due, amount),
        ledger=payable.account,
    )


def _unpayable(row: Row[*tuple[Any, ...]], title: str, sentence: str) -> BasketLine:
    return BasketLine(
        id=row.id,
        service=row.service,
        code=row.code,
        key=row.key,
        title=title,
        description="",
        amount=0,
        least=None,
        most=None,
        url="",
        added_at=row.added_at,
        sentence=sentence,
    )


def _why_not(due: Due, amount: int) -> str:
    """Why so many pence cannot be paid for it; empty when they can."""
    if due.amount <= 0:
        return _("There is nothing to pay for this now.")
    if not due.allows(amount):
        if due.is_fixed:
            return _("This costs %(amount)s.", amount=money(due.amount))
        least, most = due.limits
        return _("Pay between %(least)s and %(most)s.", least=money(least), most=money(most))
    if amount > MOST:
        return _("You can pay up to %(most)s at once.", most=money(MOST))
    return ""
