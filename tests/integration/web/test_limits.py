"""Limits are counted in the database: all processes together, and whatever becomes of the request."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal.db import session as database
from portal.db.session import commits, db, dispose
from portal.errors import TooMany
from portal.web import limits, setup
from portal.web.access import public
from portal.web.limits import LimitCount, forget, hit
from tests.support.client import client_for
from tests.support.fixtures import Clock
from tests.support.settings import settings_for


def make_app(url: str) -> Flask:
    app = Flask("limits", static_folder=None)
    database.install(app, url)
    setup.install(app, settings_for(url), name="moothall")

    @app.get("/try")
    @public
    @commits
    def attempt() -> str:
        hit("somebody@marlowe.example", limit=2, seconds=60)
        db.session.execute(text("select 1 / 0"))
        return ""

    return app


@pytest.fixture
def apps(clean_database: str) -> Iterator[list[Flask]]:
    """Two applications with engines of their own, as two processes have."""
    made = [make_app(clean_database), make_app(clean_database)]
    with made[0].app_context():
        yield made
    for app in made:
        with app.app_context():
            dispose()


def rows() -> int:
    with db.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(LimitCount)).scalar_one()


def test_the_limit_is_reached_and_ends(apps: list[Flask], at: Clock) -> None:
    for _ in range(3):
        hit("a", limit=3, seconds=60)
    at.advance(seconds=20)
    with pytest.raises(TooMany) as refused:
        hit("a", limit=3, seconds=60)
    assert refused.value.retry_after == 40
    assert str(refused.value) == "You have tried too often. Wait 40 seconds, then try again."
    hit("b", limit=3, seconds=60)
    at.advance(seconds=41)
    hit("a", limit=3, seconds=60)


def test_a_right_answer_starts_the_count_anew(apps: list[Flask]) -> None:
    hit("a", limit=1, seconds=60)
    forget("a")
    hit("a", limit=1, seconds=60)


def test_two_processes_and_many_threads_count_together(apps: list[Flask]) -> None:
    def one(number: int) -> bool:
        with apps[number % 2].app_context():
            try:
                hit("shared", limit=10, seconds=60)
            except TooMany:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(40))) == 10


def test_what_is_counted_survives_a_request_that_fails(apps: list[Flask]) -> None:
    apps[0].config["PROPAGATE_EXCEPTIONS"] = False
    client = client_for(apps[0])
    assert [client.get("/try").status_code for _ in range(4)] == [500, 500, 429, 429]
    assert int(client.get("/try").headers["Retry-After"]) <= 60


def test_neither_address_nor_name_is_kept(apps: list[Flask]) -> None:
    hit("amina@marlowe.example \ud800", limit=1, seconds=60)
    with db.engine.connect() as connection:
        (key,) = connection.execute(select(LimitCount.key)).scalars()
    assert len(key) == 64
    assert "amina" not in key


def test_old_counts_are_swept(apps: list[Flask], at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        hit(f"key {number}", limit=1, seconds=60)
    at.advance(minutes=2)
    monkeypatch.setattr(limits, "SWEEP_ONE_IN", 1)
    hit("one more", limit=1, seconds=60)
    assert rows() == 1


def test_a_long_wait_is_told_in_minutes(apps: list[Flask], at: Clock) -> None:
    hit("a", limit=1, seconds=3600)
    with pytest.raises(TooMany, match="Wait 60 minutes"):
        hit("a", limit=1, seconds=3600)


def test_a_database_that_is_gone_is_a_503(apps: list[Flask]) -> None:
    app = Flask("gone", static_folder=None)
    url = "postgresql://nobody@127.0.0.1:9/none"
    database.install(app, url)
    setup.install(app, settings_for(url), name="moothall")

    @app.get("/ask")
    @public
    def ask() -> str:
        db.session.execute(text("select 1"))
        return ""

    client = client_for(app)
    answer = client.get("/ask")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert client.page.h1 == "Sorry, this service is not available now"
