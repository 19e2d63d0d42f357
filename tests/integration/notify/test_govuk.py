"""Messages through GOV.UK Notify's own client, over HTTP, to the stand-in that speaks its API."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, redirect, request
from pydantic import SecretStr
from sqlalchemy import text
from werkzeug.serving import make_server

from portal import clock
from portal.db.session import session
from portal.notify import contact_problems, govuk
from portal.notify.operations import can_text, send, send_text
from portal.notify.outcomes import Letter, Undelivered
from portal.settings.portal import Settings
from tests.support.notify import KEY, SERVICE, Post, notify_settings

ANN = uuid.UUID("9b1c1d5e-0a63-4e5d-9a35-6f0d7f8f6a99")
LINK = "http://localhost:8000/profile/email/confirm/" + "x" * 60


def written(post: Post, to: str = "ann@example.org", account_id: uuid.UUID | None = ANN) -> str:
    with post.app.app_context():
        message_id = send(to, "test/mail/hello.txt", "en", account_id, name="Ann Ŵyn", link=LINK)
        session().commit()
    return str(message_id)


def texted(post: Post, to: str = "07700 900123") -> str:
    with post.app.app_context():
        message_id = send_text(to, "test/sms/hello.txt", "en", ANN, name="Ŵyn")
        session().commit()
    return str(message_id)


def row(post: Post, message_id: str) -> Any:
    with post.app.app_context():
        query = text("select * from portal.outbound_message where id = :id")
        return session().execute(query, {"id": message_id}).one()


def test_an_email_arrives_whole_and_its_text_is_forgotten(post: Post) -> None:
    message_id = written(post)
    post.deliver(message_id)
    (taken,) = post.arrived()
    assert taken["reference"] == message_id
    assert taken["address"] == {"email_address": "ann@example.org"}
    assert taken["subject"] == "Your report"
    assert taken["body"] == f"Dear Ann Ŵyn,\n\n{LINK}\n\nMarlowe Borough Council\n"
    kept = row(post, message_id)
    assert (kept.state, kept.attempts, kept.error_code, kept.body) == ("sent", 1, None, "")
    assert kept.provider_id == taken["id"]


def test_a_text_arrives_in_plain_marks_at_the_number_in_full(post: Post) -> None:
    message_id = texted(post)
    post.deliver(message_id)
    (taken,) = post.arrived()
    assert taken["address"] == {"phone_number": "+447700900123"}
    assert taken["subject"] is None
    assert taken["body"] == 'Marlowe Borough Council: you have a message - "Ŵyn".'
    assert row(post, message_id).channel == "sms"


@pytest.mark.parametrize("number", ["020 7946 0100", "07700", "nobody", "+1 212 555 0100", "999"])
def test_a_number_that_takes_no_texts_is_refused_when_it_is_written(post: Post, number: str) -> None:
    with post.app.app_context():
        assert can_text()
        with pytest.raises(ValueError, match="no number"):
            send_text(number, "test/sms/hello.txt", "en", None, name="x")


def test_a_text_that_is_too_long_is_refused_when_it_is_written(post: Post) -> None:
    with post.app.app_context(), pytest.raises(ValueError, match="too long"):
        send_text("07700 900123", "test/sms/hello.txt", "en", None, name="x" * 900)


def test_a_message_that_was_rolled_back_reaches_nobody(post: Post) -> None:
    with post.app.app_context():
        message_id = send("ann@example.org", "test/mail/hello.txt", "en", ANN, name="Ann", link=LINK)
        session().rollback()
    post.deliver(message_id)
    post.sweep()
    assert post.arrived() == []


def test_two_workers_on_one_message_send_it_once(post: Post) -> None:
    message_id = written(post)
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        post.deliver(message_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(post.arrived()) == 1
    assert row(post, message_id).state == "sent"


@pytest.mark.parametrize("answers", ["unsaid", "slow"])
def test_a_message_that_was_taken_unseen_is_not_sent_again(
    post: Post, answers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.outbound.READ_SECONDS", 0.1)
    post.behave(answers=answers, seconds=0.4)
    message_id = written(post)
    post.deliver(message_id)
    assert row(post, message_id).state == "waiting"
    monkeypatch.undo()
    post.behave()
    post.deliver(message_id)
    (taken,) = post.arrived()
    kept = row(post, message_id)
    assert (kept.state, kept.attempts, kept.provider_id) == ("sent", 2, taken["id"])


WORKER = """
import json, sys
from flask import Flask, redirect, request
from portal.db import session as database
from portal.notify.delivery import deliver
from portal.settings.letters import Notify
from portal.settings.portal import Settings
from portal.web.state import WebState
url, database_url, message_id, notify = sys.argv[1:]
settings = Settings(secret_key="s" * 32, demo=True, public_url=url, notify=Notify(**json.loads(notify)))
app = Flask("worker")
database.install(app, database_url)
app.extensions["moothall.web"] = WebState(settings, "test", frozenset(), frozenset(), "session")
with app.app_context():
    deliver(id=message_id)
