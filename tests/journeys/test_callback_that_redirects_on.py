"""A client whose callback sends people on to another address of its own, as behind a gateway: three origins in all.

Chromium holds redirects after a form to the policy of the form's page, so only a browser can tell.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask, Response, redirect
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from portal.provider.app import create_provider
from portal.settings.own_provider import OwnProvider
from tests.integration.provider.flows import PASSWORD, Portal, add_person, add_portal, close
from tests.support.settings import settings_for


@dataclass
class Sites:
    """The provider's address and the client."""

    provider: str
    portal: Portal


@pytest.fixture
def sites(clean_database: str) -> Iterator[Sites]:
    """The provider, the client's gateway, and where the gateway sends people on."""
    running: list[tuple[BaseWSGIServer, threading.Thread]] = []

    def listen(application: Callable[..., object]) -> str:
        server = make_server("127.0.0.1", 0, application, threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.port}"

    service, gateway = Flask("service"), Flask("gateway")
    service.add_url_rule(
        "/", view_func=lambda: Response("<!doctype html><title>s</title><link rel=icon href=data:,><h1>Arrived</h1>")
    )
    beyond = listen(service)
    for path in ("/callback", "/signed-out"):
        gateway.add_url_rule(path, path, lambda: redirect(f"{beyond}/", 303), methods=["GET", "POST"])
    client = listen(gateway)
    applications: list[Flask] = []
    here = listen(lambda *call: applications[0](*call))
    provider = create_provider(
        settings_for(clean_database, public_url=here, own_provider=OwnProvider(issuer=here), providers={})
    )
    applications.append(provider)
    add_person(provider)
    portal = add_portal(
        provider,
        redirect_uris=[f"{client}/callback"],
        post_logout_redirect_uris=[f"{client}/signed-out"],
        consent=True,
    )
    portal.redirect_uri = f"{client}/callback"
    yield Sites(here, portal)
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()
    close(provider)


def sign_in_there(page: Page) -> None:
    page.get_by_label("Email address").fill("priya@example.org")
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("scripted", [True, False])
@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_op_signing_in_to_a_client_whose_callback_redirects_to_another_origin(
    browser: Browser, sites: Sites, mode: str, scripted: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripted, locale="en-GB")
    context.set_default_timeout(10_000)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)

    def arrived() -> None:
        if mode == "form_post" and not scripted:
            page.get_by_role("button", name="Continue").click()
        expect(page.locator("h1")).to_have_text("Arrived")

    asked = f"{sites.provider}{sites.portal.ask(response_mode=mode)}"
    try:
        page.goto(asked)
        sign_in_there(page)
        page.get_by_role("button", name="Allow").click()
        arrived()
        page.goto(f"{asked}&prompt=consent")
        page.get_by_role("button", name="Refuse").click()
        arrived()
        page.goto(f"{asked}&prompt=login")
        sign_in_there(page)
        arrived()
        away = sites.portal.redirect_uri.replace("/callback", "/signed-out")
        page.goto(f"{sites.provider}/logout?client_id=portal&post_logout_redirect_uri={away}")
        page.get_by_role("main").get_by_role("button", name="Sign out").click()
        expect(page.locator("h1")).to_have_text("Arrived")
    finally:
        context.close()
    assert complaints == []
