"""The provider as an application, with a relying party and a resident."""

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select

from portal.db.session import session
from portal.provider import remembered_clients
from portal.provider.app import create_provider
from portal.provider.models import SigningKey
from portal.provider.state import KEY
from tests.integration.provider.flows import Portal, add_person, add_portal, close, provider_settings, sign_in
from tests.support.client import Client

PING = ";"


class Prepared:
    """An application made once, whose keys are put back before each test: an RSA key takes long to make."""

    def __init__(self, database_url: str, *, demo: bool) -> None:
        self.app = create_provider(provider_settings(database_url, demo=demo))
        self.app.test_client_class = Client
        with self.app.app_context():
            self.app.extensions[KEY].ring.keys()
            rows = session().execute(select(SigningKey.__table__)).mappings().all()
            self.keys = [dict(row) for row in rows]

    def ready(self) -> Flask:
        """The application as if it had just started."""
        with self.app.app_context():
            session().execute(delete(SigningKey))
            session().execute(insert(SigningKey), self.keys)
            session().commit()
        self.app.extensions[KEY].ring._keys = None
        with self.app.app_context():
            remembered_clients.forget()
        return self.app


@pytest.fixture(scope="session")
def _plain(database_url: str) -> Iterator[Prepared]:
    made = Prepared(database_url, demo=False)
    yield made
    close(made.app)


@pytest.fixture(scope="session")
def _demo(database_url: str) -> Iterator[Prepared]:
    made = Prepared(database_url, demo=True)
    yield made
    close(made.app)


@pytest.fixture
def app(clean_database: str, _plain: Prepared) -> Flask:
    """A provider with nothing in its tables but keys."""
    return _plain.ready()


@pytest.fixture
def demo_app(clean_database: str, _demo: Prepared) -> Flask:
    """A provider in a demo."""
    return _demo.ready()


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first word of every statement that the driver is given, in order and by whatever way.

    But for the pool's question whether a connection that lay idle is alive, which depends on the machine's speed.
    """
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def note(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else str(query)
        if text != PING:
            seen.append(text.split(maxsplit=1)[0].lower())
        return execute(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", note)
    return seen


@pytest.fixture
def portal(app: Flask) -> Portal:
    """A relying party that is registered."""
    return add_portal(app)


@pytest.fixture
def priya(app: Flask) -> uuid.UUID:
    """A resident with a password. The value is her `sub`."""
    return add_person(app)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser that keeps its cookies."""
    return app.test_client()


@pytest.fixture
def elsewhere(app: Flask) -> FlaskClient:
    """Another browser, that nobody is signed in with."""
    return app.test_client()


@pytest.fixture
def signed_in(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> FlaskClient:
    """Priya's browser, after a first visit."""
    sign_in(browser, portal.ask())
    return browser
