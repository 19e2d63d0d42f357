"""Processes of one portal that know a provider, which can be taken down."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from portal.identity.documents import Documents
from tests.integration.identity.conftest import provider_settings
from tests.support.hostile_provider import HostileProvider

DISCOVERY = "/.well-known/openid-configuration"
DOWN = (503, "text/plain", b"down")


@pytest.fixture
def town(make_portal: Any, provider: HostileProvider) -> Iterator[Flask]:
    """A portal that knows the provider, with its context for the processes."""
    app: Flask = make_portal({"town": provider_settings(provider)})
    with app.app_context():
        yield app


@pytest.fixture
def process(town: Flask, provider: HostileProvider) -> Any:
    """Makes the documents of one more process: nothing is shared but the database."""
    return lambda: Documents("town", provider_settings(provider), allow_loopback=True)


def take_down(provider: HostileProvider) -> None:
    provider.answers = {DISCOVERY: DOWN, "/jwks": DOWN}
