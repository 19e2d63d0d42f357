"""A small portal with real sign-in, and a provider that can be told to lie."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Blueprint, Flask, redirect, render_template_string
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from pydantic import SecretStr
from sqlalchemy import Engine, text
from wtforms import StringField

import portal.accounts.setup
import portal.identity.setup
import portal.web.setup
from portal.db import session as database
from portal.db.session import commits, dispose
from portal.identity import guard
from portal.identity.assurance import Assurance
from portal.identity.sessions import current_account
from portal.settings.providers import Provider
from portal.web.access import public
from portal.web.forms import Form
from portal.web.languages import lazy_gettext as _
from portal.web.page import offer
from tests.support.hostile_provider import HostileProvider, query_of
from tests.support.settings import settings_for

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


LETTERBOX = """{% extends "web/page.html" %}
{% block main %}[{{ form.note.data or "" }}]{{ csrf_field() }}{% endblock %}"""


class NoteForm(Form):
    """One field is enough to see what is kept."""

    note = StringField("Note")


def pages() -> list[Blueprint]:
    """Pages for the portal of the tests: open, closed, a form, and one that wants more proof."""
    bp, strict = Blueprint("pages", __name__), Blueprint("strict", __name__, url_prefix="/strict")

    @bp.get("/")
    @public
    def front() -> str:
        return "<h1>Front</h1>"

    @bp.get("/home")
    def home() -> str:
        return f"<h1>Home of {current_account().display_name}</h1>"

    @bp.route("/note", methods=["GET", "POST"])
    @commits
    def note() -> str:
        form = NoteForm()
        if form.accepted():
            return f"<h1>Taken: {form.note.data}</h1>"
        return render_template_string("<h1>Note</h1>[{{ form.note.data or '' }}]{{ csrf_field() }}", form=form)

    @bp.route("/paper/<path:title>", methods=["GET", "POST"])
    @commits
    def paper(title: str) -> str:
        form = NoteForm()
        form.accepted()
        values = {"title": title, "form": form}
        return render_template_string("<h1>{{ title }}</h1>[{{ form.note.data or '' }}]{{ csrf_field() }}", **values)

    @bp.route("/letterbox", methods=["GET", "POST"])
    @commits
    def letterbox() -> ResponseReturnValue:
        form = NoteForm()
        if form.accepted():
            if form.note.data != "wrong":
                return redirect("/home", 303)
            form.refuse("That is wrong", "note")
        page = (
            "{% extends 'web/page.html' %}{% block main %}[{{ form.note.data or '' }}]{{ csrf_field() }}{% endblock %}"
        )
        return render_template_string(page, form=form)

    @bp.post("/only-post")
    @commits
    def only_post() -> str:
        return "done"

    @bp.get("/extra")
    @guard.demands(Assurance.HIGH)
    def extra() -> str:
        return "extra"

    @bp.route("/letter", methods=["GET", "POST"])
    @guard.demands(fresh=timedelta(minutes=10))
    @commits
    def letter() -> ResponseReturnValue:
        form = NoteForm()
        if form.accepted():
            return redirect(f"/note?{urlencode({'sent': form.note.data})}", 303)
        return render_template_string("<h1>Letter</h1>[{{ form.note.data or '' }}]{{ csrf_field() }}", form=form)

    @bp.post("/send-only")
    @guard.demands(fresh=timedelta(minutes=10))
    @commits
    def send_only() -> str:
        return "sent"

    @bp.get("/file")
    def file() -> str:
        return render_template_string("<h1>File</h1>{{ csrf_field() }}")

    @bp.post("/file")
    @guard.demands(fresh=timedelta(minutes=10))
    @commits
    def fetch_file() -> str:
        return "the file"

    @strict.get("/page")
    def page() -> str:
        return "strict page"

    return [bp, strict]


class Browser:
    """One browser: a client with its own cookies that can sign in."""

    def __init__(self, client: FlaskClient, provider: HostileProvider) -> None:
        self.client, self.provider = client, provider

    def token(self, page: str = "/sign-in") -> str:
        found = TOKEN.search(self.client.get(page).text) or TOKEN.search(self.client.get("/note").text)
        assert found, "no form on the page"
        return found[1]

    def begin(self, next_path: str = "/home", name: str = "town") -> str:
        """Press the button. The address of the provider's sign-in page."""
        answer = self.client.post(
            f"/sign-in/{name}",
            data={"csrf_token": self.token(), "next": next_path},
            headers={"Origin": "http://localhost"},
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def come_back(self, callback: str) -> Any:
        return self.client.get(callback.removeprefix("http://localhost"))

    def sign_in(self, next_path: str = "/home") -> Any:
        """The whole way; the answer to the callback."""
        return self.come_back(self.provider.authorize(self.begin(next_path)))

    def leave_to_prove(self, page: str, name: str = "town") -> Any:
        """Press the button on the page that asks for more proof for this page of ours."""
        asks = self.client.get(page)
        assert asks.status_code == 303, asks.text
        shown = self.client.get(asks.headers["Location"])
        assert f'name="provider" value="{name}"' in shown.text, shown.text
        token = TOKEN.search(shown.text)
        assert token
        sent = {"csrf_token": token[1], "provider": name, "next": page}
        return self.client.post("/confirm-it-is-you", data=sent, headers={"Origin": "http://localhost"})

    def prove_more(self, page: str) -> Any:
        """The whole way for more proof; the answer to the callback."""
        return self.come_back(self.provider.authorize(self.leave_to_prove(page).headers["Location"]))

    def is_signed_in(self) -> bool:
        return self.client.get("/home").status_code == 200

    def post(self, path: str, **fields: str) -> Any:
        return self.client.post(path, data=fields)


@pytest.fixture
def provider() -> Iterator[HostileProvider]:
    with HostileProvider() as running:
        yield running


def provider_settings(provider: HostileProvider, **changes: Any) -> Provider:
    values: dict[str, Any] = {
        "title": "Town account",
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "client_secret": SecretStr(provider.client_secret),
        "acr_levels": {"checked": "medium", "documents": "high"},
    }
    return Provider(**(values | changes))


def build(url: str, providers: dict[str, Provider], **changes: Any) -> Flask:
    settings = settings_for(url, providers=providers, **changes)
    app = Flask("portal", static_folder=None)
    app.testing = True
    database.install(app, settings.database_url)
    portal.web.setup.install(app, settings, name="moothall")
    portal.accounts.setup.install(app)
    portal.identity.setup.install(app, settings)
    for bp in pages():
        app.register_blueprint(bp)
    guard.demand(app, "strict", Assurance.MEDIUM)
    offer(app, _("Home"), "pages.home")
    return app


@pytest.fixture
def make_portal(clean_database: str) -> Iterator[Any]:
    """Builds portals: `make_portal({"town": Provider(…)}, **settings)`."""
    made: list[Flask] = []

    def one(providers: dict[str, Provider], **changes: Any) -> Flask:
        made.append(build(clean_database, providers, **changes))
        return made[-1]

    yield one
    for app in made:
        with app.app_context():
            dispose()


@pytest.fixture
def make(make_portal: Any) -> Any:
    """Builds a portal and a browser: `make(provider, **changes of the provider's settings)`."""

    def one(provider: HostileProvider, portal_changes: dict[str, Any] | None = None, **changes: Any) -> Browser:
        app = make_portal({"town": provider_settings(provider, **changes)}, **(portal_changes or {}))
        return Browser(app.test_client(), provider)

    return one


@pytest.fixture
def browser(make: Any, provider: HostileProvider) -> Browser:
    """A browser at a portal with the one provider."""
    made: Browser = make(provider)
    return made


@pytest.fixture
def rows(cleaning_engine: Engine) -> Any:
    """Ask the database from outside: `rows("select …")`."""

    def ask(query: str) -> list[Any]:
        with cleaning_engine.connect() as connection:
            return list(connection.execute(text(query)))

    return ask


__all__ = ["Browser", "query_of"]
