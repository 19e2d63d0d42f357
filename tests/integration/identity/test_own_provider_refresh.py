"""The portal asks our own provider, over real HTTP, whether a sign-in still counts."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from portal.app import create_app
from portal.cli.demo_data import _register_ourselves
from portal.cli.demo_environment import CLIENT_ID
from portal.db.session import session
from portal.identity import operations
from portal.provider.app import create_provider
from portal.provider.operations import register_person
from portal.settings.own_provider import OwnProvider
from portal.settings.portal import Settings
from portal.settings.providers import Provider
from tests.integration.provider.flows import PASSWORD, SECRET, close
from tests.integration.provider.test_back_channel_end_to_end import EMAIL, Application, Town, is_in, run_jobs, signed_in
from tests.support.fixtures import Clock
from tests.support.settings import settings_for


@pytest.fixture
def town(clean_database: str, at: Clock) -> Iterator[Town]:
    """The portal, which refreshes every ten minutes, with the provider under /id."""
    server = make_server("127.0.0.1", 0, lambda *call: served(*call), threaded=True)
    settings = settings_of(clean_database, f"http://localhost:{server.port}")
    app, own = create_app(settings), create_provider(settings)
    served: Application = DispatcherMiddleware(app.wsgi_app, {"/id": own.wsgi_app})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    with app.app_context():
        _register_ourselves(settings)
        scopes = "scopes || array['offline_access']"
        session().execute(text(f"update provider.client set scopes = {scopes} where id = '{CLIENT_ID}'"))
        register_person(email=EMAIL, password=PASSWORD, given_name="Priya", family_name="Shah", verified=True)
        session().commit()
    yield Town(app, settings.public_url)
    server.shutdown()
    thread.join()
    server.server_close()
    for each in (app, own):
        close(each)


def settings_of(database_url: str, url: str) -> Settings:
    ours = Provider(issuer=f"{url}/id", client_id=CLIENT_ID, client_secret=SecretStr(SECRET), refresh_minutes=10)
    return settings_for(
        database_url,
        demo=True,
        public_url=url,
        own_provider=OwnProvider(mounted=True, issuer=f"{url}/id"),
        providers={"moothall": ours},
    )


def test_a_session_is_refreshed_until_the_provider_takes_it_back(town: Town, at: Clock, rows: Any) -> None:
    browser = signed_in(town)
    for _ in range(2):
        before = rows("select refresh_token, id_token from portal.session")
        at.advance(minutes=11)
        assert is_in(town, browser)
        after = rows("select refresh_token, id_token from portal.session")
        assert after[0].refresh_token not in (None, before[0].refresh_token)
    with town.app.app_context():
        session().execute(text("update provider.refresh_family set revoked_at = now()"))
        session().commit()
    at.advance(minutes=11)
    page = browser.get(f"{town.url}/home", timeout=10)
    assert "asks you to sign in again" in page.text
    assert rows("select ended_why, refresh_token from portal.session") == [("not_renewed", None)]


def test_signing_out_takes_the_refresh_token_back_at_the_provider(town: Town, rows: Any) -> None:
    browser = signed_in(town)
    token = rows("select refresh_token is not null from portal.session")
    assert token == [(True,)]
    with town.app.app_context():
        row = session().execute(text("select id, account_id from portal.session")).one()
        operations.end_session(row.id, row.account_id, browser=None)
        session().commit()
    run_jobs(town)
    assert rows("select revoked_at is not null from provider.refresh_family") == [(True,)]
    assert rows("select refresh_token from portal.session") == [(None,)]
    assert not is_in(town, browser)
