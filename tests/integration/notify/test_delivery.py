"""The job against mail servers that take letters, refuse them, are away or fall silent."""

import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from portal import clock
from portal.db.session import db, session
from portal.notify.delivery import deliver, tidy
from portal.notify.operations import send
from portal.notify.outcomes import Letter
from portal.notify.queries import newest_messages
from portal.notify.smtp import compose
from portal.settings.letters import Mail
from tests.integration.notify.conftest import Inbox

LINK = "http://localhost:8000/profile/email/confirm/" + "x" * 60
PostRoom = Callable[[Mail], Flask]
Scripted = Callable[[dict[bytes, bytes | None]], Mail]


def written(app: Flask, to: str = "ann@example.org") -> str:
    """The id of a letter that waits."""
    with app.app_context():
        message_id = send(to, "test/mail/hello.txt", "en", None, name="Ann Ŵyn", link=LINK)
        session().commit()
    return str(message_id)


def run(app: Flask, message_id: str) -> None:
    """Do the job as the worker does."""
    with app.app_context():
        deliver(id=message_id)
        db.session.commit()


def row(app: Flask, message_id: str) -> tuple[str, int, str | None, str]:
    """State, attempts, error code and body."""
    query = text("select state, attempts, error_code, body from portal.outbound_message where id = :id")
    with app.app_context():
        found = session().execute(query, {"id": message_id}).one()
    return found.state, found.attempts, found.error_code, found.body


def test_a_letter_arrives_whole_and_its_text_is_forgotten(post_room: PostRoom, mail_server: Mail, inbox: Inbox) -> None:
    app = post_room(mail_server)
    message_id = written(app)
    run(app, message_id)
    (letter,) = inbox.taken
    assert letter["To"] == "ann@example.org"
    assert letter["From"] == "Marlowe Borough Council <no-reply@marlowe.example>"
    assert letter["Subject"] == "Your report"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "en"
    assert letter["Message-ID"] == f"<{message_id}@marlowe.example>"
    assert "Dear Ann Ŵyn" in letter.get_content()
    assert LINK in letter.get_content()
    assert inbox.envelopes[0].rcpt_tos == ["ann@example.org"]
    assert row(app, message_id) == ("sent", 1, None, "")


def test_a_job_that_runs_twice_sends_once(post_room: PostRoom, mail_server: Mail, inbox: Inbox) -> None:
    app = post_room(mail_server)
    message_id = written(app)
    run(app, message_id)
    run(app, message_id)
    assert len(inbox.taken) == 1


def test_two_workers_at_once_send_once(post_room: PostRoom, mail_server: Mail, inbox: Inbox) -> None:
    app = post_room(mail_server)
    message_id = written(app)
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        run(app, message_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inbox.taken) == 1
    assert row(app, message_id)[:2] == ("sent", 1)


def test_a_recipient_refused_for_good_is_not_tried_again(post_room: PostRoom, mail_server: Mail, inbox: Inbox) -> None:
    inbox.to_recipient = "550 No such mailbox"
    app = post_room(mail_server)
    message_id = written(app)
    run(app, message_id)
    assert row(app, message_id) == ("failed", 1, "recipient_refused_550", "")


def test_a_message_refused_for_good_is_not_tried_again(post_room: PostRoom, mail_server: Mail, inbox: Inbox) -> None:
    inbox.to_message = "554 Looks like spam"
    app = post_room(mail_server)
    message_id = written(app)
    run(app, message_id)
    assert row(app, message_id)[:3] == ("failed", 1, "message_refused_554")


@pytest.mark.parametrize("to", ["jörg@example.org", "a..b@example.org", "ann@exa_mple..org"])
def test_an_address_that_nobody_can_write_to_is_given_up_at_once(
    post_room: PostRoom, mail_server: Mail, inbox: Inbox, to: str
) -> None:
    app = post_room(mail_server)
    message_id = written(app, to)
    run(app, message_id)
    assert row(app, message_id) == ("failed", 1, "not_composed", "")
    assert inbox.taken == []


