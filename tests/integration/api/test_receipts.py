"""GOV.UK Notify's delivery receipts, any number of times and in any order: what they say of a message."""

import itertools
import threading

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.db.session import session
from tests.integration.api.receipts import NOTIFYS_ID, problems, receipt, row, sent, tell
from tests.support.fixtures import Clock
from tests.support.notify import Post


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


def test_a_receipt_from_the_future_counts_as_from_now(post: Post, at: Clock) -> None:
    at.move_to("2026-11-20T12:15:00")
    message_id = sent(post)
    tell(post, receipt(message_id, completed_at="2031-01-01T00:00:00Z"))
    assert row(post, message_id).receipt_at == at.moment


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
