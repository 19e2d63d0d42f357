"""What holds calls to Pay's description fails where it should."""

import json
from typing import Any

import pytest
import requests
from jsonschema.exceptions import ValidationError

from tests.support.govuk_pay.described import check
from tests.support.pay import PATH, Till

PAYMENT = "/payments/hu20sqlact5260q2nanm0q8u93"


def call(method: str, path: str, status: int, body: Any, *, sent: Any = None, kind: str = "application/json") -> None:
    """Check a call that was never made."""
    answer = requests.Response()
    answer.request = requests.Request(method, f"http://pay.example{PATH}/v1{path}", json=sent).prepare()
    answer.status_code = status
    answer.headers["Content-Type"] = kind
    answer._content = json.dumps(body).encode()  # there is no public way to make an answer
    check(answer, prefix=PATH)


@pytest.fixture
def said(till: Till) -> dict[str, Any]:
    """A payment as the stand-in tells it."""
    asked = {"amount": 100, "reference": "PAY-1", "description": "A permit", "return_url": "https://a.example/"}
    made: dict[str, Any] = till.call("POST", "/payments", json=asked).json()
    return made


def test_a_good_answer_is_good(said: dict[str, Any]) -> None:
    call("GET", PAYMENT, 200, said)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "100"},
        {"surprise": 1},
        {"state": {"status": "created"}},
        {"state": {"status": "created", "finished": "no"}},
        {"language": "fr"},
        {"_links": {}},
        {"refund_summary": None},
    ],
    ids=["type", "not named", "left out", "deep", "not one of them", "links", "null"],
)
def test_an_answer_that_is_not_as_described_is_noticed(said: dict[str, Any], changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        call("GET", PAYMENT, 200, said | changes)


def test_a_property_that_is_always_there_is_missed(said: dict[str, Any]) -> None:
    del said["payment_id"]
    with pytest.raises(ValidationError):
        call("GET", PAYMENT, 200, said)


def test_what_is_not_described_at_all_is_noticed(said: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        call("GET", PAYMENT, 418, {})
    with pytest.raises(AssertionError):
        call("GET", PAYMENT, 200, said, kind="text/html")
    with pytest.raises(AssertionError):
        call("GET", "/payments?surprise=1", 200, {})
    with pytest.raises(StopIteration):
        call("GET", "/surprises", 200, {})


def test_a_request_that_is_not_as_described_is_noticed(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        call("POST", "/payments", 201, said, sent={"amount": "100"})
    with pytest.raises(ValidationError):
        call("POST", f"{PAYMENT}/refunds", 202, said, sent={"amount": 0, "refund_amount_available": 100})
