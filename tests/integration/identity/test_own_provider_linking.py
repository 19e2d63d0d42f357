"""Our own provider and another one open the same account: the whole way over real HTTP."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from pydantic import SecretStr
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from portal.provider.app import create_provider
from portal.settings.own_provider import OwnProvider
from portal.settings.providers import Provider
from tests.integration.identity.conftest import Browser, provider_settings
from tests.integration.identity.two_providers import WAYS, YOURS
from tests.integration.provider.flows import PASSWORD, SECRET, add_person, add_portal, close
from tests.support.hostile_provider import HostileProvider
from tests.support.settings import settings_for

Application = Callable[[dict[str, Any], Any], Any]
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def own(clean_database: str) -> Iterator[Provider]:
    """Our own provider on an address of its own, with Priya; the settings that name it."""
    server = make_server("127.0.0.1", 0, lambda *call: mounted(*call), threaded=True)
    origin = f"http://127.0.0.1:{server.port}"
    app = create_provider(
        settings_for(clean_database, public_url=origin, own_provider=OwnProvider(issuer=f"{origin}/id"))
    )
    mounted: Application = DispatcherMiddleware(app, {"/id": app})
    add_portal(app, redirect_uris=["http://localhost/auth/own/callback"])
    add_person(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Provider(
            title="Council account", issuer=f"{origin}/id", client_id="portal", client_secret=SecretStr(SECRET)
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        close(app)


def at_own(pages: requests.Session, address: str) -> tuple[str, bool]:
    """Sign in there if it asks; the address of the callback, and whether it has asked."""
    answer, asked = pages.get(address, allow_redirects=False, timeout=5), False
    for _ in range(8):
        if answer.status_code == 200:
            token = CSRF.search(answer.text)
            assert token, answer.text
            asked = True
            sent = {"csrf_token": token[1], "email": "priya@example.org", "password": PASSWORD}
            answer = pages.post(answer.url, data=sent, allow_redirects=False, timeout=5)
        there = urljoin(answer.url, answer.headers["Location"])
        if there.startswith("http://localhost/"):
            return there, asked
        answer = pages.get(there, allow_redirects=False, timeout=5)
    raise AssertionError("never sent back")


def press(browser: Browser, page: str, to: str) -> str:
    """Press the button of a page; where it leads."""
    answer = browser.post(to, csrf_token=browser.token(page))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_gov_25_an_account_of_our_own_provider_is_kept_with_another(
    own: Provider, provider: HostileProvider, make_portal: Any, rows: Any
) -> None:
    app = make_portal({"own": own, "town": provider_settings(provider)})
    provider.userinfo["email"] = "priya@example.org"
    with requests.Session() as pages:
        first = Browser(app.test_client(), provider)
        back, _asked = at_own(pages, first.begin(name="own"))
        assert first.come_back(back).headers["Location"] == "/home"
        newcomer = Browser(app.test_client(), provider)
        answer = newcomer.come_back(provider.authorize(newcomer.begin("/note", "town")))
        assert answer.headers["Location"] == YOURS
        back, asked = at_own(pages, press(newcomer, YOURS, f"{YOURS}/sign-in/own"))
        assert asked, "a session that is there already must not be proof"
        assert newcomer.come_back(back).headers["Location"] == "/note"
    assert rows("select count(*) from portal.account")[0][0] == 1
    assert rows("select count(*) from portal.identity")[0][0] == 2


def test_gov_25_our_own_provider_is_added_to_an_account(
    own: Provider, provider: HostileProvider, make_portal: Any, rows: Any
) -> None:
    app = make_portal({"own": own, "town": provider_settings(provider)})
    browser = Browser(app.test_client(), provider)
    browser.sign_in()
    with requests.Session() as pages:
        back, asked = at_own(pages, press(browser, f"{WAYS}/add/own", f"{WAYS}/add/own"))
        assert asked
        assert browser.come_back(back).headers["Location"] == WAYS
    assert rows("select count(*) from portal.identity")[0][0] == 2