"""


def test_a_worker_that_is_killed_while_it_speaks_leads_to_one_message(post: Post, database_url: str) -> None:
    message_id = written(post)
    post.behave(answers="slow", seconds=1.5)
    notify = notify_settings(post.settings.notify.base_url)
    values = notify.model_dump(mode="json") | {"api_key": KEY, "receipt_token": None}
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, post.url, database_url, message_id, json.dumps(values)],
        env=os.environ | {"PYTHONPATH": os.getcwd()},
    )
    try:
        until = time.monotonic() + 20
        while not post.arrived() and time.monotonic() < until:
            time.sleep(0.02)
        worker.send_signal(signal.SIGKILL)
    finally:
        worker.kill()
        worker.wait()
    assert len(post.arrived()) == 1
    kept = row(post, message_id)
    assert (kept.state, kept.attempts, kept.provider_id) == ("waiting", 0, None)  # it could not even count
    assert kept.tried_at is not None
    post.behave()
    post.deliver(message_id)
    (taken,) = post.arrived()
    assert (row(post, message_id).state, row(post, message_id).provider_id) == ("sent", taken["id"])


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"answers": "down"}, "notify_503_unknown"),
        ({"answers": "busy"}, "notify_429_RateLimitError"),
        ({"limits": "spent"}, "notify_429_TooManyRequestsError"),
        ({"answers": "wrong"}, "notify_not_understood"),
        ({"answers": "unsaid"}, "notify_500_Exception"),
    ],
    ids=str,
)
def test_what_time_may_mend_is_tried_again(post: Post, how: dict[str, str], code: str) -> None:
    post.behave(**how)
    message_id = written(post)
    post.deliver(message_id)
    kept = row(post, message_id)
    assert (kept.state, kept.error_code, kept.line_down) == ("waiting", code, True)
    assert kept.body != ""
    post.behave()
    post.deliver(message_id)
    assert row(post, message_id).state == "sent"
    assert len(post.arrived()) == 1


def test_an_address_that_notify_refuses_is_given_up_and_noted(post: Post) -> None:
    message_id = written(post, "ann@example.org")
    with post.app.app_context():
        session().execute(text("update portal.outbound_message set to_address = 'nobody at all'"))
        session().commit()
    post.deliver(message_id)
    kept = row(post, message_id)
    assert (kept.state, kept.error_code, kept.body) == ("failed", "notify_400_ValidationError", "")
    with post.app.app_context():
        (problem,) = contact_problems.problems_of(ANN, email="nobody at all", phone=None)
        assert (problem.channel, problem.state) == ("email", "permanent-failure")
        assert contact_problems.problems_of(ANN, email="ann@example.org", phone="nobody at all") == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"api_key": SecretStr(f"x-{SERVICE}-{uuid.uuid4()}")}, "notify_403_AuthError"),
        ({"api_key": SecretStr(f"x-{uuid.uuid4()}-{uuid.uuid4()}")}, "notify_403_AuthError"),
        ({"email_template_id": uuid.uuid4()}, "notify_400_BadRequestError"),
        ({"base_url": "http://127.0.0.1:9"}, "notify_no_answer"),
    ],
    ids=["wrong secret", "wrong service", "wrong template", "nobody there"],
)
def test_a_fault_of_the_settings_loses_no_message(post: Post, changes: dict[str, Any], code: str) -> None:
    message_id = written(post)
    notify = post.settings.notify.model_copy(update=changes)
    state = post.app.extensions["moothall.web"]
    state.settings = post.settings.model_copy(update={"notify": notify})
    try:
        post.deliver(message_id)
    finally:
        state.settings = post.settings
    kept = row(post, message_id)
    assert (kept.state, kept.error_code) == ("waiting", code)
    post.deliver(message_id)
    assert row(post, message_id).state == "sent"


def test_a_clock_that_is_wrong_is_told_so(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr("notifications_python_client.authentication.epoch_seconds", lambda: int(now) - 40)
    message_id = written(post)
    post.deliver(message_id)
    assert row(post, message_id).error_code == "notify_403_AuthError"


def test_no_redirect_is_followed_and_our_name_is_told(database_url: str) -> None:
    asked: list[Any] = []
    elsewhere = Flask("elsewhere")

    @elsewhere.route("/<path:path>", methods=["GET", "POST"])
    def answer(path: str) -> Any:
        asked.append((path, request.headers["User-Agent"]))
        return redirect("/somewhere", 307)

    server = make_server("127.0.0.1", 0, elsewhere)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    settings = Settings(secret_key=SecretStr("s" * 32), demo=True, notify=notify_settings(f"{url}/api"))
    letter = Letter("1", "Council", "ann@example.org", "en", "Hello", "Text", clock.now())
    try:
        with pytest.raises(Undelivered) as caught:
            govuk.send(settings, "email", letter)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert caught.value.line
    ((path, name),) = asked
    assert path == "api/v2/notifications/email"
    assert name.startswith("Moothall/")
    assert "NOTIFY-API-PYTHON-CLIENT" in name


def test_an_address_within_the_network_is_not_called() -> None:
    settings = Settings(
        secret_key=SecretStr("s" * 32),
        public_url="https://my.council.example",
        notify=notify_settings("https://127.0.0.1:9"),
    )
    letter = Letter("1", "Council", "ann@example.org", "en", "Hello", "Text", clock.now())
    with pytest.raises(Undelivered, match="notify_no_answer"):
        govuk.send(settings, "email", letter)


def test_nothing_personal_is_logged(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    message_id = written(post, "ann.secret@example.org")
    post.behave(answers="unsaid")
    post.deliver(message_id)
    post.behave()
    post.deliver(message_id)
    assert message_id in caplog.text
    assert "secret" not in caplog.text
    assert "confirm/xxx" not in caplog.text


def test_what_waits_is_given_up_after_three_days_and_a_dozen_tries(post: Post) -> None:
    post.behave(answers="down")
    with clock.as_of(clock.now() - timedelta(days=3)):
        message_id = written(post)
    for _ in range(11):
        post.deliver(message_id)
    assert row(post, message_id).state == "waiting"
    post.deliver(message_id)
    kept = row(post, message_id)
    assert (kept.state, kept.error_code, kept.body) == ("failed", "notify_503_unknown", "")
