"""The demo's outbox shows what has arrived at the stand-in, asked for over Notify's own API."""

import uuid

import pytest

from portal.db.session import session
from portal.errors import NotFound, Unavailable
from portal.notify import outbox
from portal.notify.operations import send, send_text
from tests.support.fixtures import Clock
from tests.support.notify import Post


def test_what_has_arrived_is_shown_whole_newest_first(post: Post, at: Clock) -> None:
    with post.app.app_context():
        first = send("ann@example.org", "test/mail/hello.txt", "cy", None, name="Ann", link="x")
        session().commit()
        written_at = at.moment
        at.advance(minutes=3)
        second = send_text("07700 900123", "test/sms/hello.txt", "en", None, name="Ann")
        session().commit()
        assert outbox.newest_messages(50) == []  # nothing has left yet
    for message_id in (first, second):
        post.deliver(message_id)
        at.advance(seconds=1)
    with post.app.app_context():
        text, letter = outbox.newest_messages(50)
        assert (text.channel, text.to_address, text.subject) == ("sms", "+447700900123", "")
        assert "you have a message" in text.body
        assert (letter.channel, letter.language, letter.created_at) == ("email", "cy", written_at)
        assert letter.body.startswith("Dear Ann")
        assert outbox.get_message(letter.id) == letter
        assert len(outbox.newest_messages(1)) == 1


def test_a_message_that_is_not_there_is_not_found(post: Post) -> None:
    with post.app.app_context(), pytest.raises(NotFound):
        outbox.get_message(uuid.uuid4())


def test_a_stand_in_that_is_down_is_said_to_be(post: Post) -> None:
    post.behave(answers="wrong")
    with post.app.app_context(), pytest.raises(Unavailable):
        outbox.newest_messages(50)
    post.behave(answers="down")
    with post.app.app_context(), pytest.raises(Unavailable):
        outbox.get_message(uuid.uuid4())
