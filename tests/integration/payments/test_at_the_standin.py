"""The whole way over HTTP: our client, GOV.UK Pay as we play it, a payer's browser, and the messages that come back."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.db.session import session
from portal.payments import paying, receipts
from portal.payments.baskets import basket_of
from portal.payments.govuk_pay import EXTENSION
from portal.payments.reconciling import reconcile
from portal.payments.refunds import refund
from portal.payments.returning import address_for
from portal.payments.values import Payment
from tests.integration.govuk_pay.conftest import _till, till
from tests.integration.payments.conftest import books, fill, outcomes, settled
from tests.integration.payments.test_refunds import states
from tests.support.fixtures import Clock
from tests.support.pay import DECLINED_CARD, Payer, Till
from tests.support.payments import Toll, new_key
from tests.support.worker import work

__all__ = ["_till", "till"]


@pytest.fixture
def standin(pay_app: Flask, till: Till) -> Iterator[Till]:
    """The gateway that the portal asks."""
    pay_app.extensions[EXTENSION] = till.gateway()
    yield till
    del pay_app.extensions[EXTENSION]


def at_the_gateway(account: Account) -> tuple[Payment, Payer]:
    """They pressed the button, and see the page on which cards are typed."""
    fill(account, "a", "b")
    begun = paying.begin(account, key=new_key(), total=basket_of(account).total)
    session().commit()
    url = paying.hand_over(begun)
    session().commit()
    payer = Payer()
    assert payer.follow(url) == "Enter card details"
    return receipts.get_payment(account, begun.payment.reference), payer


def hear(app: Flask, till: Till) -> list[int]:
    """What the gateway has to say comes to our address; what we answered."""
    till.send_webhooks()
    client = app.test_client()
    answers = [
        client.post(
            "/payments/events",
            data=each.body,
            headers={"Pay-Signature": each.signature, "Content-Type": "application/json"},
        ).status_code
        for each in till.caught
    ]
    till.caught.clear()
    work()
    return answers


def test_payer_pays_comes_back_and_has_paid(pay_app: Flask, standin: Till, toll: Toll, payer: Account) -> None:
    payment, browser = at_the_gateway(payer)
    assert browser.type_card() == "Confirm your payment"
    assert browser.press() == address_for(payment.id)
    payment = settled(payment)
    assert (payment.state, outcomes(payment)) == ("paid", ["taken", "taken"])
    assert hear(pay_app, standin) == [200] * 2
    assert len(toll.paid) == 2
    assert books()["gateway"] == standin.sums()["taken"] == 1550


def test_payer_who_never_comes_back_has_paid_all_the_same(
    pay_app: Flask, standin: Till, toll: Toll, payer: Account
) -> None:
    payment, browser = at_the_gateway(payer)
    browser.type_card()
    browser.press()
    assert set(hear(pay_app, standin)) == {200}
    assert receipts.get_payment(payer, payment.reference).is_paid


def test_declined_card_leaves_the_basket_and_another_card_pays(
    pay_app: Flask, standin: Till, toll: Toll, payer: Account
) -> None:
    payment, browser = at_the_gateway(payer)
    browser.type_card(DECLINED_CARD)
    payment = settled(payment)
    assert (payment.state, payment.code) == ("failed", "P0010")
    again, browser = at_the_gateway(payer)
    browser.type_card()
    browser.press()
    assert settled(again).is_paid
    assert again.reference != payment.reference
    assert books()["gateway"] == 1550


def test_address_of_the_card_page_is_new_for_each_press(standin: Till, toll: Toll, payer: Account) -> None:
    payment, _browser = at_the_gateway(payer)
    begun = paying.resume(payer, payment.reference)
    session().commit()
    assert Payer().follow(paying.hand_over(begun)) == "Enter card details"
    assert standin.sums()["payments"] == 1


@pytest.mark.parametrize("how", ["altered", "unknown", "forged"])
def test_message_that_is_wrong_changes_nothing_and_loses_nothing(
    pay_app: Flask, standin: Till, toll: Toll, payer: Account, how: str
) -> None:
    payment, browser = at_the_gateway(payer)
    standin.behave(webhooks=how)
    browser.type_card()
    browser.press()
    assert set(hear(pay_app, standin)) == {{"altered": 409, "unknown": 404, "forged": 401}[how]}
    assert settled(payment).is_paid
    assert books()["gateway"] == 1550


@pytest.mark.parametrize("answers", ["down", "wrong", "unsaid", "busy"])
def test_gateway_in_trouble_takes_no_second_payment(
    standin: Till, toll: Toll, payer: Account, at: Clock, answers: str
) -> None:
    fill(payer, "a")
    standin.behave(answers=answers)
    begun = paying.begin(payer, key=new_key(), total=1200)
    session().commit()
    assert paying.hand_over(begun) == ""
    session().commit()
    standin.behave()
    begun = paying.resume(payer, begun.payment.reference)
    session().commit()
    browser = Payer()
    assert browser.follow(paying.hand_over(begun)) == "Enter card details"
    session().commit()
    browser.type_card()
    browser.press()
    assert settled(begun.payment).is_paid
    assert standin.sums() == {"payments": 1, "paid": 1, "taken": 1200, "refunded": 0}


def test_refund_goes_out_and_comes_back_as_a_success(
    pay_app: Flask, standin: Till, toll: Toll, payer: Account, at: Clock
) -> None:
    payment, browser = at_the_gateway(payer)
    browser.type_card()
    browser.press()
    payment = settled(payment)
    line = next(line for line in payment.lines if line.key == "a")
    refund("system:toll", line_id=line.id, amount=700, reason="Closed at night.", key="k")
    session().commit()
    work()
    assert states(payment) == ["success"]
    assert books() == {"gateway": 850, "toll": -850}
    assert standin.sums()["refunded"] == 700


def test_reconciliation_takes_in_what_nobody_told_us(standin: Till, toll: Toll, payer: Account, at: Clock) -> None:
    payment, browser = at_the_gateway(payer)
    browser.type_card()
    browser.press()
    since = at.moment
    at.advance(minutes=1)
    report = reconcile(since.replace(hour=0, minute=0), at.moment)
    assert [(each.kind, each.mended) for each in report.differences] == [("missed_state", True)]
    assert receipts.get_payment(payer, payment.reference).is_paid
    assert report.taken == 1550
