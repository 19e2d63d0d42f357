"""A portal that takes payments through a gateway in the test's own hands, and residents who pay there."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from portal.accounts.values import Account
from portal.app import create_app
from portal.db.session import dispose, session
from portal.payments import paying, receipts, refunding
from portal.payments.baskets import PATH, basket_of
from portal.payments.gateway import GatewayState
from portal.payments.govuk_pay import EXTENSION
from portal.payments.ledger import trial_balance
from tests.support.pay import Till, forget_all
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident
from tests.support.settings import settings_for


@contextmanager
def portal_that_takes_payments(database_url: str) -> Iterator[Flask]:
    """The whole portal with settings that name a payment gateway, at which nobody listens."""
    pay = {"token": "api_test_nobody_listens", "url": "http://127.0.0.1:9", "webhook_secret": "s" * 32}
    app = create_app(settings_for(database_url, demo=True, pay=pay))
    app.testing = True
    yield app
    with app.app_context():
        dispose()


@contextmanager
def played_gateway(app: Flask) -> Iterator[PlayedGateway]:
    """Its gateway. Whatever comes and goes, the books balance at the end."""
    app.extensions[EXTENSION] = gate = PlayedGateway()
    yield gate
    del app.extensions[EXTENSION]
    session().rollback()
    assert sum(each.pence for each in trial_balance()) == 0


@contextmanager
def asks_at(app: Flask, till: Till) -> Iterator[None]:
    """In this block the portal's gateway is the stand-in for GOV.UK Pay, over HTTP. At the end the books balance."""
    forget_all(till)
    app.extensions[EXTENSION] = till.gateway()
    yield
    del app.extensions[EXTENSION]
    session().rollback()
    assert sum(each.pence for each in trial_balance()) == 0
    forget_all(till)


def presses_pay(who: Resident) -> str:
    """Open the basket and press its button: where that leads."""
    who.get(PATH)
    return str(who.client.post(PATH, data=dict(who.client.page.form_with("total").values)).location)


def goes_to_pay(account: Account) -> str:
    """Press the button of the basket: at the gateway now. The payment's reference."""
    begun = paying.begin(account, key=uuid.uuid4().hex, total=basket_of(account).total)
    session().commit()
    paying.hand_over(begun)
    session().commit()
    return begun.payment.reference


def succeeds(account: Account, gate: PlayedGateway, reference: str) -> None:
    """The gateway has the money, and tells."""
    _becomes(account, gate, reference, "success")


def expires(account: Account, gate: PlayedGateway, reference: str) -> None:
    """Nobody paid within the gateway's time."""
    _becomes(account, gate, reference, "failed", "P0020")


def refunds_go_on() -> None:
    """What the clock does each minute about refunds. Needs the application's context."""
    session().rollback()
    refunding.again()
    session().commit()


def loose_payments() -> list[str]:
    """The references of payments with money that nobody has taken."""
    return [payment.reference for payment in receipts.in_suspense()[0]]


def _becomes(account: Account, gate: PlayedGateway, reference: str, state: GatewayState, code: str = "") -> None:
    payment = receipts.get_payment(account, reference)
    assert payment.gateway_id is not None
    gate.becomes(payment.gateway_id, state, code)
    session().rollback()
    paying.ask(payment.id)
    session().commit()


def in_basket(account: Account) -> list[int]:
    """Pence of each thing in somebody's basket."""
    return [line.amount for line in basket_of(account).lines]