def test_a_host_with_other_letters_is_written_to_in_ascii(post_room: PostRoom, mail_server: Mail, inbox: Inbox) -> None:
    app = post_room(mail_server)
    run(app, written(app, "ann@llangefni-môn.example"))
    assert inbox.envelopes[0].rcpt_tos == ["ann@xn--llangefni-mn-oib.example"]
    assert inbox.taken[0]["To"] == "ann@xn--llangefni-mn-oib.example"


def test_a_recipient_refused_for_now_is_tried_again(post_room: PostRoom, mail_server: Mail, inbox: Inbox) -> None:
    inbox.to_recipient = "451 Greylisted, come back later"
    app = post_room(mail_server)
    message_id = written(app)
    run(app, message_id)
    assert row(app, message_id)[:3] == ("waiting", 1, "recipient_refused_451")
    inbox.to_recipient = "250 OK"
    run(app, message_id)
    assert row(app, message_id)[:3] == ("sent", 2, None)
    assert len(inbox.taken) == 1


@pytest.mark.parametrize("silent_at", [b"greeting", b"EHLO", b"MAIL", b"RCPT", b"DATA", b"message"])
def test_a_server_that_falls_silent_is_not_waited_for(
    post_room: PostRoom, scripted_server: Scripted, silent_at: bytes
) -> None:
    answers: dict[bytes, bytes | None] = {b"greeting": b"220 hello", b"DATA": b"354 go on", b"QUIT": b"221 bye"}
    app = post_room(scripted_server(answers | {silent_at: None}))
    message_id = written(app)
    began = time.monotonic()
    run(app, message_id)
    assert time.monotonic() - began < 3
    assert row(app, message_id)[:3] == ("waiting", 1, "timed_out")


@pytest.mark.parametrize("farewell", [None, b"500 what?", b"garbage"])
def test_a_letter_that_was_taken_is_sent_however_the_server_says_goodbye(
    post_room: PostRoom, scripted_server: Scripted, farewell: bytes | None
) -> None:
    answers: dict[bytes, bytes | None] = {b"greeting": b"220 hello", b"DATA": b"354 go on", b"QUIT": farewell}
    app = post_room(scripted_server(answers))
    message_id = written(app)
    run(app, message_id)
    assert row(app, message_id)[0] == "sent"


def test_without_the_encryption_that_was_asked_for_nothing_is_sent(
    post_room: PostRoom, mail_server: Mail, inbox: Inbox
) -> None:
    app = post_room(mail_server.model_copy(update={"security": "starttls"}))
    message_id = written(app)
    run(app, message_id)
    assert row(app, message_id)[:3] == ("waiting", 1, "not_supported")
    assert inbox.taken == []


def test_a_server_without_tls_where_tls_is_due_gets_nothing(
    post_room: PostRoom, mail_server: Mail, inbox: Inbox
) -> None:
    app = post_room(mail_server.model_copy(update={"security": "tls"}))
    message_id = written(app)
    run(app, message_id)
    assert inbox.taken == []
    assert row(app, message_id)[0] == "waiting"


def test_a_message_that_is_gone_is_no_error(post_room: PostRoom, mail_server: Mail) -> None:
    run(post_room(mail_server), str(uuid.uuid4()))


def test_headers_take_no_line_breaks_even_when_asked_directly() -> None:
    letter = Letter("1", "Council", "ann@example.org", "en", "Hello\r\nBcc: all@example.org", "x", clock.now())
    with pytest.raises(ValueError, match="linefeed"):
        compose(Mail(), letter)


def test_messages_are_forgotten_after_a_month_whatever_became_of_them(post_room: PostRoom, mail_server: Mail) -> None:
    kept, waits = post_room(Mail()), post_room(mail_server)
    with clock.as_of(clock.now() - timedelta(days=31)):
        written(kept)
        written(waits)
    recent = written(kept)
    with kept.app_context():
        tidy()
        assert [str(message.id) for message in newest_messages()] == [recent]
