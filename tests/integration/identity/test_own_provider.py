"""Our relying party and our own provider, over real HTTP: the demo's sign-in, with both algorithms' checks real."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from joserfc import jwk
from pydantic import SecretStr
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from portal.provider.app import create_provider
from portal.settings.own_provider import OwnProvider
from portal.settings.providers import Provider
from tests.integration.identity.conftest import Browser
from tests.integration.provider.flows import PASSWORD, SECRET, add_person, add_portal, close
from tests.support.hostile_provider import HostileProvider, query_of
from tests.support.settings import settings_for

Application = Callable[[dict[str, Any], Any], Any]


@pytest.mark.parametrize("client_auth", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_a_resident_of_our_own_provider_signs_in_and_out(
    clean_database: str, make_portal: Any, rows: Any, tmp_path: Path, client_auth: Any
) -> None:
    server = make_server("127.0.0.1", 0, lambda *call: mounted(*call), threaded=True)
    origin = f"http://127.0.0.1:{server.port}"
    own = create_provider(
        settings_for(clean_database, public_url=origin, own_provider=OwnProvider(issuer=f"{origin}/id"))
    )
    mounted: Application = DispatcherMiddleware(own, {"/id": own})
    key = jwk.ECKey.generate_key("P-256", parameters={"kid": "key-1", "use": "sig", "alg": "ES256"})
    file = tmp_path / "key.pem"
    file.write_bytes(key.as_pem(private=True))
    by_key = client_auth == "private_key_jwt"
    registered: dict[str, Any] = {"auth_method": client_auth}
    if by_key:
        registered = {"secret": None, "jwks": {"keys": [key.as_dict(private=False)]}}
    add_portal(
        own,
        redirect_uris=["http://localhost/auth/town/callback"],
        post_logout_redirect_uris=["http://localhost/signed-out"],
        **registered,
    )
    add_person(own)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        town = Provider(
            issuer=f"{origin}/id",
            client_id="portal",
            client_auth=client_auth,
            client_secret=None if by_key else SecretStr(SECRET),
            client_key_file=str(file),
            client_key_id="key-1",
        )
        browser = Browser(make_portal({"town": town}).test_client(), HostileProvider())
        answer = browser.come_back(sign_in_there(browser.begin("/home?a=1")))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/home?a=1")
        assert "Priya" in browser.client.get("/home").text
        assert rows("select issuer, sid is not null from portal.session")[0][0] == f"{origin}/id"
        away = browser.post("/sign-out", csrf_token=browser.token("/note")).headers["Location"]
        assert away.startswith(f"{origin}/id/")
        back = requests.get(away, allow_redirects=False, timeout=5)
        assert back.status_code in (200, 302, 303)
        assert query_of(away)["client_id"] == "portal"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        close(own)


def sign_in_there(address: str) -> str:
    """What a resident does at the provider's pages. The address of the callback."""
    with requests.Session() as pages:
        page = pages.get(address, timeout=5)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token, page.text
        sent = {"csrf_token": token[1], "email": "priya@example.org", "password": PASSWORD}
        answer = pages.post(page.url, data=sent, allow_redirects=False, timeout=5)
        for _ in range(5):
            there = urljoin(page.url, answer.headers["Location"])
            if there.startswith("http://localhost/"):
                return there
            answer = pages.get(there, allow_redirects=False, timeout=5)
    raise AssertionError("never sent back")
