"""A payment is made once, however often, in however many tabs and through whatever trouble its button is pressed."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import Conflict, Refused
from portal.payments import paying
from portal.payments.baskets import basket_of, put_in_basket
from tests.integration.payments.conftest import Pay, books, count, fill, outcomes, press, settled
from tests.support.payments import SERVICE, PlayedGateway, Toll, new_key

STAFF = f"staff:{uuid.UUID(int=7)}"


def test_paid_basket_is_empty_and_its_money_is_in_the_books(
    begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account
) -> None:
    payment = begun("a", "b")
    assert (payment.state, payment.amount) == ("started", 1550)
    assert len(basket_of(payer).lines) == 2  # until the gateway says that it is paid
    gate.becomes(str(payment.gateway_id), "success")
    payment = settled(payment)
    assert (payment.state, outcomes(payment)) == ("paid", ["taken", "taken"])
    assert not basket_of(payer).lines
    assert [(each.key, each.amount, each.account_id) for each in toll.paid] == [
        ("a", 1200, payer.id),
        ("b", 350, payer.id),
    ]
    assert books() == {"gateway": 1550, "toll": -1550}
    settled(payment)  # asked again, it is not told again
    assert len(toll.paid) == 2
    assert books() == {"gateway": 1550, "toll": -1550}


def test_pressing_twice_makes_one_payment(begun: Pay, gate: PlayedGateway, payer: Account) -> None:
    first = begun()
    assert press(payer).id == first.id
    assert (count("payment"), len(gate.payments)) == (1, 1)


def test_page_sent_twice_is_one_payment_whatever_became_of_it(gate: PlayedGateway, toll: Toll, payer: Account) -> None:
    fill(payer, "a")
    key = new_key()
    payment = press(payer, key)
    gate.becomes(str(payment.gateway_id), "failed", "P0010")
    settled(payment)
    begun = paying.begin(payer, key=key, total=1200)
    assert (begun.payment.id, begun.payment.state, begun.turn) == (payment.id, "failed", 0)
    assert paying.hand_over(begun) == ""


def test_two_tabs_at_once_make_one_payment_and_both_get_an_address(
    pay_app: Flask, gate: PlayedGateway, toll: Toll, payer: Account
) -> None:
    fill(payer, "a")
    together = threading.Barrier(2)

    def tab() -> str:
        with pay_app.test_request_context("/"):
            together.wait()
            begun = paying.begin(payer, key=new_key(), total=1200)
            session().commit()
            url = paying.hand_over(begun)
            session().commit()
            return url

    with ThreadPoolExecutor(2) as pool:
        urls = [each.result() for each in [pool.submit(tab), pool.submit(tab)]]
    assert all(urls)
    assert (count("payment"), len(gate.payments), gate.asked.count("create")) == (1, 1, 1)


def test_other_things_wait_until_the_open_payment_is_finished_or_called_off(
    begun: Pay, gate: PlayedGateway, payer: Account
) -> None:
    first = begun("a")
    fill(payer, "b")
    with pytest.raises(paying.UnderWay) as told:
        press(payer)
    assert told.value.reference == first.reference
    session().rollback()
    assert paying.call_off(payer, first.reference).state == "cancelled"
    session().commit()
    assert press(payer).amount == 1550


def test_calling_off_what_was_just_paid_finds_it_paid(begun: Pay, gate: PlayedGateway, payer: Account) -> None:
    payment = begun()
    gate.becomes(str(payment.gateway_id), "success")
    assert paying.call_off(payer, payment.reference).state == "paid"


def test_price_that_changed_since_the_page_was_shown_is_not_charged(
    toll: Toll, gate: PlayedGateway, payer: Account
) -> None:
    fill(payer, "a")
    toll.costs("a", 1300)
    with pytest.raises(Conflict):
        paying.begin(payer, key=new_key(), total=1200)
    assert count("payment") == 0


@pytest.mark.parametrize(("pence", "sentence"), [(29, "least"), (10_000_001, "up to")], ids=["too-little", "too-much"])
def test_amount_that_no_card_payment_may_have_is_refused(
    toll: Toll, gate: PlayedGateway, payer: Account, pence: int, sentence: str
) -> None:
    toll.costs("c", pence // 2)
    toll.costs("d", pence - pence // 2)
    fill(payer, "c", "d")
    with pytest.raises(Refused) as told:
        paying.begin(payer, key=new_key(), total=pence)
    assert sentence in told.value.sentence


def test_empty_basket_cannot_be_paid(toll: Toll, gate: PlayedGateway, payer: Account) -> None:
    with pytest.raises(Refused):
        paying.begin(payer, key=new_key(), total=0)


def test_line_that_cannot_be_paid_any_more_is_left_out_and_stays_in_the_basket(
    toll: Toll, gate: PlayedGateway, payer: Account
) -> None:
    fill(payer, "a", "b")
    del toll.prices["b"]
    payment = press(payer)
    assert [line.key for line in payment.lines] == ["a"]
    gate.becomes(str(payment.gateway_id), "success")
    settled(payment)
    (left,) = basket_of(payer).lines
    assert (left.key, left.can_be_paid, bool(left.sentence)) == ("b", False, True)


@pytest.mark.parametrize(("amount", "ok"), [(500, True), (499, False), (2000, True), (2001, False)])
def test_resident_chooses_an_amount_only_within_its_bounds(
    toll: Toll, gate: PlayedGateway, payer: Account, amount: int, ok: bool
) -> None:
    toll.costs("c", 1000, least=500, most=2000)
    if ok:
        put_in_basket(payer, service=SERVICE, code="bridge", key="c", amount=amount)
        assert basket_of(payer).total == amount
    else:
        with pytest.raises(Refused):
            put_in_basket(payer, service=SERVICE, code="bridge", key="c", amount=amount)


def test_fixed_price_cannot_be_chosen(toll: Toll, gate: PlayedGateway, payer: Account) -> None:
    with pytest.raises(Refused):
        put_in_basket(payer, service=SERVICE, code="bridge", key="a", amount=1)
