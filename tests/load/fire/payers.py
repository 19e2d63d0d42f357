"""Residents who pay, whatever the gateway does, as the portal's pages would have them do."""

import random
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NoReturn

import requests
from flask import Flask
from sqlalchemy import text

from portal import clock
from portal.accounts.models import AccountRow
from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import DomainError, Refused
from portal.payments import payables, paying, receipts
from portal.payments.baskets import basket_of, put_in_basket
from portal.payments.values import Due, Paid, Payable
from tests.support.pay import BROKEN_CARD, DECLINED_CARD, GOOD_CARD, Payer

SERVICE: Final = "toll"
TAKES_A_BREAK: Final = timedelta(minutes=1)
STUMBLES: Final = 0.03
DECLINED: Final = 0.15
TWO_TABS: Final = 0.1
LEAVES: Final = 0.05
_IDS: Final = uuid.UUID("a0b57b24-4f5c-4d4d-9a7e-9a1f2c3d4e5f")
_TOLD = text("insert into fire.told (line_id, account_id, pence) values (:line, :account, :pence)")
_HAS_PAID = text("select 1 from fire.told where account_id = :account limit 1")


def prepare(app: Flask, many: int) -> None:
    """So many residents, and a table of what their service was told."""
    with app.test_request_context("/"):
        session().execute(text("create schema fire"))
        session().execute(
            text("create table fire.told (line_id uuid primary key, account_id uuid not null, pence int not null)")
        )
        now = clock.now()
        session().add_all(AccountRow(id=account_of(n).id, language="en", created_at=now) for n in range(many))
        session().commit()


def declare(app: Flask) -> None:
    """The service that is paid: each resident for a thing of their own, at a price of its own."""
    toll = Payable(code="bridge", title="Bridge toll", account="toll", price=_price, on_paid=_on_paid)
    payables.add(app, SERVICE, "Toll", (toll,))


def account_of(n: int) -> Account:
    """The nth resident."""
    return Account(uuid.uuid5(_IDS, str(n)), "Pat", "en")


def pence_of(n: int) -> int:
    """What the nth resident's thing costs: 30 pence to £99.99."""
    return 30 + (n * 7919) % 9970


def pay_all(app: Flask, numbers: Sequence[int]) -> NoReturn:
    """Let these residents pay, one after another and again and again, until each has; then wait to be ended."""
    dice, left = random.Random(), list(numbers)
    while left:
        dice.shuffle(left)
        left = [n for n in left if not _try(app, n, dice)]
        time.sleep(0.2)  # where the last few wait for somebody who was killed
    while True:
        time.sleep(60)


def _try(app: Flask, n: int, dice: random.Random) -> bool:
    """One visit of one resident; whether they have what they paid for."""
    with app.test_request_context("/"):
        try:
            return _visit(account_of(n), n, dice)
        except (DomainError, requests.RequestException, AssertionError, IndexError):
            session().rollback()  # an error page; they come again
            time.sleep(0.05)
            return False


def _visit(account: Account, n: int, dice: random.Random) -> bool:
    if any(line.taken for line in receipts.payments_for(account, SERVICE, str(n))):
        return True
    is_open = receipts.find_open(account)
    if is_open is not None:
        if is_open.gateway_id is None and clock.now() - is_open.made_at < TAKES_A_BREAK:
            return False  # who told the gateway was killed perhaps, and they come again in a minute
        begun = paying.resume(account, is_open.reference)
    else:
        put_in_basket(account, service=SERVICE, code="bridge", key=str(n))
        session().commit()
        begun = paying.begin(account, key=uuid.uuid4().hex, total=basket_of(account).total)
    session().commit()
    if dice.random() < TWO_TABS:
        other = paying.begin(account, key=uuid.uuid4().hex, total=basket_of(account).total)
        session().commit()
        _at_the_gateway(paying.hand_over(begun), dice)
        begun = other
    url = paying.hand_over(begun)
    session().commit()
    _at_the_gateway(url, dice)
    paying.ask(begun.payment.id)
    session().commit()
    return False  # seen at the next visit


def _at_the_gateway(url: str, dice: random.Random) -> None:
    session().commit()
    if not url:
        time.sleep(0.2)
        return
    payer = Payer()
    payer.follow(url)
    if dice.random() < LEAVES:
        return
    card = dice.choice((DECLINED_CARD, BROKEN_CARD)) if dice.random() < DECLINED else GOOD_CARD
    payer.type_card(card)
    if card == GOOD_CARD:
        payer.press()


def _price(account: Account, key: str) -> Due:
    if session().scalar(_HAS_PAID, {"account": account.id}) is not None:
        raise Refused("You have paid.")
    return Due(amount=pence_of(int(key)), description=f"Bridge toll {key}", url="/")


def _on_paid(paid: Paid) -> bool:
    if random.random() < STUMBLES:  # no secret
        raise RuntimeError("the bridge is up")
    session().execute(_TOLD, {"line": paid.line_id, "account": paid.account_id, "pence": paid.amount})
    return True
