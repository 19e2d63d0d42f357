"""GOV.UK Notify's delivery receipts: any number of times, in any order, whatever is in them."""

import itertools
import json
import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.db.session import session
from portal.notify import contact_problems
from portal.notify.operations import send, send_text
from tests.support.fixtures import Clock
from tests.support.notify import TOKEN, Post

PATH = "/api/notify/receipts"
ANN = uuid.UUID("9b1c1d5e-0a63-4e5d-9a35-6f0d7f8f6a99")
NOTIFYS_ID = "740e5834-3a29-46b4-9a6f-16142fde533a"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def sent(post: Post, to: str = "ann@example.org", channel: str = "email") -> str:
    """A message that the stand-in has, and says nothing about."""
    post.behave(receipts="never")
    with post.app.app_context():
        if channel == "sms":
            message_id = send_text(to, "test/sms/hello.txt", "en", ANN, name="Ann")
        else:
            message_id = send(to, "test/mail/hello.txt", "en", ANN, name="Ann")
        session().commit()
    post.deliver(message_id)
    return str(message_id)


def receipt(message_id: str | None, status: str = "delivered", second: int = 10, **changes: Any) -> dict[str, Any]:
    """As Notify's documentation shows one."""
    return {
        "id": NOTIFYS_ID,
        "reference": message_id,
        "to": "ann@example.org",
        "status": status,
        "created_at": "2026-11-20T12:15:00.000000Z",
        "completed_at": f"2026-11-20T12:15:{second:02}.000000Z",
        "sent_at": "2026-11-20T12:15:01.000000Z",
        "notification_type": "email",
        "template_id": "f33517ff-2a88-4f6e-b855-c550268ce08a",
        "template_version": 1,
    } | changes


def tell(post: Post, body: Any, headers: dict[str, str] | None = None) -> TestResponse:
    return post.app.test_client().post(
        PATH, json=body, headers=BEARER if headers is None else headers, base_url=post.url
    )


def row(post: Post, message_id: str) -> Any:
    with post.app.app_context():
        query = text("select * from portal.outbound_message where id = :id")
        return session().execute(query, {"id": message_id}).one()


def problems(post: Post, email: str | None = "ann@example.org", phone: str | None = None) -> list[str]:
    with post.app.app_context():
        return [each.channel for each in contact_problems.problems_of(ANN, email=email, phone=phone)]


@pytest.mark.parametrize("status", ["delivered", "permanent-failure", "temporary-failure", "technical-failure"])
def test_the_same_receipt_ten_times_is_noted_once(post: Post, status: str) -> None:
    message_id = sent(post)
    answers = [tell(post, receipt(message_id, status)).get_json()["result"] for _ in range(10)]
    assert answers == ["noted"] + ["known"] * 9
    kept = row(post, message_id)
    assert (kept.state, kept.receipt) == ("sent", status)
    assert kept.receipt_at.isoformat() == "2026-11-20T12:15:10+00:00"


