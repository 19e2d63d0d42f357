"""Our client of GOV.UK Pay, over HTTP: what it understands, what it asks again, and what it makes of trouble."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, Response, request
from werkzeug.serving import make_server

from portal import outbound
from portal.backoffices.breaker import Breaker
from portal.errors import NotFound, Unavailable
from portal.payments import govuk_pay
from portal.payments.gateway import AmountMoved, CannotCancel, GatewayRefused, KeyUsed, NotSetUp
from portal.payments.govuk_pay import GovukPay
from portal.payments.govuk_pay_line import Line
from tests.support.pay import Till, order, paid

PAYMENT: Mapping[str, Any] = {
    "amount": 4800,
    "reference": "PAY-1",
    "description": "Resident permit",
    "state": {"status": "created", "finished": False, "code": None, "brand_new": 1},
    "payment_id": "hu20sqlact5260q2nanm0q8u93",
    "created_date": "2026-11-22T10:00:00.123Z",
    "refund_summary": {"status": "pending", "amount_available": None, "amount_submitted": 0},
    "_links": {"next_url": {"href": "https://pay.example/secure/1", "method": "GET"}, "cancel": None},
    "a_property_of_tomorrow": [1],
}
"""As Pay writes it: with null for what is not there, and with what we have never heard of."""
FOUND = f"/payments/{PAYMENT['payment_id']}"


def test_a_payment_is_made_and_told_of(pay: GovukPay) -> None:
    wanted = order(language="cy")
    made = pay.create(wanted)
    assert (made.amount, made.reference, made.state) == (wanted.amount, wanted.reference, "created")
    assert (made.refundable, made.refund_available, made.refunded, made.fee) == ("pending", 4800, 0, None)
    assert made.next_url
    assert not made.is_finished
    assert abs(made.created_at - datetime.now(UTC)) < timedelta(minutes=10)
    again = pay.get(made.id)
    assert again.next_url not in ("", made.next_url)
    assert pay.find_by_reference(wanted.reference)[0].next_url == ""


def test_what_pays_firewall_fears_is_written_otherwise(till: Till, pay: GovukPay) -> None:
    made = pay.create(order(description='Permit <A> for "CO2" | zone \\ 5'))
    said = till.call("GET", f"/payments/{made.id}").json()
    assert said["description"] == "Permit ‹A› for ”CO2” / zone / 5"


def test_its_ends_are_understood(till: Till, pay: GovukPay) -> None:
    ends = {}
    for fate in ("success", "declined", "cancelled", "expired"):
        made = pay.create(order())
        till.befall(made.id, fate)
        ends[fate] = pay.get(made.id)
    assert {fate: (each.state, each.code) for fate, each in ends.items()} == {
        "success": ("success", ""),
        "declined": ("failed", "P0010"),
        "cancelled": ("failed", "P0030"),
        "expired": ("failed", "P0020"),
    }
    assert [each.is_finished for each in ends.values()] == [True] * 4
    assert [each.is_paid for each in ends.values()] == [True, False, False, False]
    assert [each.is_expired for each in ends.values()] == [False, False, False, True]
    assert {each.next_url for each in ends.values()} == {""}


def test_it_is_found_by_reference_in_the_very_letters(pay: GovukPay) -> None:
    made = [pay.create(order(reference=reference)).id for reference in ("PAY-1", "pay-1", "PAY-1", "PAY-2")]
    assert [each.id for each in pay.find_by_reference("PAY-1")] == [made[2], made[0]]
    assert list(pay.find_by_reference("PAY-3")) == []


def test_it_is_called_off(till: Till, pay: GovukPay) -> None:
    made = pay.create(order())
    pay.cancel(made.id)
    assert pay.get(made.id).state == "cancelled"
    with pytest.raises(CannotCancel):
        pay.cancel(made.id)


def test_money_is_given_back_and_what_became_of_it_is_asked(till: Till, pay: GovukPay) -> None:
    made = paid(till, amount=1000)
    till.behave(refunds="submitted", seconds=600)
    first = pay.refund(made.id, amount=400, available=1000)
    assert (first.payment_id, first.amount, first.state) == (made.id, 400, "submitted")
    with pytest.raises(AmountMoved):
        pay.refund(made.id, amount=400, available=1000)
    with pytest.raises(GatewayRefused) as caught:
        pay.refund(made.id, amount=700, available=600)
    assert caught.value.code == "P0603"
    second = pay.refund(made.id, amount=600, available=600)
    assert list(pay.refunds_of(made.id)) == [first, second]
    assert pay.get_refund(made.id, second.id) == second
    now = pay.get(made.id)
    assert (now.refundable, now.refund_available, now.refunded) == ("full", 0, 1000)


def test_pages_of_a_search_are_followed(till: Till, pay: GovukPay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(govuk_pay, "PAGE", 2)
    begun, soon = datetime.now(UTC), timedelta(minutes=10)
    made = paid(till, reference="PAY-1")
    for _ in range(3):
        pay.refund(made.id, amount=10, available=pay.get(made.id).refund_available)
    for _ in range(4):
        pay.create(order(reference="PAY-1"))
    assert len(pay.find_by_reference("PAY-1")) == 5
    ask: tuple[Callable[..., Any], int]
    for ask in ((pay.payments_between, 5), (pay.refunds_between, 3)):
        seen, page = [], 1
        while page:
            had = ask[0](begun - soon, begun + soon, page=page)
            seen += had.items
            page = had.next_page
        assert len({each.id for each in seen}) == len(seen) == ask[1]
        beyond = ask[0](begun - soon, begun + soon, page=99)
        assert (list(beyond.items), beyond.next_page) == ([], None), "a page that is gone is the end"
    assert list(pay.payments_between(begun + timedelta(days=1), begun + timedelta(days=2)).items) == []


def test_what_pay_refuses_is_said_by_its_code(till: Till, pay: GovukPay) -> None:
    with pytest.raises(GatewayRefused) as caught:
        pay.create(order(amount=29))
    assert (caught.value.code, caught.value.field, caught.value.sentence) == ("P0102", "amount", "")
    till.behave(keys="heeded")
    pay.create(order(key="one"))
    with pytest.raises(KeyUsed):
        pay.create(order(key="one", amount=1000))


@pytest.mark.parametrize("name", ["nobody", "", "../refunds", "a/b", "a?b", "\N{GREEK SMALL LETTER ALPHA}", "a b"])
def test_what_is_no_payment_is_not_found(till: Till, pay: GovukPay, name: str) -> None:
    for ask in (pay.get, pay.cancel, pay.refunds_of):
        with pytest.raises(NotFound):
            ask(name)
    with pytest.raises(NotFound):
        pay.get_refund(paid(till).id, name)


@pytest.mark.parametrize("answers", ["down", "wrong", "busy", "unsaid"])
def test_trouble_is_one_thing_to_those_who_call(till: Till, pay: GovukPay, answers: str) -> None:
    till.behave(answers=answers)
    with pytest.raises(Unavailable, match="cannot reach the payment service") as caught:
        pay.create(order(reference="PAY-1"))
    assert not isinstance(caught.value, NotSetUp)
    till.behave()
    made = pay.find_by_reference("PAY-1")
    assert len(made) == (1 if answers == "unsaid" else 0), "what was done is found; nothing is done twice"


def test_a_slow_answer_is_waited_for_so_long_and_no_longer(till: Till, pay: GovukPay) -> None:
    till.behave(answers="slow", seconds=1)
    began = time.monotonic()
    with outbound.within(0.2), pytest.raises(Unavailable):
        pay.create(order(reference="PAY-1"))
    assert time.monotonic() - began < 0.8
    till.behave()
    assert len(pay.find_by_reference("PAY-1")) == 1


def test_nobody_listens(till: Till) -> None:
    nowhere = GovukPay(Line("http://127.0.0.1:9", "x", outbound.client(allow_loopback=True), before=lambda: None))
    with pytest.raises(Unavailable):
        nowhere.create(order())


@dataclass
class Script:
    """A gateway that answers as it is told, one answer after another; the last one stays."""

    url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def client(self, breaker: Breaker | None = None) -> GovukPay:
        session = outbound.client(allow_loopback=True)
        line = Line(self.url, "x", session, before=lambda: None, breaker=breaker, sleep=lambda _seconds: None)
        return GovukPay(line)


@contextmanager
def told() -> Iterator[Script]:
    app, script = Flask("script"), Script()

    @app.route("/v1/<path:path>", methods=["GET", "POST"])
    def answer(path: str) -> tuple[Any, int] | Response:
        script.seen.append(f"{request.method} /{path}")
        status, body = script.answers[0] if len(script.answers) == 1 else script.answers.pop(0)
        return (body, status) if isinstance(body, dict) else Response(body, status)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def _script() -> Iterator[Script]:
    with told() as script:
        yield script


@pytest.fixture
def script(_script: Script) -> Script:
    """It has said nothing yet."""
    _script.seen.clear()
    _script.answers[:] = [(200, dict(PAYMENT))]
    return _script


def test_null_and_what_is_new_are_passed_over(script: Script) -> None:
    found = script.client().get(str(PAYMENT["payment_id"]))
    assert (found.code, found.refund_available, found.next_url) == ("", 0, "https://pay.example/secure/1")
    assert found.created_at == datetime(2026, 11, 22, 10, 0, 0, 123000, UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "4800"},
        {"amount": 48.0},
        {"amount": -1},
        {"state": {"status": "lost"}},
        {"payment_id": "../x"},
        {"created_date": "2026-11-22T10:00:00"},
        {"refund_summary": None},
        {"payment_id": "another"},
    ],
    ids=["text", "float", "negative", "state", "id", "no zone", "no summary", "another"],
)
def test_what_cannot_be_money_is_no_answer(script: Script, changes: dict[str, Any]) -> None:
    script.answers[:] = [(200, dict(PAYMENT) | changes)]
    with pytest.raises(Unavailable):
        script.client().get(str(PAYMENT["payment_id"]))


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, "<h1>Bad</h1>"), (404, "<h1>Gone</h1>"), (404, {"message": "no"}), (200, "<h1>Proxy</h1>"), (302, "")],
    ids=["no code", "page", "no such thing", "a proxy's", "elsewhere"],
)
def test_somebody_elses_answer_is_none_of_pays(script: Script, status: int, body: Any) -> None:
    script.answers[:] = [(status, body)]
    with pytest.raises(Unavailable):
        script.client().get("a")
    with pytest.raises(Unavailable):
        script.client().cancel("a")


def test_a_question_is_asked_again(script: Script) -> None:
    script.answers[:] = [(503, ""), (429, {"code": "P0900"}), (200, dict(PAYMENT))]
    assert script.client().get(str(PAYMENT["payment_id"])).reference == "PAY-1"
    assert script.seen == [f"GET {FOUND}"] * 3


def test_a_write_is_sent_once_unless_it_was_surely_not_done(script: Script) -> None:
    script.answers[:] = [(503, ""), (201, dict(PAYMENT))]
    with pytest.raises(Unavailable):
        script.client().create(order())
    assert script.seen == ["POST /payments"]
    script.answers[:] = [(429, {"code": "P0900"}), (201, dict(PAYMENT))]
    assert script.client().create(order()).reference == "PAY-1"


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_is_a_matter_for_the_council(
    script: Script, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    script.answers[:] = [(status, {"code": "P0920"})]
    with pytest.raises(Unavailable):
        script.client().create(order())
    assert f"our key or our account is refused with status {status}" in caplog.text


def test_after_so_many_faults_nobody_is_sent_to_wait_for_the_next(script: Script) -> None:
    now = [0.0]
    client = script.client(Breaker(opens_after=2, rests=30, now=lambda: now[0]))
    script.answers[:] = [(500, "")]
    for _ in range(4):
        with pytest.raises(Unavailable):
            client.create(order())
    assert len(script.seen) == 2
    now[0], script.answers[:] = 31, [(404, {"code": "P0200"})]
    with pytest.raises(NotFound):
        client.get("a")
    script.answers[:] = [(201, dict(PAYMENT))]
    assert client.create(order()).reference == "PAY-1", "a proper answer, if only a no, closes it"


def test_logs_say_codes_and_ids_alone(script: Script, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="portal.payments")
    script.answers[:] = [(400, {"code": "P0102", "field": "description", "description": "about Ada Lovelace"})]
    with pytest.raises(GatewayRefused):
        script.client().create(order(description="for Ada Lovelace"))
    script.answers[:] = [(500, "Ada Lovelace")]
    with pytest.raises(Unavailable):
        script.client().payments_between(datetime.now(UTC), datetime.now(UTC))
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("portal.payments")]
    assert ours == [
        "payment gateway: refused with P0102 about description",
        "payment gateway: status_500 to GET /payments",
    ]
