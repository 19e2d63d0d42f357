"""What the payer reads of money that goes back: for which thing, whether it went, and what the payment still means."""

from flask import Flask

from portal.db.session import session
from portal.payments.refunding import again
from portal.payments.refunds import refund
from portal.payments.refused import refunds_refused
from portal.payments.values import Payment
from tests.integration.payments.conftest import Pay
from tests.support.fixtures import Clock
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident
from tests.support.worker import work


def give_back(payment: Payment, place: int, amount: int, key: str) -> None:
    refund("staff:1", line_id=payment.lines[place].id, amount=amount, reason="Bridge was closed", key=key)
    session().commit()


def test_each_says_which_thing_it_is_for(pat: Resident, paid: Pay) -> None:
    payment = paid("a", "b")
    give_back(payment, 1, 100, "k")
    page = pat.get(f"/payments/{payment.reference}")
    assert "Toll b" in page[page.index("Refunds") :]
    assert "Toll a" not in page[page.index("Refunds") :]


def test_what_is_given_back_in_full_is_not_said_to_be_good(pat: Resident, paid: Pay) -> None:
    payment = paid("a", "b")
    give_back(payment, 0, 1200, "k")
    page = pat.get(f"/payments/{payment.reference}")
    assert "Toll a: You get all of the money for this back." in page
    assert "Toll b: You can cross now." in page


def test_one_that_failed_and_was_made_again_does_not_read_as_failed(
    pat: Resident, paid: Pay, gate: PlayedGateway, at: Clock
) -> None:
    payment = paid()
    give_back(payment, 0, 500, "first")
    work()
    gate.refund_becomes(gate.refunds[str(payment.gateway_id)][0].id, "error")
    at.advance(minutes=2)
    again()
    assert "It could not be given back yet." in pat.get(f"/payments/{payment.reference}")
    at.advance(minutes=1)
    give_back(payment, 0, 500, "second")
    page = pat.get(f"/payments/{payment.reference}")
    assert "It could not be given back yet." not in page
    assert "We have tried again since." in page
    assert "On its way back to you" in page


def test_one_that_failed_is_not_tried_again_by_what_was_asked_for_before_it_failed(
    pay_app: Flask, pat: Resident, paid: Pay, gate: PlayedGateway, at: Clock
) -> None:
    payment = paid()
    for key, pence in (("first", 300), ("second", 200)):
        give_back(payment, 0, pence, key)
        work()
        at.advance(minutes=2)
        again()
    first, second = gate.refunds[str(payment.gateway_id)]
    gate.refund_becomes(first.id, "error")
    gate.refund_becomes(second.id, "success")
    at.advance(minutes=15)
    again()
    page = pat.get(f"/payments/{payment.reference}")
    assert "It could not be given back yet." in page
    assert "We have tried again since." not in page
    with pay_app.test_request_context("/"):
        assert [refund.amount for refund, _line, _reference in refunds_refused(lambda _service: True)] == [300]
