"""Letters on paper, through GOV.UK Notify's own client over HTTP: whole, once, and their addresses forgotten."""

import uuid
from typing import Any

import pytest
from sqlalchemy import text

from portal.db.session import session
from portal.notify import health, outbox, queries
from portal.notify.operations import can_post, send_letter
from portal.settings.portal import Settings
from tests.support.notify import Post, notify_settings

LINES = ("Flat 2", "1 Larkspur  Lane", "Marlowe", "W6 9JU")
HELLO = "test/mail/hello.txt"


def posted(post: Post, *lines: str) -> str:
    with post.app.app_context():
        said = {"name": "Ann Ŵyn", "link": "here"}
        message_id = send_letter("Ann Ŵyn", lines or LINES, HELLO, "en", None, **said)
        session().commit()
    return str(message_id)


def row(post: Post, message_id: str) -> Any:
    with post.app.app_context():
        query = text("select * from portal.outbound_message where id = :id")
        return session().execute(query, {"id": message_id}).one()


def test_a_letter_arrives_whole_and_its_address_is_forgotten(post: Post) -> None:
    message_id = posted(post)
    post.deliver(message_id)
    (taken,) = post.arrived()
    assert (taken["kind"], taken["reference"], taken["subject"]) == ("letter", message_id, "Your report")
    assert list(taken["address"].values()) == ["Ann Ŵyn", "Flat 2", "1 Larkspur Lane", "Marlowe", "W6 9JU"]
    assert taken["body"].startswith("Dear Ann Ŵyn,")
    kept = row(post, message_id)
    assert (kept.state, kept.body, kept.to_address) == ("sent", "", "")


def test_a_letter_waits_while_notify_is_away_and_goes_once(post: Post) -> None:
    message_id = posted(post)
    post.behave(answers="down")
    post.deliver(message_id)
    kept = row(post, message_id)
    assert kept.state == "waiting"
    assert "Larkspur" in kept.to_address
    post.behave()
    post.deliver(message_id)
    post.deliver(message_id)
    assert len(post.arrived()) == 1


def test_a_letter_that_notify_took_without_saying_so_is_not_sent_twice(post: Post) -> None:
    message_id = posted(post)
    post.behave(answers="unsaid")
    post.deliver(message_id)
    post.behave()
    post.deliver(message_id)
    assert len(post.arrived()) == 1
    assert row(post, message_id).state == "sent"


def test_nobody_asks_what_became_of_a_letter(post: Post) -> None:
    message_id = posted(post)
    post.deliver(message_id)
    with post.app.app_context():
        session().execute(text("update portal.outbound_message set sent_at = now() - interval '1 hour'"))
        session().commit()
    post.ask()
    assert row(post, message_id).asked_at is None


@pytest.mark.parametrize(
    "lines",
    [("W6 9JU",), ("1 Larkspur Lane", "Marlowe"), ("a", "b", "c", "d", "e", "f", "W6 9JU"), ()],
    ids=["too short", "no postcode", "too long", "nothing"],
)
def test_no_letter_is_written_to_what_is_no_address(post: Post, lines: tuple[str, ...]) -> None:
    with post.app.app_context(), pytest.raises(ValueError, match="no address"):
        send_letter("Ann", lines, HELLO, "en", None, name="Ann", link="")


def test_without_a_template_no_letters_are_sent(post: Post) -> None:
    plain = post.settings.model_copy(
        update={"notify": notify_settings(post.settings.notify.base_url, letter_template_id=None), "demo": False}
    )
    with post.app.app_context():
        assert can_post()
        state = post.app.extensions["moothall.web"]
        state.settings, kept = plain, state.settings
        try:
            assert not can_post()
            with pytest.raises(ValueError, match="can_post"):
                send_letter("Ann", LINES, HELLO, "en", None, name="Ann", link="")
        finally:
            state.settings = kept


def test_check_finds_a_wrong_letter_template(post: Post) -> None:
    def said(settings: Settings) -> list[str]:
        with post.app.app_context():
            return list(health.faults(settings))

    assert said(post.settings) == []
    wrong = uuid.uuid4()
    notify = post.settings.notify.model_copy(update={"letter_template_id": wrong})
    # The stand-in knows the council's own template, so the settings alone change.
    assert said(post.settings.model_copy(update={"notify": notify})) == [
        f"GOV.UK Notify has no template {wrong} (letter)."
    ]


def test_the_outbox_of_the_demo_shows_a_letter_by_its_name_alone(post: Post) -> None:
    post.deliver(posted(post))
    with post.app.app_context():
        (shown,) = outbox.newest_messages(5)
        assert queries.newest_messages()[0].body == ""
    assert (shown.channel, shown.to_address) == ("letter", "Ann Ŵyn")
