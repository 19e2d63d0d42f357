"""The sweep: what a server did not take goes out by age when it is back, and a server that is away is left in peace."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db.session import db, session
from portal.jobs import queue
from portal.notify import delivery
from portal.notify.delivery import again, deliver, wait_after
from portal.notify.operations import send
from portal.settings.letters import Mail
from tests.integration.notify.conftest import Inbox, free_port, settings_for
from tests.support.fixtures import Clock

PostRoom = Callable[[Mail], Flask]


def written(app: Flask, name: str, to: str | None = None) -> str:
    with app.app_context():
        message_id = send(to or f"{name}@example.org", "test/mail/subject.txt", "en", None, name=name)
        session().commit()
    return str(message_id)


def do(app: Flask, job: Any, **arguments: Any) -> None:
    with app.app_context():
        job(**arguments)
        db.session.commit()


def rows(app: Flask) -> dict[str, Any]:
    with app.app_context():
        query = text("select * from portal.outbound_message order by created_at, id")
        return {each.subject.removeprefix("Hello "): each for each in session().execute(query)}


def move_to(app: Flask, mail: Mail) -> None:
    """The same application with another server in its settings."""
    state = app.extensions["moothall.web"]
    state.settings = state.settings.model_copy(update={"mail": mail})


@pytest.fixture
def down(post_room: PostRoom) -> Flask:
    """A portal whose mail server does not answer."""
    return post_room(settings_for(free_port()))


def test_a_mail_server_that_is_down_for_30_hours_loses_nothing_and_gets_it_by_age(
    down: Flask, mail_server: Mail, inbox: Inbox, at: Clock
) -> None:
    at.move_to("2026-11-22T06:00")
    names = [f"n{number}" for number in range(6)]
    for name in names:
        message_id = written(down, name)
        do(down, deliver, id=message_id)
        for _ in range(5):
            at.advance(hours=1)
            do(down, again)
    kept = rows(down)
    assert [each.state for each in kept.values()] == ["waiting"] * 6
    assert kept["n0"].attempts > 30
    assert kept["n0"].error_code == "connection_refused"
    move_to(down, mail_server)
    at.advance(minutes=2)
    do(down, again)
    assert [letter["Subject"] for letter in inbox.taken] == [f"Hello {name}" for name in names]
    assert {each.state for each in rows(down).values()} == {"sent"}
    do(down, again)
    assert len(inbox.taken) == 6


def test_a_server_that_is_away_is_asked_twice_a_minute_however_much_waits(
    down: Flask, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.move_to("2026-11-22T06:00")
    tried: list[str] = []
    real = delivery.hand_over

    def counted(settings: Any, channel: str, letter: Any, *, tried_before: bool) -> Any:
        tried.append(letter.subject)
        return real(settings, channel, letter, tried_before=tried_before)

    monkeypatch.setattr(delivery, "hand_over", counted)
    ids = [written(down, f"n{number:02}") for number in range(30)]
    for message_id in ids:
        do(down, deliver, id=message_id)
    assert len(tried) == 2  # the others saw that the line is down
    for _ in range(5):
        at.advance(minutes=1)
        tried.clear()
        do(down, again)
        assert len(tried) <= 2


def test_what_a_sweep_has_no_time_for_is_shared_out_among_the_workers(
    down: Flask, mail_server: Mail, inbox: Inbox, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.move_to("2026-11-22T06:00")
    for name in [f"n{number}" for number in range(6)]:
        do(down, deliver, id=written(down, name))
        at.advance(seconds=1)
    move_to(down, mail_server)
    at.advance(minutes=1)
    with down.app_context():
        session().execute(text("delete from jobs.procrastinate_jobs"))
        session().commit()
    ticks = iter([0.0, 0.0, 100.0])  # time for one letter
    monkeypatch.setattr(delivery.time, "monotonic", lambda: next(ticks, 200.0))
    do(down, again)
    monkeypatch.undo()
    assert len(inbox.taken) == 1
    with down.app_context():
        waiting = session().scalars(text("select args->>'id' from jobs.procrastinate_jobs order by id")).all()
    assert waiting == [str(rows(down)[f"n{number}"].id) for number in range(1, 6)]
    for message_id in waiting:
        do(down, deliver, id=message_id)  # the failures of a minute ago count no more
    assert {each.state for each in rows(down).values()} == {"sent"}
    assert len(inbox.taken) == 6


def test_a_sweep_of_a_server_that_is_away_shares_nothing_out(
    down: Flask, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.move_to("2026-11-22T06:00")
    for name in ("a", "b", "c"):
        do(down, deliver, id=written(down, name))
    at.advance(minutes=1)
    with down.app_context():
        session().execute(text("delete from jobs.procrastinate_jobs"))
        session().commit()
    ticks = iter([0.0, 0.0, 100.0])
    monkeypatch.setattr(delivery.time, "monotonic", lambda: next(ticks, 200.0))
    do(down, again)
    monkeypatch.undo()
    with down.app_context():
        assert session().scalars(text("select 1 from jobs.procrastinate_jobs")).all() == []


def test_messages_that_the_server_chokes_on_hold_up_nobody(
    post_room: PostRoom, mail_server: Mail, inbox: Inbox, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.move_to("2026-11-22T06:00")
    app = post_room(mail_server)
    real = delivery.hand_over

    def choking(settings: Any, channel: str, letter: Any, *, tried_before: bool) -> Any:
        if "poison" in letter.subject:
            raise delivery.Undelivered("connection_lost", line=True)
        return real(settings, channel, letter, tried_before=tried_before)

    monkeypatch.setattr(delivery, "hand_over", choking)
    for name in ("poison1", "poison2", "n1", "n2", "n3"):
        do(app, deliver, id=written(app, name))
        at.advance(seconds=1)
    for _ in range(4):
        at.advance(minutes=1)
        do(app, again)
    assert sorted(letter["Subject"] for letter in inbox.taken) == ["Hello n1", "Hello n2", "Hello n3"]
    kept = rows(app)
    assert {kept[name].state for name in ("poison1", "poison2")} == {"waiting"}
    do(app, deliver, id=written(app, "n4"))  # the line is not thought to be down because of them
    at.advance(minutes=3)
    do(app, again)
    assert rows(app)["n4"].state == "sent"


def test_a_greylisted_message_waits_longer_each_time(
    post_room: PostRoom, mail_server: Mail, inbox: Inbox, at: Clock
) -> None:
    at.move_to("2026-11-22T06:00")
    inbox.to_recipient = "451 Come back later"
    app = post_room(mail_server)
    do(app, deliver, id=written(app, "ann"))
    tried = []
    for minute in range(1, 33):
        at.advance(minutes=1)
        do(app, again)
        if rows(app)["ann"].tried_at == at.moment:
            tried.append(minute)
    assert tried == [1, 3, 7, 15, 31]
    assert not rows(app)["ann"].line_down
    inbox.to_recipient = "250 OK"
    at.advance(minutes=31)
    do(app, again)
    assert rows(app)["ann"].state == "sent"


def test_no_wait_is_longer_than_an_hour() -> None:
    assert [wait_after(attempts).total_seconds() / 60 for attempts in (1, 2, 6, 7, 50)] == [1, 2, 32, 60, 60]


def test_a_message_whose_job_was_lost_is_found_by_the_sweep(
    post_room: PostRoom, mail_server: Mail, inbox: Inbox, at: Clock
) -> None:
    at.move_to("2026-11-22T06:00")
    app = post_room(mail_server)
    written(app, "ann")
    at.advance(minutes=9)
    do(app, again)
    assert inbox.taken == []
    at.advance(minutes=1)
    do(app, again)
    assert len(inbox.taken) == 1


def test_a_text_does_not_wait_for_the_mail_server(down: Flask, at: Clock) -> None:
    at.move_to("2026-11-22T06:00")
    for name in ("a", "b", "c"):
        do(down, deliver, id=written(down, name))
    with down.app_context():
        session().execute(text("update portal.outbound_message set channel = 'sms' where subject = 'Hello c'"))
        session().commit()
    assert rows(down)["a"].line_down
    at.advance(minutes=2)
    do(down, again)
    assert rows(down)["c"].error_code == "no_way"


@pytest.mark.parametrize(
    ("answer", "noted"),
    [
        ("550 No such mailbox", True),
        ("550 5.1.1 Unknown user", True),
        ("550 5.2.1 Mailbox disabled", True),
        ("550 5.7.1 Relaying denied", False),
        ("552 5.2.2 Mailbox full", False),
    ],
)
def test_an_address_is_noted_when_the_server_says_that_nobody_is_there(
    post_room: PostRoom, mail_server: Mail, inbox: Inbox, answer: str, noted: bool
) -> None:
    ann = uuid.uuid4()
    inbox.to_recipient = answer
    app = post_room(mail_server)
    with app.app_context():
        message_id = send("Ann@example.org", "test/mail/subject.txt", "en", ann, name="Ann")
        session().commit()
    do(app, deliver, id=str(message_id))
    with app.app_context():
        found = session().execute(text("select * from portal.contact_problem")).all()
        assert len(found) == noted
        assert all("example" not in str(each) for each in found)


def test_the_jobs_come_by_the_clock() -> None:
    assert queue._registered["notify.again"].cron == "* * * * *"
    assert queue._registered["notify.ask"].cron == "*/10 * * * *"
