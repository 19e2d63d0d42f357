"""Money goes back once, never more than was paid, and nothing of it is lost on the way."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import NotFound, Refused, Unavailable
from portal.payments import payables, receipts
from portal.payments.asking_again import tell_again
from portal.payments.refunding import again
from portal.payments.refunding import tell_again as tell_refunds_again
from portal.payments.refunds import refund
from portal.payments.strange_refunds import take_strange
from portal.payments.values import Payment, Refund
from tests.integration.payments.conftest import Pay, books
from tests.support.fixtures import Clock
from tests.support.payments import SERVICE, PlayedGateway, Toll, new_key
from tests.support.worker import work

STAFF = f"staff:{uuid.UUID(int=7)}"


def give_back(payment: Payment, amount: int, key: str | None = None) -> Refund:
    """As staff do."""
    (line,) = payment.lines
    made = refund(STAFF, line_id=line.id, amount=amount, reason="You moved away.", key=key or new_key())
    session().commit()
    return made


def states(payment: Payment) -> list[str]:
    session().rollback()
    return [each.state for each in receipts.refunds_of(payment.id)]


def refunded(payer: Account, payment: Payment) -> int:
    return receipts.get_payment(payer, payment.reference).refunded


def test_refund_goes_out_and_is_followed_until_it_is_there(
    paid: Pay, gate: PlayedGateway, toll: Toll, payer: Account, at: Clock
) -> None:
    payment = paid()
    give_back(payment, 500)
    assert books() == {"gateway": 1200, "toll": -700, "refunds": -500}
    work()
    assert states(payment) == ["submitted"]
    (made,) = gate.refunds[str(payment.gateway_id)]
    gate.refund_becomes(made.id, "success")
    at.advance(minutes=2)
    again()
    assert states(payment) == ["success"]
    assert books() == {"gateway": 700, "toll": -700}
    assert [(each.amount, each.refunded, each.key) for each in toll.refunded] == [(500, 500, "a")]


def test_rest_can_be_refunded_and_no_penny_more(paid: Pay, gate: PlayedGateway, toll: Toll, payer: Account) -> None:
    gate.refund_state = "success"
    payment = paid()
    give_back(payment, 500)
    with pytest.raises(Refused) as told:
        give_back(payment, 701)
    assert "£7" in told.value.sentence
    session().rollback()
    work()
    give_back(payment, 700)
    work()
    assert states(payment) == ["success", "success"]
    with pytest.raises(Refused):
        give_back(payment, 1)
    assert books() == {}
    assert [each.refunded for each in toll.refunded] == [500, 1200]


@pytest.mark.parametrize("amount", [0, -1], ids=["nothing", "less"])
def test_refund_of_nothing_is_refused(paid: Pay, amount: int) -> None:
    with pytest.raises(Refused):
        give_back(paid(), amount)


def test_unpaid_line_cannot_be_refunded(begun: Pay) -> None:
    with pytest.raises(Refused):
        give_back(begun(), 1)


def test_line_that_there_is_not_cannot_be_refunded(gate: PlayedGateway) -> None:
    with pytest.raises(NotFound):
        refund(STAFF, line_id=uuid.uuid4(), amount=1, reason="Because.", key="k")


def test_service_gives_back_its_own_money_alone(paid: Pay) -> None:
    (line,) = paid().lines
    with pytest.raises(NotFound):
        refund("system:permits", line_id=line.id, amount=1, reason="Because.", key="k")
    refund("system:toll", line_id=line.id, amount=1, reason="Because.", key="k")


def test_same_key_is_the_same_refund(paid: Pay, gate: PlayedGateway) -> None:
    payment = paid()
    assert give_back(payment, 500, "k").id == give_back(payment, 500, "k").id
    work()
    assert len(gate.refunds[str(payment.gateway_id)]) == 1


def test_two_at_once_never_give_back_more_than_was_paid(pay_app: Flask, paid: Pay, gate: PlayedGateway) -> None:
    payment = paid()

    def one() -> bool:
        with pay_app.test_request_context("/"):
            try:
                give_back(payment, 700)
            except Refused:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        done = [each.result() for each in [pool.submit(one) for _ in range(4)]]
    assert sorted(done) == [False, False, False, True]


def test_database_itself_refuses_more_than_was_paid(paid: Pay) -> None:
    payment = paid()
    session().rollback()
    with pytest.raises(IntegrityError, match="ck_payment_line_refunded"):
        session().execute(text("update portal.payment_line set refunded = amount + 1"))
    session().rollback()
    assert receipts.refunds_of(payment.id) == []


@pytest.mark.parametrize("lags", [False, True], ids=["listed-at-once", "listed-late"])
def test_lost_answer_does_not_refund_twice(
    paid: Pay, gate: PlayedGateway, payer: Account, at: Clock, lags: bool
) -> None:
    payment = paid()
    give_back(payment, 500)
    gate.lose = {"refund"}
    work()
    assert states(payment) == ["created"]
    gate.lags = lags
    for _time in range(3):
        at.advance(minutes=4)
        again()
    assert len(gate.refunds[str(payment.gateway_id)]) == 1
    gate.lags = False
    at.advance(minutes=4)
    again()
    assert states(payment) == ["submitted"]
    assert len(gate.refunds[str(payment.gateway_id)]) == 1


def test_refund_made_in_the_gateways_pages_meanwhile_is_not_taken_for_ours(
    paid: Pay, gate: PlayedGateway, payer: Account, at: Clock
) -> None:
    payment = paid()
    give_back(payment, 500)
    (made,) = receipts.refunds_of(payment.id)

    def overtakes(act: str) -> None:
        if act == "refund":
            gate.trouble = lambda _act: None
            gate.refund_by_hand(str(payment.gateway_id), 100)

    gate.trouble = overtakes
    work()
    assert states(payment) == ["created"]  # P0604: another amount can be refunded now
    for _time in range(2):
        at.advance(minutes=4)
        again()
    assert [each.amount for each in gate.refunds[str(payment.gateway_id)]] == [100, 500]
    assert states(payment) == ["submitted"]
    assert receipts.refunds_of(payment.id)[0].id == made.id


def test_refund_that_fails_in_the_end_can_be_made_again(
    paid: Pay, gate: PlayedGateway, toll: Toll, payer: Account, at: Clock
) -> None:
    payment = paid()
    give_back(payment, 1200)
    work()
    (made,) = gate.refunds[str(payment.gateway_id)]
    gate.refund_becomes(made.id, "error")
    at.advance(minutes=2)
    again()
    assert states(payment) == ["error"]
    assert books() == {"gateway": 1200, "toll": -1200}
    assert (refunded(payer, payment), toll.refunded) == (0, [])
    assert [(each.amount, each.refunded, each.key) for each in toll.not_refunded] == [(1200, 0, "a")]
    give_back(payment, 1200)
    work()
    assert states(payment) == ["error", "submitted"]


def test_gateway_that_is_down_is_asked_again(paid: Pay, gate: PlayedGateway, at: Clock) -> None:
    payment = paid()
    give_back(payment, 500)

    def down(_act: str) -> None:
        raise Unavailable

    gate.trouble = down
    work()
    assert states(payment) == ["created"]
    gate.trouble = lambda _act: None
    at.advance(minutes=4)
    again()
    assert states(payment) == ["submitted"]


def test_two_lines_of_one_payment_are_refunded_one_after_the_other(
    paid: Pay, gate: PlayedGateway, toll: Toll, payer: Account, at: Clock
) -> None:
    payment = paid("a", "b")
    for line in payment.lines:
        refund("system:toll", line_id=line.id, amount=line.amount, reason="Closed.", key="closed")
    session().commit()
    work()
    at.advance(minutes=4)
    again()
    assert states(payment) == ["submitted", "submitted"]
    assert sorted(each.amount for each in gate.refunds[str(payment.gateway_id)]) == [350, 1200]


def test_money_on_suspense_is_given_back_from_there_and_its_service_hears_nothing(
    paid: Pay, gate: PlayedGateway, toll: Toll
) -> None:
    gate.refund_state = "success"
    toll.takes = lambda _paid: False
    payment = paid()
    give_back(payment, 1200)
    work()
    assert (books(), toll.refunded) == ({}, [])


def test_service_that_stumbled_gets_no_money_that_is_given_back(paid: Pay, toll: Toll, at: Clock) -> None:
    toll.stumbles = 1
    payment = paid()
    give_back(payment, 1)
    at.advance(minutes=5)
    tell_again()
    assert toll.paid == []


@pytest.mark.parametrize("state", ["success", "error"])
def test_service_that_stumbles_over_a_refund_is_told_again_until_it_heard(
    paid: Pay, gate: PlayedGateway, toll: Toll, at: Clock, state: str
) -> None:
    payment = paid()
    give_back(payment, 500)
    work()
    gate.refund_becomes(gate.refunds[str(payment.gateway_id)][0].id, state)
    toll.stumbles = 20
    for _hour in range(20):
        at.advance(minutes=361)
        again()
        tell_refunds_again()
    assert states(payment) == [state]
    assert (toll.refunded, toll.not_refunded) == ([], [])
    for _hour in range(2):
        at.advance(minutes=361)
        tell_refunds_again()
    assert (len(toll.refunded), len(toll.not_refunded)) == ((1, 0) if state == "success" else (0, 1))


@pytest.mark.parametrize("askings", [0, 9])
def test_service_that_stumbled_over_a_refund_is_told_again_in_a_minute_however_long_the_refund_took(
    paid: Pay, gate: PlayedGateway, toll: Toll, at: Clock, askings: int
) -> None:
    payment = paid()
    give_back(payment, 500)
    work()
    session().execute(text("update portal.refund set attempts = :so_many"), {"so_many": askings})
    session().commit()
    gate.refund_becomes(gate.refunds[str(payment.gateway_id)][0].id, "success")
    toll.stumbles = 1
    at.advance(minutes=361)
    again()
    assert (states(payment), toll.refunded) == (["success"], [])
    at.advance(seconds=61)
    tell_refunds_again()
    assert [each.amount for each in toll.refunded] == [500]


def test_refund_by_hand_over_which_a_service_stumbles_is_told_again_in_a_minute(
    paid: Pay, gate: PlayedGateway, toll: Toll, at: Clock
) -> None:
    payment = paid()
    made = gate.refund_by_hand(str(payment.gateway_id), 100)
    toll.stumbles = 1
    assert take_strange(payment.id, replace(made, state="success"))
    session().commit()
    at.advance(seconds=61)
    tell_refunds_again()
    assert [each.amount for each in toll.refunded] == [100]


def test_service_whose_row_is_held_is_told_again_and_nobody_is_alarmed(
    paid: Pay, gate: PlayedGateway, toll: Toll, cleaning_engine: Engine, at: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    payment = paid()
    gate.refund_state = "success"
    lock = text("select 1 from portal.account for no key update nowait")
    toll.meets = lambda: session().execute(lock)
    with cleaning_engine.begin() as other:
        other.execute(text("select 1 from portal.account for no key update"))
        give_back(payment, 500)
        work()
    assert (states(payment), toll.refunded) == (["success"], [])
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == []
    at.advance(seconds=61)
    tell_refunds_again()
    assert [each.amount for each in toll.refunded] == [500]


def test_service_that_is_not_here_hears_of_a_refund_when_it_is_back(
    pay_app: Flask, paid: Pay, gate: PlayedGateway, toll: Toll, at: Clock
) -> None:
    gate.refund_state = "success"
    payment = paid()
    declared = pay_app.extensions[payables.EXTENSION].pop((SERVICE, "bridge"))
    give_back(payment, 500)
    work()
    assert states(payment) == ["success"]
    pay_app.extensions[payables.EXTENSION][SERVICE, "bridge"] = declared
    for _minute in range(2):
        at.advance(minutes=2)
        tell_refunds_again()
    assert [each.amount for each in toll.refunded] == [500]


def test_refund_by_hand_that_is_listed_before_ours_does_not_make_ours_twice(
    paid: Pay, gate: PlayedGateway, at: Clock
) -> None:
    payment = paid()
    known = str(payment.gateway_id)
    give_back(payment, 500)
    gate.lose = {"refund"}
    work()
    (ours,) = gate.refunds[known]
    by_hand = gate.refund_by_hand(known, 100)
    gate.hidden = {ours.id}
    at.advance(minutes=4)
    again()
    assert gate.refunds[known] == [ours, by_hand]
    gate.hidden = set()
    at.advance(minutes=4)
    again()
    assert (gate.refunds[known], states(payment)) == ([ours, by_hand], ["submitted"])


def test_refund_goes_on_after_an_earlier_one_came_to_nothing(paid: Pay, gate: PlayedGateway, at: Clock) -> None:
    payment = paid()
    known = str(payment.gateway_id)
    give_back(payment, 500)
    work()
    (first,) = gate.refunds[known]
    at.advance(seconds=1)
    give_back(payment, 700)

    def breaks(act: str) -> None:
        if act == "refund":
            raise Unavailable

    gate.trouble = breaks
    work()
    gate.trouble = lambda _act: None
    gate.refund_becomes(first.id, "error")
    for _time in range(2):
        at.advance(minutes=4)
        again()
    assert states(payment) == ["error", "submitted"]
    assert [each.amount for each in gate.refunds[known]] == [500, 700]


def test_all_that_is_left_is_given_back_beside_what_is_on_its_way(paid: Pay, payer: Account) -> None:
    payment = paid()
    give_back(payment, 300)
    (line,) = payment.lines
    assert refund("system:toll", line_id=line.id, amount=None, reason="Closed.", key="rest").amount == 900
    with pytest.raises(Refused):
        refund("system:toll", line_id=line.id, amount=None, reason="Closed.", key="more")
    assert refunded(payer, payment) == 1200
