"""Every form of our requests against our own provider, over real HTTP; and more proof from it."""

import re
import threading
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from flask import Flask
from joserfc import jwk
from pydantic import SecretStr
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from portal.provider.app import create_provider
from portal.settings.own_provider import OwnProvider
from portal.settings.providers import Provider
from tests.integration.identity.conftest import TOKEN, Browser
from tests.integration.provider.flows import PASSWORD, SECRET, add_person, add_portal, close
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider
from tests.support.settings import settings_for

CALLBACK = "http://localhost/auth/town/callback"
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
KEY = jwk.ECKey.generate_key("P-256", parameters={"kid": "key-1", "use": "sig", "alg": "ES256"})
FORMS: dict[str, dict[str, Any]] = {
    "pushed": {},
    "plain": {"pushed_requests": "never"},
    "signed": {"request_object": True, "pushed_requests": "never"},
    "signed and pushed": {"request_object": True},
    "answered by form": {"response_mode": "form_post"},
    "all at once": {"request_object": True, "response_mode": "form_post"},
}


@pytest.fixture
def own(clean_database: str) -> Iterator[str]:
    """Our own provider on an address of its own, with Priya; its issuer."""
    server = make_server("127.0.0.1", 0, lambda *call: mounted(*call), threaded=True)
    issuer = f"http://127.0.0.1:{server.port}/id"
    app: Flask = create_provider(
        settings_for(clean_database, public_url=issuer.removesuffix("/id"), own_provider=OwnProvider(issuer=issuer))
    )
    mounted: Callable[..., Any] = DispatcherMiddleware(app, {"/id": app})
    add_portal(app, redirect_uris=[CALLBACK], jwks={"keys": [KEY.as_dict(private=False)]})
    add_person(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        close(app)


class Person:
    """Priya's browser at the provider."""

    def __init__(self) -> None:
        self.pages, self.asked = requests.Session(), 0

    def go(self, address: str) -> requests.Response:
        """Sign in there as often as it asks. The last answer: a redirect to us, or a form for us."""
        answer = self.pages.get(address, allow_redirects=False, timeout=5)
        for _ in range(8):
            if answer.status_code == 200 and CALLBACK in answer.text:
                return answer
            if answer.status_code == 200:
                self.asked += 1
                token = TOKEN.search(answer.text)
                assert token, answer.text
                sent = {"csrf_token": token[1], "email": "priya@example.org", "password": PASSWORD}
                answer = self.pages.post(answer.url, data=sent, allow_redirects=False, timeout=5)
            else:
                there = urljoin(answer.url, answer.headers["Location"])
                if there.startswith(CALLBACK):
                    return answer
                answer = self.pages.get(there, allow_redirects=False, timeout=5)
        raise AssertionError("never sent back")


def come_back(browser: Browser, answer: requests.Response) -> Any:
    """With the provider's answer to us, in whichever way it comes."""
    if answer.status_code != 200:
        return browser.come_back(answer.headers["Location"])
    fields = {name: unescape(value) for name, value in FIELD.findall(answer.text)}
    page = browser.client.application.test_client().post("/auth/town/callback", data=fields)
    again = {name: unescape(value) for name, value in FIELD.findall(page.text)}
    return browser.client.post("/auth/town/callback", data=again)


@pytest.mark.parametrize("form", FORMS)
def test_rp_26_bcp_09_every_form_of_request_signs_in_and_proves_more(
    own: str, make_portal: Any, at: Clock, tmp_path: Path, form: str
) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(KEY.as_pem(private=True))
    values = {"client_key_file": str(file), "client_key_id": "key-1", "client_secret": SecretStr(SECRET)}
    town = Provider(issuer=own, client_id="portal", **(values | FORMS[form]))
    browser, priya = Browser(make_portal({"town": town}).test_client(), HostileProvider()), Person()
    answer = come_back(browser, priya.go(browser.begin("/home?a=1")))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home?a=1")
    assert browser.client.get("/letter").status_code == 200
    at.advance(minutes=11)
    answer = come_back(browser, priya.go(browser.leave_to_prove("/letter").headers["Location"]))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/letter")
    assert browser.client.get("/letter").status_code == 200
    assert priya.asked == 2  # though she was signed in there
