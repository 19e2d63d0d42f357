"""Portal and provider on two sites, as they are in production: what only a real browser knows of cookies and policies.

`localhost` and `127.0.0.1` are different sites to a browser, so a form from one brings no Lax cookies to the other.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr
from sqlalchemy import Engine, text
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import BaseWSGIServer, make_server

from portal.app import create_app
from portal.db.session import dispose
from portal.provider.app import create_provider
from portal.settings.own_provider import OwnProvider
from portal.settings.providers import Provider
from tests.integration.provider.flows import PASSWORD, SECRET, add_person, add_portal, close
from tests.support.settings import settings_for

Serve = Callable[..., str]


@pytest.fixture
def two_sites(clean_database: str) -> Iterator[Serve]:
    """Starts both: `two_sites(response_mode="form_post")`. The portal's address."""
    running: list[tuple[BaseWSGIServer, threading.Thread]] = []
    ends: list[Callable[[], None]] = []

    def listen(host: str, application: Callable[..., Any]) -> int:
        server = make_server(host, 0, application, threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        running.append((server, thread))
        return server.port

    def serve(**changes: Any) -> str:
        applications: dict[str, Callable[..., Any]] = {}
        there = f"http://127.0.0.1:{listen('127.0.0.1', lambda *call: applications['provider'](*call))}"
        here = f"http://localhost:{listen('localhost', lambda *call: applications['portal'](*call))}"
        provider = create_provider(
            settings_for(clean_database, public_url=there, own_provider=OwnProvider(issuer=f"{there}/id"))
        )
        ends.append(lambda: close(provider))
        applications["provider"] = DispatcherMiddleware(provider, {"/id": provider})
        add_portal(provider, redirect_uris=[f"{here}/auth/town/callback"])
        add_person(provider)
        town = Provider(
            title="Town account",
            issuer=f"{there}/id",
            client_id="portal",
            client_secret=SecretStr(SECRET),
            **changes,
        )
        portal = create_app(settings_for(clean_database, public_url=here, providers={"town": town}), [])

        def end() -> None:
            with portal.app_context():
                dispose()

        ends.append(end)
        applications["portal"] = portal.wsgi_app
        return here

    yield serve
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()
    for each in ends:
        each()


def sign_in_there(page: Page) -> None:
    page.get_by_label("Email address").fill("priya@example.org")
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("scripted", [True, False])
@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_ux_06_signing_in_and_proving_more_between_two_sites(
    browser: Browser, two_sites: Serve, cleaning_engine: Engine, mode: str, scripted: bool
) -> None:
    here = two_sites(response_mode=mode)
    context = browser.new_context(base_url=here, java_script_enabled=scripted, locale="en-GB")
    context.set_default_timeout(10_000)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    addresses: list[str] = []
    page.on("framenavigated", lambda frame: addresses.append(frame.url))

    def pass_on() -> None:
        """Without script the pages in between have a button each."""
        if mode == "form_post" and not scripted:
            page.get_by_role("button", name="Continue").click()
            expect(page.locator("h1")).to_have_text("Finish signing in")
            page.get_by_role("button", name="Continue").click()

    try:
        page.goto("/profile/email")
        page.get_by_role("button", name="Sign in with Town account").click()
        sign_in_there(page)
        pass_on()
        expect(page).to_have_url(f"{here}/profile/email")

        page.locator("input[name=email]").fill("priya.new@example.org")
        with cleaning_engine.begin() as connection:
            connection.execute(text("update portal.session set authenticated_at = now() - interval '1 hour'"))
        page.get_by_role("button", name="Send me a link").click()
        expect(page.locator("h1")).to_have_text("Confirm that it is you")
        expect(page.locator("main")).to_contain_text("What you typed is kept")
        page.get_by_role("button", name="Continue with Town account").click()
        sign_in_there(page)
        pass_on()
        expect(page).to_have_url(f"{here}/profile/email")
        expect(page.locator("input[name=email]")).to_have_value("priya.new@example.org")
        page.get_by_role("button", name="Send me a link").click()
        expect(page).to_have_url(f"{here}/profile/email/sent")
    finally:
        context.close()
    assert complaints == []
    if mode == "form_post":
        assert not any("code=" in address for address in addresses)
