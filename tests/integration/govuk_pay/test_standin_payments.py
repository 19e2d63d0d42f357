"""The stand-in for GOV.UK Pay makes, tells, finds and ends payments as Pay's reference says.

Each answer, and each request of ours that was taken, is held to Pay's OpenAPI document by `Till`.
"""

from datetime import timedelta
from typing import Any

import pytest
import requests

from portal import clock
from tests.support.govuk_pay.described import DOCUMENT
from tests.support.pay import PATH, Payer, Till, order, paid

ORDER: dict[str, Any] = {
    "amount": 4800,
    "reference": "PAY-1",
    "description": "Resident permit",
    "return_url": "http://localhost/payments/back/secret",
}


def refused(answer: requests.Response) -> tuple[int, str, str]:
    """Status, code, and what is minded."""
    said = answer.json()
    return answer.status_code, said["code"], said.get("field", said.get("header", ""))


@pytest.mark.parametrize("token", ["", "wrong", "api_test_of-the-tests-alon\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_only_who_shows_the_key_is_let_in(till: Till, token: str) -> None:
    assert till.call("GET", "/payments", token=token.encode().decode("latin-1")).status_code == 401


def test_a_payment_is_made_as_asked(till: Till) -> None:
    asked = ORDER | {"language": "cy", "email": "a@b.example", "metadata": {"ledger": "4711"}, "delayed_capture": True}
    answer = till.call("POST", "/payments", json=asked)
    assert answer.status_code == 201
    said = answer.json()
    assert {name: said[name] for name in asked} == asked
    assert said["state"] == {"status": "created", "finished": False}
    assert said["refund_summary"] == {"status": "pending", "amount_available": 4800, "amount_submitted": 0}
    assert len(said["payment_id"]) == 26
    assert set(said["_links"]) == {"self", "events", "refunds", "cancel", "next_url", "next_url_post"}
    assert said["_links"]["self"]["href"] == f"{till.url}/v1/payments/{said['payment_id']}"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"amount": None}, (400, "P0101", "amount")),
        ({"reference": None}, (400, "P0101", "reference")),
        ({"description": None}, (400, "P0101", "description")),
        ({"return_url": None}, (400, "P0101", "return_url")),
        ({"amount": 29}, (422, "P0102", "amount")),
        ({"amount": 10_000_001}, (422, "P0102", "amount")),
        ({"amount": "4800"}, (422, "P0102", "amount")),
        ({"amount": 48.5}, (422, "P0102", "amount")),
        ({"amount": True}, (422, "P0102", "amount")),
        ({"reference": "x" * 256}, (422, "P0102", "reference")),
        ({"reference": 7}, (422, "P0102", "reference")),
        ({"description": "a\0b"}, (422, "P0102", "description")),
        ({"return_url": "javascript:alert(1)"}, (422, "P0102", "return_url")),
        ({"return_url": "https://[half"}, (422, "P0102", "return_url")),
        ({"return_url": f"https://a.example/{'x' * 2000}"}, (422, "P0102", "return_url")),
        ({"language": "fr"}, (422, "P0102", "language")),
        ({"email": "a" * 255}, (422, "P0102", "email")),
        ({"delayed_capture": "yes"}, (422, "P0102", "delayed_capture")),
        ({"metadata": {}}, (422, "P0102", "metadata")),
        ({"metadata": {str(n): n for n in range(16)}}, (422, "P0102", "metadata")),
        ({"metadata": {"k" * 31: "v"}}, (422, "P0102", "metadata")),
        ({"metadata": {"k": "v" * 101}}, (422, "P0102", "metadata")),
        ({"metadata": {"k": ["v"]}}, (422, "P0102", "metadata")),
        ({"moto": True}, (422, "P0196", "")),
        ({"authorisation_mode": "moto_api"}, (422, "P0195", "")),
        ({"authorisation_mode": "agreement"}, (400, "P0102", "agreement_id")),
        ({"authorisation_mode": "post"}, (422, "P0102", "authorisation_mode")),
        ({"prefilled_cardholder_details": "J. Bogs"}, (422, "P0102", "prefilled_cardholder_details")),
        ({"prefilled_cardholder_details": {"billing_address": []}}, (422, "P0102", "prefilled_cardholder_details")),
        ({"prefilled_cardholder_details": {"cardholder_name": "x" * 256}}, (422, "P0102", "cardholder_name")),
        ({"prefilled_cardholder_details": {"cardholder_name": 7}}, (422, "P0102", "cardholder_name")),
        ({"prefilled_cardholder_details": {"billing_address": {"postcode": "x" * 26}}}, (422, "P0102", "postcode")),
        ({"prefilled_cardholder_details": {"billing_address": {"country": "GBR"}}}, (422, "P0102", "country")),
        ({"prefilled_cardholder_details": {"billing_address": {"country": "uk"}}}, (422, "P0102", "country")),
        ({"set_up_agreement": "x" * 26}, (400, "P0103", "")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else str(value[1]) if value else "",
)
def test_a_payment_that_is_not_as_it_has_to_be_is_refused(till: Till, changes: Any, expected: Any) -> None:
    assert refused(till.call("POST", "/payments", json=ORDER | changes)) == expected
    assert till.sums()["payments"] == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff"], ids=repr)
