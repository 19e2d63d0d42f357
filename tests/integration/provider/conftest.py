"""The provider as an application, with a relying party and a resident."""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.provider.app import create_provider
from tests.integration.provider.flows import Portal, add_person, add_portal, close, provider_settings


@pytest.fixture
def app(clean_database: str) -> Iterator[Flask]:
    """A provider with nothing in its tables."""
    made = create_provider(provider_settings(clean_database))
    yield made
    close(made)


@pytest.fixture
def demo_app(clean_database: str) -> Iterator[Flask]:
    """A provider in a demo."""
    made = create_provider(provider_settings(clean_database, demo=True))
    yield made
    close(made)


@pytest.fixture
def portal(app: Flask) -> Portal:
    """A relying party that is registered."""
    return add_portal(app)


@pytest.fixture
def priya(app: Flask) -> uuid.UUID:
    """A resident with a password. The value is her `sub`."""
    return add_person(app)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser that keeps its cookies."""
    return app.test_client()
