"""What the gateway sends of itself: believed about nothing, lost never."""

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.accounts.values import Account
from portal.db.session import session
from portal.payments import paying, receipts
from portal.payments.values import Payment
from tests.integration.payments.conftest import Pay, books, count, fill, settled
from tests.integration.payments.test_beside import charged, loose
from tests.integration.payments.test_paying_in_trouble import order_of
from tests.support.pay import SECRET
from tests.support.payments import PlayedGateway, Toll, new_key
from tests.support.worker import work


def message(payment: Payment, **changes: Any) -> dict[str, Any]:
    """As GOV.UK Pay sends them; the resource has more in it than we read."""
    resource = {"payment_id": payment.gateway_id, "reference": payment.reference, "amount": payment.amount}
    return {
        "webhook_message_id": "12345abcdef",
        "api_version": 1,
        "created_date": "2026-11-22T09:00:00.000Z",
        "resource_id": payment.gateway_id,
        "resource_type": "payment",
        "event_type": "card_payment_succeeded",
        "resource": resource | {"email": "pat@tests.example", "state": {"status": "success", "finished": True}},
    } | changes


def send(app: Flask, content: Any, signature: str | None = None, body: bytes | None = None) -> TestResponse:
    """Post it as Pay does, signed unless the test says otherwise."""
    sent = json.dumps(content).encode() if body is None else body
    signed = hmac.new(SECRET.encode(), sent, sha256).hexdigest() if signature is None else signature
    headers = {"Pay-Signature": signed, "Content-Type": "application/json"}
    return app.test_client().post("/payments/events", data=sent, headers=headers)


def test_message_makes_us_ask_and_the_answer_counts(
    pay_app: Flask, begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account
) -> None:
    payment = begun()
    gate.becomes(str(payment.gateway_id), "success")
    answer = send(pay_app, message(payment))
    assert (answer.status_code, answer.json) == (200, {"result": "asked"})
    assert not toll.paid  # answered at once; the asking comes after
    assert "payments.ask" in work()
    assert receipts.get_payment(payer, payment.reference).state == "paid"


def test_message_that_says_paid_does_not_make_it_so(pay_app: Flask, begun: Pay, toll: Toll, payer: Account) -> None:
    payment = begun()
    assert send(pay_app, message(payment)).status_code == 200
    work()
    assert receipts.get_payment(payer, payment.reference).state == "started"
    assert (toll.paid, books()) == ([], {})


def test_messages_twice_late_and_out_of_order_lead_to_one_end(
    pay_app: Flask, begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account
) -> None:
    payment = begun()
    gate.becomes(str(payment.gateway_id), "success")
    for id, kind in [("m2", "captured"), ("m1", "succeeded"), ("m2", "captured"), ("m3", "settled")]:
        sent = message(payment, webhook_message_id=id, event_type=f"card_payment_{kind}")
        assert send(pay_app, sent).status_code == 200
    work()
    assert count("payment_event") == 3
    assert len(toll.paid) == 1
    assert books() == {"gateway": 1200, "toll": -1200}


@pytest.mark.parametrize(
    "signature", ["", "0" * 64, "é" * 64, None], ids=["none", "wrong", "not-ascii", "of-another-body"]
)
def test_wrong_signature_is_refused_and_nothing_is_kept(
    pay_app: Flask, begun: Pay, gate: PlayedGateway, caplog: pytest.LogCaptureFixture, signature: str | None
) -> None:
    payment = begun()
    body = json.dumps(message(payment)).encode()
    signed = hmac.new(SECRET.encode(), body + b" ", sha256).hexdigest() if signature is None else signature
    headers = {"Pay-Signature": signed.encode().decode("latin-1"), "Content-Type": "application/json"}
    answer = pay_app.test_client().post("/payments/events", data=body, headers=headers)
    assert (answer.status_code, answer.json) == (401, {"error": "the signature is not right"})
    assert count("payment_event") == 0
    assert f"it claims to be 12345abcdef about payment {payment.gateway_id}" in caplog.text
    assert "pat@tests.example" not in caplog.text


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"\xff", b'{"resource_id": 7}', b'{"resource_id": "a\\nb"}', b'{"resource_id": "pat@tests"}'],
    ids=repr,
)
def test_nothing_else_of_an_unsigned_message_is_logged(
    pay_app: Flask, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    assert send(pay_app, None, signature="0" * 64, body=body).status_code == 401
    assert "it claims to be none about payment none" in caplog.text


def test_unknown_payment_is_refused_in_words_kept_and_taken_when_it_comes_again(
    pay_app: Flask, begun: Pay, gate: PlayedGateway, caplog: pytest.LogCaptureFixture
) -> None:
    payment = begun()
    sent = message(payment, resource_id="nobodys", resource={"reference": "other", "amount": 5, "email": "x@y.example"})
    answer = send(pay_app, sent)
    assert (answer.status_code, answer.json) == (404, {"error": "no such payment here"})
    assert session().execute(text("select result, gateway_id from portal.payment_event")).all() == [
        ("unknown", "nobodys")
    ]
    assert "12345abcdef" in caplog.text
    assert "x@y.example" not in caplog.text
    session().rollback()
    assert send(pay_app, message(payment)).status_code == 200
    session().rollback()
    assert session().execute(text("select result from portal.payment_event")).all() == [("asked",)]


def test_another_amount_is_refused_in_words_and_the_gateway_is_asked(
    pay_app: Flask, begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account
) -> None:
    payment = begun()
    gate.becomes(str(payment.gateway_id), "success")
    answer = send(pay_app, message(payment, resource={"reference": payment.reference, "amount": 1}))
    assert answer.status_code == 409
    work()
    assert receipts.get_payment(payer, payment.reference).is_paid
    assert [each.amount for each in toll.paid] == [1200]


def test_message_that_overtakes_our_own_answer_finds_its_payment(
    pay_app: Flask, gate: PlayedGateway, toll: Toll, payer: Account
) -> None:
    fill(payer, "a")
    begun = paying.begin(payer, key=new_key(), total=1200)
    session().commit()
    made = gate.create(order_of(begun.payment))
    gate.becomes(made.id, "success")
    assert send(pay_app, message(begun.payment, resource_id=made.id)).status_code == 200
    work()
    found = receipts.get_payment(payer, begun.payment.reference)
    assert (found.state, found.gateway_id) == ("paid", made.id)


def test_message_about_money_of_another_amount_is_about_what_was_taken_in_for_it(
    pay_app: Flask, begun: Pay, gate: PlayedGateway
) -> None:
    payment = begun()
    charged(gate, payment, 9)
    settled(payment)
    beside = loose()
    assert beside.gateway_id == payment.gateway_id
    settled(beside)  # touched last, so that ours lies before it in the table
    answer = send(pay_app, message(payment, resource={"reference": payment.reference, "amount": 9}))
    assert (answer.status_code, answer.json) == (200, {"result": "asked"})
    session().rollback()
    assert session().execute(text("select payment_id from portal.payment_event")).scalar_one() == beside.id


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"webhook_message_id": "a"}', b'{"webhook_message_id": "a\\u0000"}', b"\xff\xfe"],
    ids=["empty", "cut-off", "list", "null", "without-fields", "with-nul", "not-text"],
)
def test_what_is_no_message_is_refused_without_its_words(pay_app: Flask, body: bytes) -> None:
    answer = send(pay_app, None, body=body)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"] == "not a message of the gateway"


def test_message_without_end_is_refused(pay_app: Flask) -> None:
    assert send(pay_app, None, body=b" " * 70_000).status_code == 413