def test_the_same_receipt_ten_times_at_once_is_noted_once(post: Post) -> None:
    message_id = sent(post)
    together, answers = threading.Barrier(10), []

    def call() -> None:
        together.wait()
        answers.append(tell(post, receipt(message_id, "permanent-failure")).status_code)

    threads = [threading.Thread(target=call) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 10
    assert problems(post) == ["email"]


FATES = [("temporary-failure", 10), ("technical-failure", 20), ("delivered", 30)]


@pytest.mark.parametrize("order", range(6))
def test_receipts_in_any_order_lead_to_the_same_end(post: Post, order: int) -> None:
    message_id = sent(post)
    for status, second in list(itertools.permutations(FATES))[order]:
        tell(post, receipt(message_id, status, second))
        tell(post, receipt(message_id, status, second))
    assert row(post, message_id).receipt == "delivered"
    assert problems(post) == []


def test_of_two_fates_at_one_moment_the_better_known_one_counts(post: Post) -> None:
    first, second = sent(post), sent(post)
    for message_id, order in (
        (first, ("delivered", "temporary-failure")),
        (second, ("temporary-failure", "delivered")),
    ):
        for status in order:
            tell(post, receipt(message_id, status))
    assert [row(post, each).receipt for each in (first, second)] == ["delivered"] * 2


def test_an_address_where_nobody_is_is_noted_until_something_arrives_there(post: Post) -> None:
    first, second = sent(post), sent(post)
    tell(post, receipt(first, "permanent-failure", 10))
    assert problems(post) == ["email"]
    assert problems(post, email="ANN@Example.org") == ["email"]
    assert problems(post, email="ann@example.net") == []
    tell(post, receipt(second, "delivered", 5))  # before it, though told after
    assert problems(post) == ["email"]
    tell(post, receipt(second, "delivered", 20))
    assert problems(post) == []


def test_a_late_word_of_a_failure_before_an_arrival_notes_nothing(post: Post) -> None:
    first, second = sent(post), sent(post)
    tell(post, receipt(second, "delivered", 20))
    tell(post, receipt(first, "permanent-failure", 10))
    assert problems(post) == []


def test_a_number_where_nobody_is_is_noted_apart_from_the_address(post: Post) -> None:
    message_id = sent(post, "07700 900123", "sms")
    tell(post, receipt(message_id, "permanent-failure", notification_type="sms"))
    assert problems(post, phone="07700 900123") == ["sms"]
    assert problems(post, phone="+44 7700 900123") == ["sms"]
    assert problems(post, phone="07700 900124") == []


@pytest.mark.parametrize("status", ["temporary-failure", "technical-failure"])
def test_a_failure_that_may_pass_says_nothing_of_the_address(post: Post, status: str) -> None:
    tell(post, receipt(sent(post), status))
    assert problems(post) == []


@pytest.mark.parametrize("state", ["waiting", "failed"])
def test_a_receipt_proves_that_a_message_was_sent(post: Post, state: str) -> None:
    message_id = sent(post)
    with post.app.app_context():
        change = "update portal.outbound_message set state = :state, provider_id = null, body = 'x' where id = :id"
        session().execute(text(change), {"id": message_id, "state": state})
        session().commit()
    tell(post, receipt(message_id))
    kept = row(post, message_id)
    assert (kept.state, kept.receipt, kept.body) == ("sent", "delivered", "")
    assert str(kept.provider_id) == NOTIFYS_ID
    post.deliver(message_id)
    assert len(post.arrived()) == 1


@pytest.mark.parametrize(
    "reference",
    [None, "", "not ours", str(uuid.uuid4()), "\x00", "9" * 900],
    ids=["none", "empty", "text", "other", "nul", "long"],
)
def test_a_receipt_for_what_is_not_ours_is_taken_and_left(post: Post, reference: str | None) -> None:
    answer = tell(post, receipt(reference))
    assert (answer.status_code, answer.get_json()) == (200, {"result": "unknown"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"x"',
        b"\xff\xfe",
        b'{"id": "\\ud800"}',
        b"[" * 5000,
        json.dumps(receipt("x") | {"id": "no"}).encode(),
        json.dumps(receipt("x") | {"id": None}).encode(),
        json.dumps(receipt("x") | {"status": 7}).encode(),
        json.dumps(receipt("x") | {"status": "x" * 200}).encode(),
        json.dumps(receipt("x") | {"completed_at": "yesterday"}).encode(),
        json.dumps(receipt("x") | {"completed_at": "9999-12-31T23:59:59Z"}).encode(),
        json.dumps(receipt("x") | {"completed_at": "0001-01-01T00:00:00+14:00"}).encode(),
        json.dumps(receipt("x") | {"completed_at": "2026-11-20T12:15:00"}).encode(),
        json.dumps(receipt("x") | {"reference": {"a": 1}}).encode(),
    ],
    ids=[f"body{number}" for number in range(18)],
)
def test_what_is_no_receipt_is_refused(post: Post, body: bytes) -> None:
    client = post.app.test_client()
    answer = client.post(PATH, data=body, content_type="application/json", headers=BEARER, base_url=post.url)
    assert answer.status_code == 400
    assert "ann" not in answer.get_data(as_text=True)


def test_a_body_that_is_too_large_is_refused(post: Post) -> None:
    answer = tell(post, receipt("x") | {"more": "x" * 20_000})
    assert answer.status_code == 413


def test_a_status_that_is_newer_than_we_are_changes_nothing(post: Post) -> None:
    message_id = sent(post)
    answer = tell(post, receipt(message_id, "read-by-the-dog"))
    assert (answer.status_code, answer.get_json()) == (200, {"result": "known"})
    assert row(post, message_id).receipt is None


def test_a_receipt_from_the_future_counts_as_from_now(post: Post, at: Clock) -> None:
    at.move_to("2026-11-20T12:15:00")
    message_id = sent(post)
    tell(post, receipt(message_id, completed_at="2031-01-01T00:00:00Z"))
    assert row(post, message_id).receipt_at == at.moment


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer "}, 403),
        ({"Authorization": f"Bearer {TOKEN}x"}, 403),
        ({"Authorization": f"Basic {TOKEN}"}, 403),
        ({"Authorization": TOKEN}, 403),
        ({"Authorization": "Bearer ŵŷ".encode().decode("latin-1")}, 403),
    ],
    ids=["none", "empty", "longer", "basic", "bare", "letters"],
)
def test_without_the_token_nothing_is_noted(post: Post, header: dict[str, str], status: int) -> None:
    message_id = sent(post)
    assert tell(post, receipt(message_id), header).status_code == status
    assert row(post, message_id).receipt is None


