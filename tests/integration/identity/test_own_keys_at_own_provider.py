"""Our own keys at our own provider, which fetches them from us over real HTTP; and what the check says of both."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from portal.db.session import session
from portal.identity import client_keys, own_keys
from portal.identity.checks.diagnosis import diagnose
from portal.identity.relying_party import get_party
from portal.provider.app import create_provider
from portal.settings.own_provider import OwnProvider
from portal.settings.portal import Settings
from portal.settings.providers import Provider
from portal.signing.ring import OVERLAP
from tests.integration.provider.flows import add_portal, close
from tests.support.fixtures import Clock
from tests.support.settings import settings_for

Application = Callable[[dict[str, Any], Any], Any]


@contextmanager
def served(application: list[Application]) -> Iterator[str]:
    """Its origin. The application is looked up at each call, since it has to know the origin first."""
    server = make_server("127.0.0.1", 0, lambda *call: application[0](*call), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def portal_at_own_provider(clean_database: str, make_portal: Any) -> Iterator[Any]:
    """Builds a portal and the provider that knows it by its keys' address: the portal with its settings."""
    with ExitStack() as stack:
        applications: list[list[Application]] = [[], []]
        origin, issuer_origin = (stack.enter_context(served(each)) for each in applications)

        def one(**changes: Any) -> tuple[Flask, Settings]:
            town = Provider(issuer=f"{issuer_origin}/id", client_id="portal", client_auth="private_key_jwt", **changes)
            app = make_portal({"town": town}, public_url=origin)
            its_own = settings_for(
                clean_database, public_url=issuer_origin, own_provider=OwnProvider(issuer=town.issuer)
            )
            own = create_provider(its_own)
            stack.callback(close, own)
            applications[0].append(app.wsgi_app)
            applications[1].append(DispatcherMiddleware(own, {"/id": own}))
            add_portal(
                own,
                redirect_uris=[f"{origin}/auth/town/callback"],
                post_logout_redirect_uris=[f"{origin}/signed-out"],
                jwks_uri=f"{origin}/auth/jwks",
                auth_method="private_key_jwt",
                secret=None,
                settings=its_own,
            )
            return app, app.extensions[client_keys.EXTENSION].ring._ring.settings

        yield one


def said(app: Flask, settings: Settings) -> dict[str, str]:
    """Verdict and sentence by subject; the last one of each."""
    with app.app_context():
        return {each.about: f"{each.verdict}: {each.says}" for each in diagnose(get_party("town"), settings)}


@pytest.mark.parametrize(
    ("algorithm", "audience"), [("RS256", "token_endpoint"), ("ES256", "issuer"), ("PS256", "issuer")]
)
def test_gov_11_a_provider_that_reads_our_keys_knows_us(
    portal_at_own_provider: Any, algorithm: str, audience: str
) -> None:
    app, settings = portal_at_own_provider(client_key_algorithm=algorithm, assertion_audience=audience)
    found = said(app, settings)
    assert found["authentication"].startswith("good: Tried: the provider knows us by private_key_jwt")
    assert found["callback"].startswith("good")


def test_gov_13_a_rotation_is_noticed_by_nobody(portal_at_own_provider: Any, at: Clock) -> None:
    app, settings = portal_at_own_provider(client_key_algorithm="ES256")
    ring = app.extensions[client_keys.EXTENSION].ring
    assert said(app, settings)["authentication"].startswith("good")
    with app.app_context():
        made = own_keys.rotate(settings)
        session().commit()
    for hours in (1, OVERLAP.total_seconds() / 3600, OVERLAP.total_seconds() / 3600):
        ring._keys = None
        assert said(app, settings)["authentication"].startswith("good"), hours
        at.advance(hours=hours)
    ring._keys = None
    with app.app_context():
        assert [client_keys.key_for(settings.providers["town"]).key_id] == made