def test_what_is_no_json_object_is_refused(till: Till, body: bytes) -> None:
    made, kind = paid(till), {"Content-Type": "application/json"}
    assert refused(till.call("POST", "/payments", data=body, headers=kind)) == (400, "P0197", "")
    assert refused(till.call("POST", f"/payments/{made.id}/refunds", data=body, headers=kind)) == (400, "P0697", "")


@pytest.mark.parametrize("sign", ["<", ">", '"', "\\", "|"])
def test_the_firewall_fears_some_signs(till: Till, sign: str) -> None:
    for changes in ({"description": f"a{sign}b"}, {"metadata": {"k": sign}}, {"other": [{"deep": sign}]}):
        assert refused(till.call("POST", "/payments", json=ORDER | changes)) == (400, "P0920", "")


def test_the_firewall_wants_writes_to_say_that_they_are_json(till: Till) -> None:
    assert refused(till.call("POST", "/payments", data=ORDER)) == (400, "P0920", "")


@pytest.mark.parametrize("key", ["a b", "x" * 256, "under_score", ""], ids=["space", "long", "sign", "empty"])
def test_an_idempotency_key_that_is_none_is_refused(till: Till, key: str) -> None:
    answer = till.call("POST", "/payments", json=ORDER, headers={"Idempotency-Key": key})
    assert refused(answer) == (422, "P0102", "Idempotency-Key")


