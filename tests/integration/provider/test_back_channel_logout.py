"""The end of a sign-in reaches the clients that took part in it (OP-15, OpenID Connect Back-Channel Logout 1.0)."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws
from procrastinate.jobs import Job
from sqlalchemy import text

from portal.cli.people import people
from portal.db.session import session
from portal.jobs.queue import worker_app
from portal.provider import back_channel, operations, sign_ins
from portal.provider.models import Person
from portal.provider.state import KEY
from portal.settings.own_provider import OwnProvider
from tests.integration.provider.flows import (
    ISSUER,
    Portal,
    add_portal,
    answer_in,
    link_in,
    post_form,
    sign_in,
    tokens_for,
)
from tests.support.fixtures import Clock
from tests.support.worker import work

CALLBACKS = ["https://portal.example/auth/moothall/callback"]


class Receiver:
    """A client's logout address. `status`, `headers` and `body` are what it answers."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.status, self.body = 200, b""
        self.headers: dict[str, str] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                values = {name: value for name, (value,) in parse_qs(sent, strict_parsing=True).items()}
                self.hear({"type": self.headers["Content-Type"]} | values)

            def do_GET(self) -> None:
                self.hear({})  # who follows a redirect comes by this way

            def hear(self, what: dict[str, Any]) -> None:
                receiver.heard.append({"method": self.command, "path": self.path} | what)
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.uri = f"http://127.0.0.1:{self.server.server_port}/logout"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def tokens(self) -> list[str]:
        return [each["logout_token"] for each in self.heard]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def listening(app: Flask, receiver: Receiver) -> Portal:
    """A client that wants to hear."""
    return add_listener(app, "listening", receiver.uri)


def add_listener(app: Flask, client_id: str, uri: str, **changes: Any) -> Portal:
    return add_portal(app, client_id, backchannel_logout_uri=uri, settings=app.extensions[KEY].settings, **changes)


def run_jobs(app: Flask) -> list[str]:
    with app.app_context():
        session().execute(text("delete from jobs.procrastinate_jobs where task_name <> 'provider.tell_client'"))
        return work()


