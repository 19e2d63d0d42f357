"""The stand-in for GOV.UK Pay gives money back, and finds payments and refunds, as Pay's reference says."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.integration.govuk_pay.test_standin_payments import refused
from tests.support.pay import TOKEN, Payer, Till, order, paid


def asked(amount: Any, available: Any) -> dict[str, Any]:
    """What a refund is asked for with."""
    return {"amount": amount, "refund_amount_available": available}


def summary(till: Till, payment_id: str) -> dict[str, Any]:
    """What can be refunded."""
    said: dict[str, Any] = till.call("GET", f"/payments/{payment_id}").json()["refund_summary"]
    return said


def test_money_is_given_back_in_parts_until_all_is(till: Till) -> None:
    made = paid(till, amount=1000)
    path = f"/payments/{made.id}/refunds"
    answer = till.call("POST", path, json=asked(400, 1000))
    assert answer.status_code == 202
    first = answer.json()
    assert (first["amount"], first["status"]) == (400, "success")
    assert summary(till, made.id) == {"status": "available", "amount_available": 600, "amount_submitted": 400}
    assert till.call("POST", path, json=asked(600, 600)).status_code == 202
    assert summary(till, made.id) == {"status": "full", "amount_available": 0, "amount_submitted": 1000}
    said = till.call("GET", path).json()
    assert [each["amount"] for each in said["_embedded"]["refunds"]] == [400, 600]
    assert till.call("GET", f"{path}/{first['refund_id']}").json()["payment_id"] == made.id
    assert refused(till.call("POST", path, json=asked(1, 0))) == (400, "P0603", "")
    assert till.sums() == {"payments": 1, "paid": 1, "taken": 1000, "refunded": 1000}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (asked(None, 1000), (400, "P0601", "amount")),
        (asked(100, None), (400, "P0601", "refund_amount_available")),
        (asked("100", 1000), (400, "P0602", "amount")),
        (asked(0, 1000), (422, "P0602", "amount")),
        (asked(10_000_001, 1000), (422, "P0602", "amount")),
        (asked(100, 999), (412, "P0604", "")),
        (asked(1001, 1000), (400, "P0603", "")),
    ],
    ids=["nothing", "no belief", "text", "none", "too much of all", "other belief", "more than paid"],
)
def test_a_refund_that_cannot_be_is_refused(till: Till, body: Any, expected: Any) -> None:
    made = paid(till, amount=1000)
    assert refused(till.call("POST", f"/payments/{made.id}/refunds", json=body)) == expected
    assert till.sums()["refunded"] == 0


def test_what_is_not_paid_cannot_be_refunded(till: Till) -> None:
    made = till.gateway().create(order())
    path = f"/payments/{made.id}"
    assert refused(till.call("POST", f"{path}/refunds", json=asked(1, 4800))) == (400, "P0603", "")
    till.befall(made.id, "declined")
    assert summary(till, made.id)["status"] == "unavailable"
    assert refused(till.call("POST", "/payments/nobody/refunds", json=asked(1, 1))) == (404, "P0600", "")


def test_a_refund_can_take_its_time(till: Till) -> None:
    till.behave(refunds="submitted", seconds=0)
    made = paid(till)
    till.webhooks()
    refund = till.call("POST", f"/payments/{made.id}/refunds", json=asked(100, 4800)).json()
    assert refund["status"] == "submitted"
    path = f"/payments/{made.id}/refunds/{refund['refund_id']}"
    assert till.call("GET", path).json()["status"] == "success"
    assert till.webhooks() == ["card_payment_refunded"]


def test_a_refund_that_fails_can_be_asked_for_again(till: Till) -> None:
    till.behave(refunds="error", seconds=0)
    made = paid(till)
    refund = till.call("POST", f"/payments/{made.id}/refunds", json=asked(4800, 4800)).json()
    path = f"/payments/{made.id}/refunds/{refund['refund_id']}"
    assert till.call("GET", path).json()["status"] == "error"
    assert summary(till, made.id) == {"status": "available", "amount_available": 4800, "amount_submitted": 0}


def test_payments_are_found_by_what_is_known_of_them(till: Till) -> None:
    made = [till.gateway().create(order(reference=f"PAY-{n}")) for n in range(3)]
    till.befall(made[1].id, "success")

    def found(**query: str) -> list[str]:
        return [each["reference"] for each in till.call("GET", "/payments", params=query).json()["results"]]

    assert found() == ["PAY-2", "PAY-1", "PAY-0"], "newest first"
    assert found(reference="pay-1") == ["PAY-1"], "whatever its case"
    assert found(state="created") == ["PAY-2", "PAY-0"]
    assert found(state="success", card_brand="visa") == ["PAY-1"]
    assert found(last_digits_card_number="4242", first_digits_card_number="424242") == ["PAY-1"]
    assert found(cardholder_name="somebody at the panel") == ["PAY-1"]
    assert found(agreement_id="none") == []
    assert found(from_settled_date="2026-01-01") == []
    till.befall(made[1].id, "settled")
    today = datetime.now(UTC).date()
    assert found(from_settled_date=str(today - timedelta(1)), to_settled_date=str(today + timedelta(1))) == ["PAY-1"]
    assert found(to_settled_date=str(today - timedelta(1))) == []


def test_payments_and_refunds_are_found_by_when_they_were_made(till: Till) -> None:
    made = paid(till)
    till.gateway().refund(made.id, amount=100, available=4800)
    now = datetime.now(UTC)
    before, after = ((now + timedelta(minutes=n)).strftime("%Y-%m-%dT%H:%M:%SZ") for n in (-5, 5))
    for path in ("/payments", "/refunds"):
        for query, count in (({"from_date": before, "to_date": after}, 1), ({"from_date": after}, 0)):
            said = till.call("GET", path, params=query).json()
            assert (said["total"], said["count"]) == (count, count)
        assert till.call("GET", path, params={"to_date": before}).json()["total"] == 0


def test_a_search_comes_in_pages_that_lead_to_each_other(till: Till) -> None:
    for n in range(5):
        till.gateway().create(order(reference=f"PAY-{n}"))
    said = till.call("GET", "/payments", params={"display_size": "2", "page": "2"}).json()
    assert (said["total"], said["count"], said["page"]) == (5, 2, 2)
    seen = []
    answer = till.call("GET", "/payments", params={"display_size": "2"}).json()
    while True:
        seen += [each["reference"] for each in answer["results"]]
        if "next_page" not in answer["_links"]:
            break
        answer = till.call("GET", answer["_links"]["next_page"]["href"].removeprefix(f"{till.url}/v1")).json()
    assert seen == [f"PAY-{n}" for n in (4, 3, 2, 1, 0)]
    assert set(answer["_links"]) == {"self", "first_page", "last_page", "prev_page"}
    assert refused(till.call("GET", "/payments", params={"page": "2"})) == (404, "P0402", "")
    assert refused(till.call("GET", "/refunds", params={"page": "2"})) == (404, "P1100", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from_date", "yesterday"),
        ("to_date", "2026-11-22"),
        ("to_date", "2026-11-22T10:00:00"),
        ("page", "0"),
        ("page", "x"),
        ("display_size", "501"),
        ("from_settled_date", "22/11/2026"),
        ("to_settled_date", "2026-02-30"),
    ],
)
def test_a_search_that_cannot_be_understood_is_refused(till: Till, name: str, value: str) -> None:
    for path, code in (("/payments", "P0401"), ("/refunds", "P1101")):
        answer = till.call("GET", path, params={name: value})
        assert refused(answer) == (422, code, "")
        assert f": {name}." in answer.json()["description"]


@pytest.mark.parametrize(
    ("name", "value"), [("state", "paid"), ("first_digits_card_number", "42"), ("reference", "x" * 256)]
)
def test_a_search_by_what_a_payment_cannot_have_is_refused(till: Till, name: str, value: str) -> None:
    assert refused(till.call("GET", "/payments", params={name: value})) == (422, "P0401", "")


def test_lists_can_lag_behind(till: Till) -> None:
    made = paid(till)
    till.gateway().refund(made.id, amount=100, available=4800)
    till.behave(lag_seconds=600)
    assert till.call("GET", "/payments").json()["total"] == 0
    assert till.call("GET", "/refunds").json()["total"] == 0
    assert till.call("GET", f"/payments/{made.id}/refunds").json()["_embedded"]["refunds"] == []
    assert summary(till, made.id)["amount_submitted"] == 100, "what is said of one payment never lags"


def test_what_cannot_be_kept_is_nowhere(till: Till) -> None:
    assert till.call("GET", "/payments/a%00b").status_code == 404
    assert till.call("GET", "/payments?reference=a%00b").status_code == 404
    assert "P0200" in Payer().follow(f"{till.url}/secure/%00")


def test_many_refunds_at_once_never_give_more_back_than_was_paid(till: Till) -> None:
    made = paid(till, amount=1000)

    def try_once(_: int) -> int:
        with requests.Session() as web:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            body = asked(400, 1000)
            answer = web.post(f"{till.url}/v1/payments/{made.id}/refunds", json=body, headers=headers, timeout=10)
            return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(try_once, range(8)))
    assert statuses == [202] + [412] * 7
    assert till.sums()["refunded"] == 400