def test_a_key_that_is_heeded_makes_one_payment(till: Till) -> None:
    till.behave(keys="heeded")
    key = {"Idempotency-Key": "key-1"}
    first = till.call("POST", "/payments", json=ORDER, headers=key)
    second = till.call("POST", "/payments", json=ORDER, headers=key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["payment_id"] == second.json()["payment_id"]
    other = till.call("POST", "/payments", json=ORDER | {"amount": 1}, headers=key)
    assert refused(other) == (422, "P0102", "amount")
    other = till.call("POST", "/payments", json=ORDER | {"amount": 4900}, headers=key)
    assert refused(other) == (409, "P0191", "")
    assert till.sums()["payments"] == 1


def test_a_key_is_not_heeded_by_default_as_pay_heeds_those_of_recurring_payments_only(till: Till) -> None:
    key = {"Idempotency-Key": "key-1"}
    made = {till.call("POST", "/payments", json=ORDER, headers=key).json()["payment_id"] for _ in range(2)}
    assert len(made) == 2


def test_nobody_can_pay_for_ever(till: Till) -> None:
    pay = till.gateway()
    made = pay.create(order())
    assert made.created_at - clock.now() < timedelta(seconds=5)
    till.befall(made.id, "expired")
    found = till.call("GET", f"/payments/{made.id}").json()
    assert found["state"] == {"status": "failed", "finished": True, "code": "P0020", "message": "Payment expired"}
    assert "next_url" not in found["_links"]
    assert "cancel" not in found["_links"]


def test_time_alone_lets_a_payment_expire(till: Till) -> None:
    till.behave(expiry_minutes=1e-9)
    pay = till.gateway()
    made = pay.create(order())
    assert pay.get(made.id).is_expired
    assert till.webhooks() == ["card_payment_expired"]


def test_what_happened_is_told_in_order(till: Till) -> None:
    made = paid(till)
    said = till.call("GET", f"/payments/{made.id}/events").json()
    assert [each["state"]["status"] for each in said["events"]] == ["created", "started", "submitted", "success"]
    assert {each["payment_id"] for each in said["events"]} == {made.id}


def test_a_payment_with_delayed_capture_waits_for_the_service(till: Till) -> None:
    made = till.call("POST", "/payments", json=ORDER | {"delayed_capture": True}).json()
    path = f"/payments/{made['payment_id']}"
    assert refused(till.call("POST", f"{path}/capture")) == (409, "P1003", "")
    payer = Payer()
    payer.follow(made["_links"]["next_url"]["href"])
    payer.type_card()
    payer.press(1)
    waiting = till.call("GET", path).json()
    assert waiting["state"] == {"status": "capturable", "finished": False}
    assert {"capture", "cancel"} <= set(waiting["_links"])
    assert till.call("POST", f"{path}/capture").status_code == 204
    taken = till.call("GET", path).json()
    assert taken["state"]["status"] == "success"
    assert set(taken["settlement_summary"]) == {"capture_submit_time", "captured_date"}
    assert till.webhooks() == ["card_payment_succeeded", "card_payment_captured"]


def test_a_payment_can_be_called_off_until_it_is_finished(till: Till) -> None:
    pay = till.gateway()
    made = pay.create(order())
    assert till.call("POST", f"/payments/{made.id}/cancel").status_code == 204
    assert pay.get(made.id).state == "cancelled"
    assert refused(till.call("POST", f"/payments/{made.id}/cancel")) == (400, "P0501", "")
    assert refused(till.call("POST", "/payments/nobody/cancel")) == (404, "P0500", "")
    assert till.webhooks() == []


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/payments/nobody", "P0200"),
        ("GET", "/payments/nobody/events", "P0300"),
        ("POST", "/payments/nobody/cancel", "P0500"),
        ("POST", "/payments/nobody/capture", "P1000"),
        ("GET", "/payments/nobody/refunds", "P0800"),
        ("GET", "/payments/nobody/refunds/none", "P0700"),
        ("GET", "/agreements/nobody", "P2200"),
        ("POST", "/agreements/nobody/cancel", "P2500"),
    ],
)
def test_what_is_not_there_is_not_found(till: Till, method: str, path: str, code: str) -> None:
    assert refused(till.call(method, path)) == (404, code, "")


def test_a_service_without_agreements_telephone_payments_and_disputes_is_told_so(till: Till) -> None:
    for path in ("/agreements", "/disputes"):
        assert till.call("GET", path).json()["results"] == []
    wanted = {"reference": "a", "description": "b"}
    assert refused(till.call("POST", "/agreements", json=wanted))[:2] == (422, "P0942")
    assert refused(till.call("POST", "/auth", json={}))[:2] == (400, "P1211")


def test_every_path_of_the_document_is_answered(till: Till) -> None:
    named = {path.replace("Id}", "_id}"): set(map(str.upper, acts)) for path, acts in DOCUMENT["paths"].items()}
    served: dict[str, set[str]] = {}
    for rule in till.standin.url_map.iter_rules():
        path = rule.rule.replace("<", "{").replace(">", "}")
        served.setdefault(path, set()).update(rule.methods or ())
    assert {path for path, acts in named.items() if not acts <= served.get(path, set())} == set()


def test_too_many_writes_in_a_second_are_refused(till: Till) -> None:
    till.behave(per_second=3)
    answers = [till.call("POST", "/payments", json=ORDER) for _ in range(4)]
    assert [each.status_code for each in answers] == [201, 201, 201, 429]
    assert refused(answers[-1]) == (429, "P0900", "")
    made = answers[0].json()["payment_id"]
    assert till.call("POST", f"/payments/{made}/cancel").status_code == 204, "other writes are counted apart"
    assert till.call("GET", f"/payments/{made}").status_code == 200


def test_the_path_of_the_stand_in_is_the_one_of_the_demo(till: Till) -> None:
    assert till.url.endswith(PATH)
