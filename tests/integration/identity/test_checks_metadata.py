"""`moothall identity`: what it says of a provider's metadata and keys."""

from typing import Any

import pytest
from joserfc import jwk

from portal.errors import SetupError
from portal.settings.reading import load_settings
from tests.integration.identity.diagnoses import examine
from tests.support.hostile_provider import HostileProvider

__all__ = ["examine"]


def test_ux_11_a_last_slash_is_named_with_the_setting_to_change(provider: HostileProvider, examine: Any) -> None:
    provider.metadata["issuer"] = lambda honest: honest + "/"
    said = examine()
    assert said.faults == ["metadata"]
    assert f"calls itself {provider.issuer}/, which differs in the last slash" in said["metadata"]
    assert "Set MOOTHALL_PROVIDERS__TOWN__ISSUER to exactly that." in said["metadata"]


@pytest.mark.parametrize(
    ("issuer", "words"),
    [
        ("https://login.microsoftonline.com/{tenantid}/v2.0", "template for many tenants"),
        ("https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/v2.0", "another tenant"),
        ("https://sts.windows.net/11111111-1111-4111-8111-111111111111/", "another version of Entra's protocol"),
        ("https://other.example", "not http://127.0.0.1"),
        (7, "name no issuer"),
        (None, "name no issuer"),
    ],
)
def test_ux_11_another_issuer_is_named_with_what_to_do(
    provider: HostileProvider, examine: Any, issuer: Any, words: str
) -> None:
    provider.metadata["issuer"] = issuer
    said = examine()
    assert said.faults == ["metadata"]
    assert words in said["metadata"]
    assert "MOOTHALL_PROVIDERS__TOWN__ISSUER" in said["metadata"]


@pytest.mark.parametrize("issuer", ["https://login.microsoftonline.com/common/v2.0", "https://id.example/{tenantid}"])
def test_ux_11_an_issuer_for_many_tenants_is_refused_at_start(issuer: str) -> None:
    environment = {
        "MOOTHALL_PROVIDERS__TOWN__ISSUER": issuer,
        "MOOTHALL_PROVIDERS__TOWN__CLIENT_ID": "portal",
        "MOOTHALL_PROVIDERS__TOWN__CLIENT_SECRET": "x",
        "MOOTHALL_SECRET_KEY": "x" * 32,
        "MOOTHALL_DEMO": "true",
    }
    with pytest.raises(SetupError, match=r"MOOTHALL_PROVIDERS__TOWN__ISSUER.*one tenant's own"):
        load_settings(environment)


def test_metadata_that_is_not_whole_is_told_by_name(provider: HostileProvider, examine: Any) -> None:
    provider.metadata["token_endpoint"] = None
    assert "token_endpoint is missing" in examine()["metadata"]


def test_algorithms_that_we_do_not_accept_are_told(provider: HostileProvider, examine: Any) -> None:
    provider.metadata["id_token_signing_alg_values_supported"] = ["RS512", "none"]
    said = examine()
    assert "algorithms" in said.faults
    assert "MOOTHALL_PROVIDERS__TOWN__ALGORITHMS" in said["algorithms"]


def test_keys_that_cannot_be_used_are_told(provider: HostileProvider, examine: Any) -> None:
    provider.published = [jwk.ECKey.generate_key("P-384", auto_kid=True)]
    assert "1 key there, and none for an algorithm that we accept" in examine()["keys"]
    provider.published = []
    assert "holds no key for signatures" in examine()["keys"]
    provider.answers["/jwks"] = (404, "text/plain", b"")
    assert "is not there" in examine()["keys"]


def test_keys_without_an_id_are_worth_a_look(provider: HostileProvider, examine: Any) -> None:
    unnamed = {name: value for name, value in provider.rsa.as_dict(private=False).items() if name != "kid"}
    provider.published = [unnamed, provider.ec]
    assert "keys" in examine().looks
