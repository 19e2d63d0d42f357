"""What is kept of a payer, handed over, and forgotten."""

import json

from flask import Flask

from portal.accounts.values import Account
from portal.db.session import session
from portal.payments import forgetting, receipts
from portal.payments.baskets import basket_of
from tests.integration.payments.conftest import Pay, books, fill, outcomes, settled
from tests.integration.payments.test_refunds import give_back
from tests.support.fixtures import Clock
from tests.support.payments import PlayedGateway, Toll
from tests.support.people import someone


def test_payer_gets_all_that_is_kept(paid: Pay, payer: Account) -> None:
    payment = paid("a")
    give_back(payment, 100)
    fill(payer, "b")
    told = forgetting.everything_about(payer.id)
    assert [each["key"] for each in told["basket"]] == ["b"]
    assert [(each["reference"], each["lines"][0]["refunded"]) for each in told["payments"]] == [
        (payment.reference, 100)
    ]
    assert [each["reason"] for each in told["refunds"]] == ["You moved away."]
    json.dumps(told, default=str)


def test_forgotten_payer_leaves_the_books_and_nothing_of_themselves(paid: Pay, payer: Account, toll: Toll) -> None:
    payment = paid("a")
    give_back(payment, 100)
    fill(payer, "b")
    forgetting.forget(payer.id)
    session().commit()
    assert (basket_of(payer).lines, receipts.payments_of(payer)) == ([], ([], None))
    kept = receipts.find_for_staff(payment.reference)
    assert kept is not None
    assert (kept.account_id, kept.amount) == (None, 1200)
    assert [each.reason for each in receipts.refunds_of(kept.id)] == [""]
    assert books() == {"gateway": 1200, "toll": -1100, "refunds": -100}


def test_money_of_a_forgotten_payer_is_recorded_and_their_service_decides(
    begun: Pay, gate: PlayedGateway, payer: Account, toll: Toll
) -> None:
    payment = begun()
    forgetting.forget(payer.id)
    session().commit()
    toll.takes = lambda paid: paid.account_id is not None
    gate.becomes(str(payment.gateway_id), "success")
    assert outcomes(settled(payment)) == ["not_wanted"]
    assert books() == {"gateway": 1200, "suspense": -1200}


def test_old_payments_are_let_go_and_so_are_old_baskets(paid: Pay, payer: Account, at: Clock) -> None:
    payment = paid("a")
    fill(payer, "b")
    at.advance(days=7 * 365 - 1)
    forgetting.let_go()
    assert receipts.get_payment(payer, payment.reference).account_id == payer.id
    assert not basket_of(payer).lines
    at.advance(days=2)
    forgetting.let_go()
    found = receipts.find_for_staff(payment.reference)
    assert found is not None
    assert found.account_id is None


def test_basket_that_staff_filled_goes_to_whoever_claims_the_account(
    pay_app: Flask, payer: Account, toll: Toll, gate: PlayedGateway
) -> None:
    caller = someone(pay_app, "Caller")
    fill(caller, "a", "b")
    fill(payer, "b")
    forgetting.hand_over(caller.id, payer.id)
    session().commit()
    assert sorted(line.key for line in basket_of(payer).lines) == ["a", "b"]
    assert not basket_of(caller).lines
