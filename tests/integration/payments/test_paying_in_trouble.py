"""Whatever happens on the way to the gateway, a payment is made once and nothing is taken twice."""

import uuid
from dataclasses import replace

from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import Unavailable
from portal.payments import paying, receipts
from portal.payments.asking_again import again
from portal.payments.baskets import basket_of
from portal.payments.gateway import GatewayRefused, Order
from portal.payments.values import Payment
from tests.integration.payments.conftest import fill, press
from tests.support.fixtures import Clock
from tests.support.payments import PlayedGateway, Toll, new_key

STAFF = f"staff:{uuid.UUID(int=7)}"


def down(_act: str) -> None:
    raise Unavailable


def test_gateway_that_is_down_takes_nothing_and_the_same_button_tries_again(
    toll: Toll, gate: PlayedGateway, payer: Account
) -> None:
    fill(payer, "a")
    gate.trouble = down
    payment = press(payer)
    assert (payment.state, payment.gateway_id) == ("created", None)
    gate.trouble = lambda _act: None
    again_ = press(payer)
    assert (again_.id, again_.state) == (payment.id, "started")
    assert len(gate.payments) == 1


def test_lost_answer_is_looked_for_before_another_payment_is_asked_for(
    toll: Toll, gate: PlayedGateway, payer: Account
) -> None:
    fill(payer, "a")
    gate.lose = {"create"}
    assert press(payer).state == "created"
    payment = press(payer)
    assert payment.state == "started"
    assert len(gate.payments) == 1


def test_nobody_is_sent_to_pay_another_amount(toll: Toll, gate: PlayedGateway, payer: Account) -> None:
    fill(payer, "a")
    gate.lose = {"create"}
    payment = press(payer)
    (made,) = gate.payments.values()
    gate.payments[made.id] = replace(made, amount=120_000)
    begun = paying.resume(payer, payment.reference)
    session().commit()
    assert paying.hand_over(begun) == ""


def test_refusal_of_the_gateway_ends_the_payment_and_keeps_the_basket(
    toll: Toll, gate: PlayedGateway, payer: Account
) -> None:
    def refuses(act: str) -> None:
        if act == "create":
            raise GatewayRefused("P0102", "amount")

    fill(payer, "a")
    gate.trouble = refuses
    payment = press(payer)
    assert (payment.state, payment.code) == ("error", "P0102")
    assert basket_of(payer).total == 1200


def test_payment_whose_process_died_after_the_gateway_took_it_is_found_by_the_clock(
    toll: Toll, gate: PlayedGateway, payer: Account, at: Clock
) -> None:
    fill(payer, "a")
    begun = paying.begin(payer, key=new_key(), total=1200)
    session().commit()
    gate.create(order_of(begun.payment))  # and then the process dies
    at.advance(minutes=3)
    again()
    found = receipts.get_payment(payer, begun.payment.reference)
    assert (found.state, found.gateway_id) == ("started", next(iter(gate.payments)))


def test_payment_that_never_reached_the_gateway_is_closed_by_the_clock(
    toll: Toll, gate: PlayedGateway, payer: Account, at: Clock
) -> None:
    fill(payer, "a")
    begun = paying.begin(payer, key=new_key(), total=1200)
    session().commit()
    at.advance(minutes=3)
    again()
    assert receipts.get_payment(payer, begun.payment.reference).state == "created"  # a search lags behind
    at.advance(minutes=9)
    again()
    found = receipts.get_payment(payer, begun.payment.reference)
    assert (found.state, found.code) == ("error", "not_created")
    assert press(payer).state == "started"


def order_of(payment: Payment) -> Order:
    return Order(str(payment.id), payment.amount, payment.reference, payment.description, "https://x.example/", "en")
