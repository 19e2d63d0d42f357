"""A portal and our provider in the shape of One Login, both on loopback, the portal by settings alone."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Flask

from portal.app import create_app
from portal.db.session import dispose, session
from portal.identity import client_keys, relying_party
from portal.provider import authenticator, one_login_identity, operations
from portal.provider.app import create_provider
from portal.provider.state import KEY
from portal.settings.own_provider import OwnProvider
from portal.settings.portal import Settings
from portal.settings.providers import Provider
from tests.peers.resident import Resident
from tests.peers.running import free_port, served
from tests.support.settings import settings_for
from tests.support.worker import work

VOCABULARY = "https://vocab.account.gov.uk/v1/"
CORE, ADDRESS, CODE = (f"{VOCABULARY}{name}" for name in ("coreIdentityJWT", "address", "returnCode"))
DONE = "/prove-your-identity/done"
SHOWN_CODE = re.compile(r"would show now is (\d{6})")


def relying(issuer: str, **changes: Any) -> Provider:
    """What a council sets for One Login, and nothing else."""
    values: dict[str, Any] = {
        "issuer": issuer,
        "client_id": "portal",
        "client_auth": "private_key_jwt",
        "scopes": ("openid", "email", "phone"),
        "level_by": "vtr",
        "vtr": {"low": "Cl.Cm", "medium": "Cl.Cm", "high": "Cl.Cm.P2"},
        "identity_claims": (CORE, ADDRESS, CODE),
        "core_identity_issuer": f"{issuer}identity/",
        "core_identity_did": f"{issuer}.well-known/did.json",
        "max_age": False,
        "request_object": True,
        "request_object_audience": "authorization_endpoint",
    }
    return Provider(**(values | changes))


@dataclass
class House:
    """Both applications and where they listen. Made once for a file of tests: the templates take a second."""

    portal: Flask
    provider: Flask
    settings: Settings
    priya: uuid.UUID = field(default_factory=uuid.uuid4)
    gita: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def address(self) -> str:
        """The portal's."""
        return self.settings.public_url

    @property
    def issuer(self) -> str:
        """The provider's."""
        return self.settings.issuer

    def furnish(self, relying_settings: Provider | None = None, **client: Any) -> None:
        """Register the portal and two people in an empty database, with authenticators whose codes the demo shows."""
        self._forget_keys()
        settings = self.settings
        if relying_settings is not None:
            settings = settings.model_copy(update={"providers": {"town": relying_settings}})
        relying_party.install(self.portal, settings)
        registered: dict[str, Any] = {
            "title": "Marlowe online",
            "title_cy": "Marlowe ar-lein",
            "redirect_uris": [f"{self.address}/auth/town/callback"],
            "post_logout_redirect_uris": [f"{self.address}/signed-out"],
            "backchannel_logout_uri": f"{self.address}/auth/town/logout",
            "jwks_uri": f"{self.address}/auth/jwks",
            "scopes": ("openid", "email", "phone"),
            "subject_type": "pairwise",
            "require_nonce": True,
            "identity": True,
            "settings": self.settings,
        }
        with self.provider.app_context():
            operations.ensure_client("portal", **(registered | client))
            self.priya, self.gita = self._add("Priya Ann"), self._add("Gita")
            session().commit()

    def _forget_keys(self) -> None:
        """The rows of the test before are gone."""
        own = self.provider.extensions
        for ring in (self.portal.extensions[client_keys.EXTENSION].ring, own[KEY].ring, own[one_login_identity.KEY]):
            ring._keys = None
        self.portal.extensions.pop(KEY, None)  # the worker's part makes it

    def _add(self, given_name: str) -> uuid.UUID:
        sub = operations.register_person(
            email=f"{given_name.partition(' ')[0].lower()}@demo.example",
            password=None,
            given_name=given_name,
            family_name="Shah",
            birthdate=date(1980, 2, 29),
            phone="07700900123",
            verified=True,
            demo=True,
            note="Tests",
            settings=self.settings,
        )
        authenticator.give_to_demo_person(sub, self.settings)
        return sub

    def work(self) -> list[str]:
        """Do the worker's jobs."""
        with self.portal.app_context():
            return work()


@contextmanager
def house(database_url: str) -> Iterator[House]:
    """Both, listening."""
    at, providers_at = free_port(), free_port()
    issuer = f"http://localhost:{providers_at}/"
    settings = settings_for(
        database_url,
        public_url=f"http://localhost:{at}",
        demo=True,
        own_provider=OwnProvider(issuer=issuer, shape="one_login"),
        providers={"town": relying(issuer)},
    )
    portal, provider = create_app(settings), create_provider(settings)
    try:
        with served(portal, at), served(provider, providers_at):
            yield House(portal, provider, settings)
    finally:
        for app in (portal, provider):
            with app.app_context():
                dispose()


class Priya(Resident):
    """Priya in one browser."""

    def __init__(self, house: House) -> None:
        super().__init__(house.address)
        self.house = house

    def begin(self, path: str = "/sign-in?next=/profile") -> requests.Response:
        """From the portal's button to the provider's first page."""
        return self.press(self.get(path), "/sign-in/town")

    def sign_in(self, page: requests.Response | None = None, as_: uuid.UUID | None = None) -> requests.Response:
        """The provider's pages, both factors, and back; `as_` somebody else, perhaps."""
        page = self.press(page or self.begin(), f"/demo-people/{as_ or self.house.priya}")
        shown = SHOWN_CODE.search(page.text)
        assert shown, page.text
        return self.press(page, 'name="code"', code=shown[1])

    def go_to_prove(self) -> requests.Response:
        """From a page that demands an identity to the provider's page that would prove it."""
        return self.press(self.get(DONE), "/confirm-it-is-you")

    def prove(self, outcome: str) -> requests.Response:
        """The same, and back with what came of it."""
        return self.press(self.go_to_prove(), 'name="outcome"', outcome=outcome)

    def requests_made(self) -> list[dict[str, str]]:
        """What was asked at the authorization endpoint, in order."""
        asked = [urlsplit(each) for each in self.seen if "/authorize?" in each and "client_id=" in each]
        return [{name: values[0] for name, values in parse_qs(each.query).items()} for each in asked]
