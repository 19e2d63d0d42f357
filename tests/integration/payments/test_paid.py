"""What becomes of a payment is what the gateway says, once, however late."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import NotFound, Refused, Unavailable
from portal.payments import baskets, payables, paying, receipts, returning
from portal.payments.asking_again import again, tell_again
from portal.payments.baskets import basket_of, put_in_basket
from portal.payments.gateway import GatewayRefused
from portal.payments.refunds import refund
from portal.payments.suspense import offer_again
from portal.payments.values import Due
from tests.integration.payments.conftest import Pay, books, fill, outcomes, press, settled
from tests.support.fixtures import Clock
from tests.support.payments import SERVICE, PlayedGateway, Toll
from tests.support.people import someone

STAFF = f"staff:{uuid.UUID(int=7)}"


@pytest.mark.parametrize(
    ("state", "code", "ours"),
    [
        ("failed", "P0010", "failed"),
        ("failed", "P0020", "expired"),
        ("failed", "P0030", "failed"),
        ("cancelled", "P0040", "cancelled"),
        ("error", "P0050", "error"),
    ],
)
def test_payment_that_came_to_nothing_leaves_the_basket_as_it_was(
    begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account, state: str, code: str, ours: str
) -> None:
    payment = begun()
    gate.becomes(str(payment.gateway_id), state, code)  # type: ignore[arg-type]  # the gateway's words
    payment = settled(payment)
    assert (payment.state, payment.code) == (ours, code)
    assert basket_of(payer).total == 1200
    assert (toll.paid, books()) == ([], {})


def test_two_who_hear_of_it_at_once_record_it_once(
    pay_app: Flask, begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account
) -> None:
    payment = begun("a", "b")
    gate.becomes(str(payment.gateway_id), "success")
    together = threading.Barrier(4)

    def hears() -> None:
        with pay_app.test_request_context("/"):
            together.wait()
            settled(payment)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(hears) for _ in range(4)]:
            each.result()
    assert len(toll.paid) == 2
    assert books() == {"gateway": 1550, "toll": -1550}


def test_late_success_is_taken(begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account, at: Clock) -> None:
    payment = begun()
    gate.becomes(str(payment.gateway_id), "failed", "P0010")
    assert settled(payment).state == "failed"
    gate.becomes(str(payment.gateway_id), "success")
    at.advance(minutes=11)
    again()
    payment = receipts.get_payment(payer, payment.reference)
    assert (payment.state, outcomes(payment)) == ("paid", ["taken"])
    assert not basket_of(payer).lines
    assert books() == {"gateway": 1200, "toll": -1200}


@pytest.mark.parametrize("late_one_first", [True, False])
def test_late_success_of_what_was_paid_again_goes_to_suspense(
    begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account, at: Clock, late_one_first: bool
) -> None:
    first = begun()
    gate.becomes(str(first.gateway_id), "failed", "P0010")
    settled(first)
    at.advance(minutes=1)
    second = press(payer)
    at.advance(minutes=1)
    for payment in (first, second) if late_one_first else (second, first):
        gate.becomes(str(payment.gateway_id), "success")
        settled(payment)
        at.advance(minutes=1)
    found = [list(outcomes(receipts.get_payment(payer, each.reference))) for each in (first, second)]
    assert sorted(found) == [["taken"], ["twice"]]
    assert len(toll.paid) == 1
    assert books() == {"gateway": 2400, "toll": -1200, "suspense": -1200}
    (loose,), _more = receipts.in_suspense()
    assert outcomes(loose) == ["twice"]


def test_staff_offer_money_that_was_paid_twice_to_its_service(
    begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account, at: Clock
) -> None:
    first = begun()
    gate.becomes(str(first.gateway_id), "failed", "P0010")
    settled(first)
    at.advance(minutes=1)
    for payment in (press(payer), first):
        gate.becomes(str(payment.gateway_id), "success")
        settled(payment)
        at.advance(minutes=1)
    (line,) = receipts.get_payment(payer, first.reference).lines
    assert line.in_suspense
    assert offer_again(STAFF, line.id)
    session().commit()
    assert books() == {"gateway": 2400, "toll": -2400}
    assert receipts.in_suspense() == ([], None)
    with pytest.raises(Refused):
        offer_again(STAFF, line.id)


def test_money_that_is_given_back_is_offered_to_nobody(paid: Pay, toll: Toll, gate: PlayedGateway) -> None:
    toll.takes = lambda _paid: False
    (line,) = paid().lines
    refund(STAFF, line_id=line.id, amount=1, reason="Not wanted.", key="k")
    session().commit()
    with pytest.raises(Refused):
        offer_again(STAFF, line.id)


def test_paying_the_same_thing_again_on_purpose_is_not_taken_for_twice(paid: Pay, toll: Toll, at: Clock) -> None:
    toll.costs("c", 1000, least=500, most=2000)
    for _time in range(2):
        assert outcomes(paid("c")) == ["taken"]
        at.advance(minutes=1)
    assert len(toll.paid) == 2


def test_money_that_its_service_does_not_want_goes_to_suspense(paid: Pay, toll: Toll) -> None:
    toll.takes = lambda paid: paid.key != "a"
    assert outcomes(paid("a", "b")) == ["not_wanted", "taken"]
    assert books() == {"gateway": 1550, "toll": -350, "suspense": -1200}


def test_money_is_recorded_though_its_service_stumbles_which_is_told_again(
    paid: Pay, toll: Toll, payer: Account, at: Clock
) -> None:
    toll.stumbles = 2
    payment = paid()
    assert (payment.state, outcomes(payment)) == ("paid", ["failed"])
    assert books() == {"gateway": 1200, "suspense": -1200}
    for minutes in (2, 2, 2):
        at.advance(minutes=minutes)
        tell_again()
    assert outcomes(receipts.get_payment(payer, payment.reference)) == ["taken"]
    assert len(toll.paid) == 1
    assert books() == {"gateway": 1200, "toll": -1200}


def test_what_is_paid_and_not_yet_taken_cannot_be_paid_again(paid: Pay, toll: Toll, payer: Account) -> None:
    toll.stumbles = 1
    assert outcomes(paid("a")) == ["failed"]
    with pytest.raises(Refused) as told:
        put_in_basket(payer, service=SERVICE, code="bridge", key="a")
    assert "already" in told.value.sentence


def test_service_that_stumbled_is_not_told_of_what_was_paid_again_meanwhile(
    begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account, at: Clock
) -> None:
    first = begun()
    gate.becomes(str(first.gateway_id), "failed", "P0010")
    settled(first)
    at.advance(minutes=1)
    second = press(payer)
    toll.stumbles = 1
    for payment in (first, second):
        gate.becomes(str(payment.gateway_id), "success")
        settled(payment)
    at.advance(minutes=5)
    tell_again()
    found = [outcomes(receipts.get_payment(payer, each.reference)) for each in (first, second)]
    assert found == [["twice"], ["taken"]]
    assert len(toll.paid) == 1
    assert books() == {"gateway": 2400, "toll": -1200, "suspense": -1200}


def test_payer_comes_back_by_a_token_of_their_own(pay_app: Flask, begun: Pay, payer: Account) -> None:
    payment = begun()
    token = returning.token_for(payment.id)
    assert paying.get_returned(payer, token).id == payment.id
    with pytest.raises(NotFound):
        paying.get_returned(payer, token[:-1] + "!")
    other = someone(pay_app, "Olga")
    with pytest.raises(NotFound):
        paying.get_returned(other, token)
    with pytest.raises(NotFound):
        receipts.get_payment(other, payment.reference)


def test_payment_that_the_gateway_does_not_know_any_more_does_not_stay_open(
    begun: Pay, gate: PlayedGateway, payer: Account, at: Clock
) -> None:
    payment = begun()
    kept = gate.payments.pop(str(payment.gateway_id))
    assert settled(payment).state == "started"  # somebody may have mixed up two keys for a while
    at.advance(minutes=96)
    again()
    found = receipts.get_payment(payer, payment.reference)
    assert (found.state, found.code) == ("error", "not_known")
    assert press(payer).state == "started"
    gate.payments[kept.id] = kept
    gate.becomes(kept.id, "success")
    assert settled(payment).state == "paid"  # all the same


def test_payment_that_the_gateway_does_not_know_any_more_can_be_called_off(
    begun: Pay, gate: PlayedGateway, payer: Account
) -> None:
    payment = begun()
    gate.payments.clear()
    assert paying.call_off(payer, payment.reference).code == "called_off"
    session().commit()
    assert press(payer).state == "started"


def test_gateway_that_refuses_to_tell_of_a_payment_does_not_end_it(
    begun: Pay, gate: PlayedGateway, payer: Account
) -> None:
    payment = begun()

    def refuses(_act: str) -> None:
        raise GatewayRefused("P0920")

    gate.trouble = refuses
    assert press(payer).id == payment.id
    assert receipts.get_payment(payer, payment.reference).state == "started"


def test_service_is_told_again_only_while_nothing_else_of_its_payer_is_recorded(
    pay_app: Flask, paid: Pay, toll: Toll, payer: Account, at: Clock
) -> None:
    toll.stumbles = 1
    payment = paid()
    at.advance(minutes=2)
    session().commit()
    session().execute(text("select id from portal.account where id = :id for no key update"), {"id": payer.id})

    def tells() -> None:
        with pay_app.test_request_context("/"):
            tell_again()

    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(tells)
        with pytest.raises(TimeoutError):
            told.result(timeout=0.4)
        assert toll.paid == []
        session().rollback()
        told.result()
    assert [each.key for each in toll.paid] == ["a"]
    assert outcomes(receipts.get_payment(payer, payment.reference)) == ["taken"]


def test_success_that_comes_after_weeks_is_asked_for_and_taken(
    begun: Pay, gate: PlayedGateway, payer: Account, at: Clock
) -> None:
    payment = begun()
    gate.becomes(str(payment.gateway_id), "failed", "P0010")
    settled(payment)
    for _day in range(8):
        at.advance(days=1)
        again()
    gate.becomes(str(payment.gateway_id), "success")
    at.advance(days=23)
    again()
    assert receipts.get_payment(payer, payment.reference).state == "paid"


def test_service_that_is_away_does_not_keep_the_rest_of_the_basket_from_being_paid(
    gate: PlayedGateway, toll: Toll, payer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(payer, "a", "b")

    def price(_account: Account, key: str) -> Due:
        if key == "a":
            raise Unavailable("The bridge does not answer.")
        return toll.prices[key]

    found = payables.find_payable(SERVICE, "bridge")
    assert found is not None
    monkeypatch.setattr(baskets, "find_payable", lambda *_asked: replace(found, price=price))
    assert [line.sentence for line in basket_of(payer).lines] == ["The bridge does not answer.", ""]
    assert press(payer).amount == 350
