"""Letters are rendered when they are asked for, and kept or queued with the change they belong to."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db.session import session
from portal.errors import NotFound
from portal.notify import queries
from portal.notify.operations import send
from portal.settings.letters import Mail
from portal.web import languages
from tests.integration.notify.conftest import settings_for

PostRoom = Callable[[Mail], Flask]

LETTER = "test/mail/hello.txt"
LINK = "http://localhost:8000/profile/email/confirm/abc"


@pytest.fixture
def demo(post_room: PostRoom) -> Flask:
    """An application without a mail server."""
    return post_room(Mail())


@pytest.fixture
def connected(post_room: PostRoom) -> Flask:
    """An application with one that is never reached here."""
    return post_room(settings_for(1))


def jobs() -> list[dict[str, str]]:
    """The arguments of the jobs that are queued."""
    query = "select args from jobs.procrastinate_jobs where task_name = 'notify.deliver'"
    return list(session().scalars(text(query)))


def test_without_a_mail_server_the_letter_is_kept_in_the_outbox(demo: Flask) -> None:
    with demo.app_context():
        message_id = send("ann@example.org", LETTER, "en", None, name="Ann O'Neil & Co", link=LINK)
        message = queries.get_message(message_id)
        assert message.state == "kept"
        assert message.subject == "Your report"
        assert message.body == f"Dear Ann O'Neil & Co,\n\n{LINK}\n\nMarlowe Borough Council\n"
        assert jobs() == []


def test_a_letter_is_rendered_in_the_language_of_its_reader(demo: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(languages._texts, "cy", {"Your report": "Eich adroddiad"})
    with demo.app_context():
        message = queries.get_message(send("ann@example.org", LETTER, "cy", None, name="Ann", link=LINK))
        assert message.subject == "Eich adroddiad"
        assert "Cyngor Bwrdeistref Marlowe" in message.body
        assert languages.current_language() == "en"


def test_the_job_is_queued_with_the_change_and_names_no_person(connected: Flask) -> None:
    with connected.app_context():
        message_id = send("ann@example.org", LETTER, "en", None, name="Ann", link=LINK)
        session().commit()
        assert queries.get_message(message_id).state == "waiting"
        assert jobs() == [{"id": str(message_id)}]


def test_a_change_that_is_undone_leaves_neither_letter_nor_job(connected: Flask) -> None:
    with connected.app_context():
        send("ann@example.org", LETTER, "en", None, name="Ann", link=LINK)
        session().rollback()
        assert queries.newest_messages() == []
        assert jobs() == []


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.org\r\nBcc: all@example.org",
        "ann@example.org\nBcc: all@example.org",
        "ann@example.org\x00",
        "ann@example.org\u2028x",
        "ann@example.org, bob@example.org",
        "nobody",
        "",
        "a" * 250 + "@example.org",
    ],
)
def test_an_address_that_could_write_headers_is_refused(demo: Flask, address: str) -> None:
    with demo.app_context():
        with pytest.raises(ValueError, match="no address"):
            send(address, LETTER, "en", None, name="Ann", link=LINK)
        assert queries.newest_messages() == []


@pytest.mark.parametrize("name", ["Ann\rBcc: all@example.org", "\x00", "Ann\x0bBob", "x" * 300])
def test_a_subject_that_could_write_headers_is_refused(demo: Flask, name: str) -> None:
    with demo.app_context(), pytest.raises(ValueError, match="does not fit a header"):
        send("ann@example.org", "test/mail/subject.txt", "en", None, name=name)


def test_a_line_break_in_a_subject_never_reaches_the_headers(demo: Flask) -> None:
    with demo.app_context():
        sent = send("ann@example.org", "test/mail/subject.txt", "en", None, name="Ann\nBcc: all@example.org")
        assert queries.get_message(sent).subject == "Hello Ann"


def test_the_download_of_data_holds_the_residents_letters_and_nobody_elses(demo: Flask) -> None:
    ann, bob = uuid.uuid4(), uuid.uuid4()
    with demo.app_context():
        for account_id in (ann, bob, None):
            send("x@example.org", LETTER, "en", account_id, name="x", link=LINK)
        found = queries.everything_about(ann)
    assert [letter["subject"] for letter in found] == ["Your report"]


def test_a_message_that_is_not_there_is_not_found(demo: Flask) -> None:
    with demo.app_context(), pytest.raises(NotFound):
        queries.get_message(uuid.uuid4())
