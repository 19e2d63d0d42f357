"""Transactions beside the page's own: they must work when every connection of the pages is taken."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db import session as database
from portal.db.session import beside, dispose, session
from portal.web import limits

AT_ONCE = 30
"""As many as a process has connections for its pages."""


@pytest.fixture
def app(clean_database: str) -> Iterator[Flask]:
    app = Flask("beside", static_folder=None)
    database.install(app, clean_database)
    yield app
    with app.app_context():
        dispose()


def test_pages_that_hold_every_connection_can_still_count(app: Flask) -> None:
    all_hold_one = threading.Barrier(AT_ONCE)

    def page(number: int) -> None:
        with app.app_context():
            session().execute(text("select 1"))
            all_hold_one.wait(20)
            limits.hit(f"page {number}", limit=1, seconds=60)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(page, range(AT_ONCE)))


def test_what_is_done_beside_the_page_stays_when_the_page_fails(app: Flask) -> None:
    with app.app_context():
        session().execute(text("select 1"))
        with beside() as connection:
            connection.execute(text("insert into portal.limit_count values ('k', 1, now())"))
        session().rollback()
        assert session().scalar(text("select count(*) from portal.limit_count")) == 1
