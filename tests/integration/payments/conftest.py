"""A portal that takes payments through a gateway of the test's own, for a service of the test's own."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text, update

from portal import clock
from portal.accounts.values import Account
from portal.app import create_app
from portal.db.session import dispose, session
from portal.payments import payables, paying, receipts
from portal.payments.baskets import basket_of, put_in_basket
from portal.payments.govuk_pay import EXTENSION
from portal.payments.ledger import trial_balance
from portal.payments.models import BasketLineRow
from portal.payments.values import Payment
from tests.support.pay import pay_settings
from tests.support.payments import SERVICE, PlayedGateway, Toll, new_key
from tests.support.people import someone
from tests.support.settings import settings_for


@pytest.fixture(scope="session")
def paying_portal(database_url: str) -> Iterator[Flask]:
    """A portal whose settings name a gateway. Without services: what is tested knows none."""
    app = create_app(settings_for(database_url, demo=True, pay=pay_settings("http://127.0.0.1:9")), ())
    app.testing = True
    yield app
    with app.app_context():
        dispose()


@pytest.fixture
def pay_app(paying_portal: Flask, clean_database: str) -> Iterator[Flask]:
    """The same on an empty database, in a context."""
    with paying_portal.test_request_context("/"):
        yield paying_portal
        session().rollback()


@pytest.fixture
def gate(pay_app: Flask) -> Iterator[PlayedGateway]:
    """Its gateway."""
    pay_app.extensions[EXTENSION] = gate = PlayedGateway()
    yield gate
    del pay_app.extensions[EXTENSION]


@pytest.fixture
def toll(pay_app: Flask) -> Iterator[Toll]:
    """The service that is paid. Two things can be paid for: `a` costs 1,200 pence, `b` 350."""
    toll = Toll()
    toll.costs("a", 1200)
    toll.costs("b", 350)
    payables.add(pay_app, SERVICE, "Toll", (toll.payable(),))
    yield toll
    del pay_app.extensions[payables.EXTENSION][SERVICE, "bridge"]
    assert sum(each.pence for each in trial_balance()) == 0


@pytest.fixture
def payer(pay_app: Flask) -> Account:
    """Who pays."""
    return someone(pay_app, "Pat")


Pay = Callable[..., Payment]


@pytest.fixture
def begun(gate: PlayedGateway, toll: Toll, payer: Account) -> Pay:
    """Put things in the basket, press the button, and be at the gateway."""

    def begin(*keys: str) -> Payment:
        fill(payer, *keys or ("a",))
        return press(payer)

    return begin


@pytest.fixture
def paid(begun: Pay, gate: PlayedGateway) -> Pay:
    """The same, and pay there."""

    def pay(*keys: str) -> Payment:
        payment = begun(*keys)
        assert payment.gateway_id is not None
        gate.becomes(payment.gateway_id, "success")
        return settled(payment)

    return pay


def fill(account: Account, *keys: str) -> None:
    """Put these in the basket, one after the other also where the clock stands still."""
    for number, key in enumerate(keys):
        put_in_basket(account, service=SERVICE, code="bridge", key=key)
        later = {"added_at": clock.now() + timedelta(microseconds=number)}
        session().execute(update(BasketLineRow).filter_by(account_id=account.id, key=key).values(later))
    session().commit()


def press(account: Account, key: str | None = None) -> Payment:
    """Press the button of the basket's page, as its view does."""
    begun = paying.begin(account, key=key or new_key(), total=basket_of(account).total)
    session().commit()
    paying.hand_over(begun)
    session().commit()
    return receipts.get_payment(account, begun.payment.reference)


def settled(payment: Payment) -> Payment:
    """What became of it, after asking."""
    found = paying.ask(payment.id)
    session().commit()
    return found


def books() -> dict[str, int]:
    """Pence on each account that has any: debits above zero, credits below."""
    return {each.account: each.pence for each in trial_balance() if each.pence}


def count(table: str) -> int:
    """How many rows it has."""
    return int(session().execute(text(f"select count(*) from portal.{table}")).scalar_one())


def outcomes(payment: Payment) -> Sequence[str]:
    """What became of its lines."""
    return [line.outcome for line in payment.lines]
