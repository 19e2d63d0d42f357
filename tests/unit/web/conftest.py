"""A bare application with the web room in it and no database."""

import pytest
from flask import Flask, Response

from portal.settings.reading import load_settings
from portal.web import setup
from portal.web.access import public
from portal.web.csrf import SESSION_COOKIE
from tests.support.client import Client, client_for
from tests.support.settings import MAIL


def make_app(
    name: str = "moothall",
    *,
    address: str | None = None,
    session_cookie: str = SESSION_COOKIE,
    **settings: object,
) -> Flask:
    """An application with a public page at `/`, and nothing else of its own."""
    app = Flask("web_tests", static_folder=None)
    values: dict[str, object] = {"secret_key": "s" * 40, "public_url": "http://localhost"}
    if not settings.get("demo"):
        values["mail"] = MAIL
    setup.install(
        app, load_settings({}, **(values | settings)), name=name, address=address, session_cookie=session_cookie
    )
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/")
    @public
    def start() -> Response:
        return plain("start")

    return app


def plain(text: str) -> Response:
    """An answer that is no page, and is not judged as one."""
    return Response(text, mimetype="text/plain")


@pytest.fixture
def app() -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> Client:
    return client_for(app)
