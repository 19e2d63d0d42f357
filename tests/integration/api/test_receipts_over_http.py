"""Receipts from the stand-in itself, over HTTP, and how one that never came is asked for."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from portal.db.session import session
from portal.notify.operations import send
from tests.integration.api.receipts import ANN, problems, row, sent
from tests.support.fixtures import Clock
from tests.support.notify import Post


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
