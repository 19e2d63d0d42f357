"""A diagnosis of one provider, and a provider with which nothing is wrong."""

from typing import Any

import pytest
from flask import Flask

from portal.identity.checks.diagnosis import diagnose
from portal.identity.checks.findings import Finding
from portal.identity.relying_party import get_party
from tests.integration.identity.conftest import provider_settings
from tests.support.hostile_provider import HostileProvider

ACR = {"acr_values_supported": ["checked", "documents"]}


class Diagnosis:
    """What was found."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings

    def __getitem__(self, about: str) -> str:
        """The lines of one subject, each after its verdict."""
        return "\n".join(f"{each.verdict}: {each.says}" for each in self.findings if each.about == about)

    @property
    def faults(self) -> list[str]:
        return [each.about for each in self.findings if each.verdict == "fault"]

    @property
    def looks(self) -> list[str]:
        return [each.about for each in self.findings if each.verdict == "look"]


def diagnosed(app: Flask) -> Diagnosis:
    """What the diagnosis finds of the portal's one provider."""
    settings = app.extensions["moothall.client_keys"].ring._ring.settings
    return Diagnosis(list(diagnose(get_party("town"), settings)))


@pytest.fixture
def examine(make_portal: Any, provider: HostileProvider) -> Any:
    """Diagnoses the provider: `examine(**changes of its settings)`."""

    def one(**changes: Any) -> Diagnosis:
        app = make_portal({"town": provider_settings(provider, **changes)})
        with app.app_context():
            return diagnosed(app)

    return one


@pytest.fixture
def sound(provider: HostileProvider) -> HostileProvider:
    """A provider that offers everything that we look at."""
    provider.metadata |= {
        **ACR,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
        "scopes_supported": ["openid", "email", "profile"],
        "ui_locales_supported": ["en-GB", "cy"],
        "response_modes_supported": ["query", "form_post"],
    }
    return provider