def test_op_15_a_logout_token_names_session_and_person(
    app: Flask, listening: Portal, receiver: Receiver, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens = tokens_for(listening, browser)
    said = listening.claims(tokens["id_token"])
    browser.get("/logout", query_string={"id_token_hint": tokens["id_token"]})
    assert receiver.heard == []  # nothing leaves before the job is done
    assert run_jobs(app) == ["provider.tell_client"]
    (heard,) = receiver.heard
    assert heard["type"] == "application/x-www-form-urlencoded"
    claims = listening.claims(heard["logout_token"])
    head = jws.extract_compact(heard["logout_token"].encode()).headers()
    assert head["typ"] == "logout+jwt"
    assert head["alg"] == "ES256"
    assert set(claims) == {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert (claims["iss"], claims["aud"], claims["sub"], claims["sid"]) == (
        ISSUER,
        "listening",
        said["sub"],
        said["sid"],
    )
    assert 0 < claims["exp"] - claims["iat"] <= 120


def test_op_15_only_clients_that_took_part_hear(
    app: Flask, listening: Portal, receiver: Receiver, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    second = add_listener(app, "second", receiver.uri)
    add_listener(app, "bystander", receiver.uri)
    sign_in(browser, portal.ask())
    for each in (listening, second):
        assert each.exchange(answer_in(browser.get(each.ask()).location)["code"]).status_code == 200
    with app.app_context():
        login = session().execute(text("select id from provider.login")).scalar_one()
    tokens_for(listening, app.test_client())  # another browser, which stays signed in
    with app.test_request_context():
        sign_ins.end_login(login)
        sign_ins.end_login(login)  # twice is heard once
        session().commit()
    assert len(run_jobs(app)) == 2
    told = [listening.claims(token) for token in receiver.tokens]
    assert {each["aud"] for each in told} == {"listening", "second"}
    assert {each["sid"] for each in told} == {str(login)}


def test_op_15_a_change_that_is_rolled_back_tells_nobody(
    app: Flask, listening: Portal, receiver: Receiver, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens_for(listening, browser)
    with app.test_request_context():
        sign_ins.end_every_login(session().get_one(Person, priya))
        session().rollback()
    assert run_jobs(app) == []


def test_op_15_a_new_password_ends_the_sessions_of_every_browser(
    app: Flask, listening: Portal, receiver: Receiver, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens_for(listening, browser)
    tokens_for(listening, app.test_client())
    stranger = app.test_client()
    post_form(stranger, "/forgotten-password", email="priya@example.org")
    post_form(stranger, link_in(app), password="another three words")
    assert len(run_jobs(app)) == 2
    assert len({listening.claims(token)["sid"] for token in receiver.tokens}) == 2


def test_op_15_a_person_who_is_removed_is_signed_out_at_the_clients(
    app: Flask,
    listening: Portal,
    receiver: Receiver,
    priya: uuid.UUID,
    browser: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens_for(listening, browser)
    monkeypatch.setattr("portal.cli.people.command_settings", lambda: nullcontext(app.extensions[KEY].settings))
    assert CliRunner().invoke(people, ["remove", str(priya)], input="n\n").exit_code == 1
    assert CliRunner().invoke(people, ["remove", str(priya), "--yes"]).exit_code == 0
    with app.app_context():
        assert session().get(Person, priya) is None
    run_jobs(app)
    assert listening.claims(receiver.tokens[0])["sub"] == str(priya)


def test_op_15_signing_in_again_as_the_same_person_ends_nothing(
    app: Flask, listening: Portal, receiver: Receiver, priya: uuid.UUID, browser: FlaskClient
) -> None:
    first = tokens_for(listening, browser)
    again = tokens_for(listening, browser, prompt="login")
    assert listening.claims(first["id_token"])["sid"] == listening.claims(again["id_token"])["sid"]
    assert run_jobs(app) == []


def test_op_13_a_pairwise_client_is_told_its_own_sub_and_sid(
    app: Flask, receiver: Receiver, priya: uuid.UUID, browser: FlaskClient
) -> None:
    portal = add_listener(app, "apart", receiver.uri, subject_type="pairwise")
    said = portal.claims(tokens_for(portal, browser)["id_token"])
    with app.test_request_context():
        sign_ins.end_every_login(session().get_one(Person, priya))
        session().commit()
    run_jobs(app)
    assert portal.claims(receiver.tokens[0])["sub"] == said["sub"] != str(priya)
    assert portal.claims(receiver.tokens[0])["sid"] == said["sid"]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500, 503])
def test_op_15_a_client_that_does_not_take_it_is_asked_again_with_a_fresh_token(
    at: Clock, app: Flask, listening: Portal, receiver: Receiver, priya: uuid.UUID, status: int
) -> None:
    receiver.status, receiver.headers = status, {"Location": f"{receiver.uri}/elsewhere"}
    job = {"client_id": "listening", "issuer": ISSUER, "sid": str(uuid.uuid4()), "sub": str(priya)}
    with app.app_context():
        with pytest.raises(back_channel.NotTold):
            back_channel.tell_client(**job)
        assert [each["path"] for each in receiver.heard] == ["/logout"]  # a redirect is not followed
        at.advance(hours=3)
        receiver.status = 200
        back_channel.tell_client(**job)
        session().commit()
    first, second = (listening.claims(token) for token in receiver.tokens)
    assert second["iat"] - first["iat"] == 3 * 3600
    assert second["jti"] != first["jti"]


def test_op_15_the_waits_grow_and_end_within_a_day(app: Flask, clean_database: str) -> None:
    strategy = worker_app(clean_database, app).tasks["provider.tell_client"].retry_strategy
    assert strategy is not None
    waits, refused = [], back_channel.NotTold("status 503")
    for tries in range(100):
        job = Job(
            id=1, attempts=tries, queue="default", lock=None, queueing_lock=None, task_name="provider.tell_client"
        )
        decision = strategy.get_retry_decision(exception=refused, job=job)
        if decision is None:
            break
        assert decision.retry_at is not None
        waits.append((decision.retry_at - datetime.now(UTC)).total_seconds())
    assert len(waits) == back_channel.ATTEMPTS
    assert all(later > 1.5 * earlier for earlier, later in pairwise(waits))
    assert 12 * 3600 < sum(waits) < 24 * 3600


def test_op_15_a_huge_answer_is_cut_off(app: Flask, listening: Portal, receiver: Receiver, priya: uuid.UUID) -> None:
    receiver.body = b"x" * 2_000_000
    with app.app_context(), pytest.raises(back_channel.NotTold):
        back_channel.tell_client(client_id="listening", issuer=ISSUER, sid=str(uuid.uuid4()), sub=str(priya))


def test_op_15_inner_addresses_are_not_called(
    app: Flask, listening: Portal, receiver: Receiver, priya: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.web.state import web_state

    job = {"client_id": "listening", "issuer": ISSUER, "sid": str(uuid.uuid4()), "sub": str(priya)}
    with app.app_context():
        public = web_state().settings.model_copy(update={"public_url": "https://my.council.example"})
        monkeypatch.setattr(back_channel, "web_state", lambda: type("State", (), {"settings": public}))
        with pytest.raises(back_channel.NotTold, match="ConnectionError"):
            back_channel.tell_client(**job)
    assert receiver.heard == []


@pytest.mark.parametrize(
    "uri",
    [
        "https://127.0.0.1/x",
        "https://10.0.0.7/x",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/x",
        "http://clients.example/x",
        "https://localhost/x",
        "ftp://clients.example/x",
        "https://user@clients.example/x",
        "https://clients.example/x#y",
    ],
)
def test_op_15_a_logout_address_within_our_network_is_refused_when_it_is_registered(app: Flask, uri: str) -> None:
    from portal.errors import SetupError

    away = app.extensions[KEY].settings.model_copy(update={"public_url": "https://my.council.example"})
    with app.app_context(), pytest.raises(SetupError, match=r"logout address .* (must|lies within)"):
        operations.ensure_client(
            "inner", title="x", secret="s" * 40, redirect_uris=CALLBACKS, backchannel_logout_uri=uri, settings=away
        )


def test_op_15_an_inner_host_may_be_named_in_the_settings(app: Flask) -> None:
    own = OwnProvider(issuer=ISSUER, inner_hosts=("10.0.0.7",))
    away = app.extensions[KEY].settings.model_copy(
        update={"public_url": "https://my.council.example", "own_provider": own}
    )
    with app.app_context():
        assert operations.ensure_client(
            "inner",
            title="x",
            secret="s" * 40,
            redirect_uris=CALLBACKS,
            backchannel_logout_uri="https://10.0.0.7/x",
            settings=away,
        )