def test_where_no_token_is_set_every_receipt_is_refused(post: Post) -> None:
    message_id = sent(post)
    state = post.app.extensions["moothall.web"]
    notify = post.settings.notify.model_copy(update={"receipt_token": None})
    state.settings = post.settings.model_copy(update={"notify": notify})
    try:
        for header in (BEARER, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
            assert tell(post, receipt(message_id), header).status_code == 403
    finally:
        state.settings = post.settings


def test_who_tries_tokens_is_no_longer_listened_to(post: Post) -> None:
    statuses = [tell(post, receipt("x"), {"Authorization": "Bearer x"}).status_code for _ in range(62)]
    assert statuses == [403] * 60 + [429] * 2
    assert tell(post, receipt("x")).status_code == 200  # the right one is


def test_a_message_that_is_being_sent_is_asked_for_again(post: Post, database_url: str) -> None:
    message_id = sent(post)
    with post.app.app_context():
        session().execute(text("select 1 from portal.outbound_message where id = :id for update"), {"id": message_id})
        answers: list[TestResponse] = []
        thread = threading.Thread(target=lambda: answers.append(tell(post, receipt(message_id))))
        thread.start()
        thread.join(timeout=10)
        session().rollback()
    assert answers[0].status_code == 503
    assert answers[0].headers["Retry-After"] == "60"
    assert tell(post, receipt(message_id)).get_json() == {"result": "noted"}


# --- From the stand-in itself, over HTTP.


@pytest.mark.parametrize(
    ("to", "told", "receipt_is"),
    [
        ("ann@example.org", {}, "delivered"),
        ("temp-fail@simulator.notify", {}, "temporary-failure"),
        ("perm-fail@simulator.notify", {}, "permanent-failure"),
        ("ann@example.org", {"fate": "technical-failure"}, "technical-failure"),
        ("ann@example.org", {"receipts": "twice"}, "delivered"),
        ("ann@example.org", {"receipts": "mixed"}, "delivered"),
        ("ann@example.org", {"receipts": "late", "seconds": 40}, "delivered"),
    ],
    ids=["delivered", "temporary", "permanent", "technical", "twice", "mixed", "late"],
)
def test_the_stand_in_tells_what_became_of_a_message(
    post: Post, at: Clock, to: str, told: dict[str, Any], receipt_is: str
) -> None:
    at.move_to("2026-11-20T12:00:00")
    post.behave(**told)
    with post.app.app_context():
        message_id = send(to, "test/mail/hello.txt", "en", ANN, name="Ann")
        session().commit()
    post.deliver(message_id)
    assert post.send_receipts() == 0
    at.advance(seconds=60)
    assert post.send_receipts() == {"twice": 2, "mixed": 3}.get(told.get("receipts", ""), 1)
    assert row(post, str(message_id)).receipt == receipt_is
    assert (problems(post, to) == ["email"]) == (receipt_is == "permanent-failure")
    assert post.send_receipts() == 0


def test_receipts_that_are_not_taken_come_again_five_times(
    post: Post, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.move_to("2026-11-20T12:00:00")
    post.behave()
    with post.app.app_context():
        message_id = send("ann@example.org", "test/mail/hello.txt", "en", ANN, name="Ann")
        session().commit()
    post.deliver(message_id)
    state = post.app.extensions["moothall.web"]
    notify = post.settings.notify.model_copy(update={"receipt_token": None})
    state.settings = post.settings.model_copy(update={"notify": notify})
    try:
        for _ in range(3):
            at.advance(minutes=6)
            assert post.send_receipts() == 0
    finally:
        state.settings = post.settings
    at.advance(minutes=6)
    assert post.send_receipts() == 1
    assert row(post, str(message_id)).receipt == "delivered"


def test_a_receipt_that_never_came_is_asked_for(post: Post, at: Clock) -> None:
    at.move_to("2026-11-20T12:00:00")
    first, other = sent(post), sent(post)
    with post.standin.app_context():
        change = "update notify_standin.notification set status = 'permanent-failure', completed_at = :now"
        session().execute(text(f"{change} where reference = :id"), {"id": first, "now": at.moment})
        session().commit()
    at.advance(minutes=20)
    post.ask()
    assert row(post, first).receipt is None
    at.advance(minutes=20)
    post.ask()
    assert row(post, first).receipt == "permanent-failure"
    assert problems(post) == ["email"]
    kept = row(post, other)
    assert (kept.receipt, kept.asked_at) == (None, at.moment)
    at.advance(hours=1)
    post.ask()
    assert row(post, other).asked_at == kept.asked_at  # four times a day is enough
    at.advance(hours=6)
    post.ask()
    assert row(post, other).asked_at == at.moment
    at.advance(days=5)
    post.ask()
    assert row(post, other).asked_at == at.moment - timedelta(days=5)


def test_a_notify_that_is_down_is_not_asked_for_each_message(post: Post, at: Clock) -> None:
    at.move_to("2026-11-20T12:00:00")
    first, second = sent(post), sent(post)
    at.advance(hours=1)
    post.behave(answers="down")
    post.ask()
    assert [row(post, each).asked_at for each in (first, second)] == [None, None]
