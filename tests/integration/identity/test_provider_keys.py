"""A provider's keys: replaced, removed, fetched anew when one is unknown, and never too often."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from portal.identity.documents import Documents
from portal.identity.keys import NoSuchKey
from tests.integration.identity.conftest import Browser, provider_settings
from tests.integration.identity.processes import DOWN, process, take_down, town
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

__all__ = ["process", "town"]


def test_gov_19_a_removed_key_is_accepted_by_no_process(process: Any, provider: HostileProvider) -> None:
    one, other = process(), process()
    kid = str(provider.rsa.kid)
    for each in (one, other):
        assert each.keys().find(kid, "RS256").kid == kid
    provider.published = [provider.other_rsa]
    one.fresher_keys()
    for each in (one, other):
        with pytest.raises(NoSuchKey):
            each.keys().find(kid, "RS256")
    assert provider.count("/jwks") == 2


def test_rp_42_another_key_under_the_same_id_is_fetched_once(browser: Browser) -> None:
    provider = browser.provider
    assert browser.sign_in().status_code == 303
    replaced = provider.other_rsa.as_dict(private=False) | {"kid": provider.rsa.kid}
    provider.published, provider.signing_key = [replaced], provider.other_rsa
    provider.header["kid"] = provider.rsa.kid
    assert browser.sign_in().status_code == 303
    assert browser.sign_in().status_code == 303
    assert provider.count("/jwks") == 2


def test_rp_43_unknown_keys_cause_one_fetch_a_minute_over_all_processes(
    process: Any, provider: HostileProvider, at: Clock
) -> None:
    each = [process() for _ in range(3)]
    each[0].keys()
    for documents in each * 3:
        documents.fresher_keys()
    assert provider.count("/jwks") == 2
    at.advance(seconds=59)
    each[1].fresher_keys()
    assert provider.count("/jwks") == 2
    at.advance(seconds=1)
    for documents in each:
        documents.fresher_keys()
    assert provider.count("/jwks") == 3


def test_rp_43_a_provider_that_is_down_is_not_stormed_either(process: Any, provider: HostileProvider) -> None:
    one = process()
    keys = one.keys()
    take_down(provider)
    assert [one.fresher_keys() for _ in range(5)] == [keys] * 5
    assert provider.count("/jwks") == 2


def test_rp_21_whoever_needs_the_new_keys_waits_for_the_process_that_fetches_them(
    town: Flask, process: Any, provider: HostileProvider
) -> None:
    each = [process() for _ in range(4)]
    for documents in each:
        documents.keys()
    provider.published = [provider.other_rsa]
    provider.delay = 0.2

    def found(documents: Documents) -> str | None:
        with town.app_context():
            return documents.fresher_keys().find(str(provider.other_rsa.kid), "RS256").kid

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(found, each)) == {provider.other_rsa.kid}
    assert provider.count("/jwks") == 2


def test_keys_that_come_again_are_not_parsed_again(process: Any, provider: HostileProvider, at: Clock) -> None:
    one = process()
    keys = one.keys()
    at.advance(days=2)
    assert one.keys() is keys
    assert provider.count("/jwks") == 2


@pytest.mark.parametrize(
    "broken", [{"use": "enc"}, {"kty": "oct", "k": "AAAA"}, {"n": "AQAB"}, {"kty": "OKP"}, {"alg": "RS512"}]
)
def test_rp_41_keys_that_are_not_for_signatures_are_not_used(browser: Browser, broken: dict[str, str]) -> None:
    provider = browser.provider
    provider.published = [provider.rsa.as_dict(private=False) | broken, provider.ec]
    answer = browser.sign_in()
    assert answer.status_code == 400
    assert not browser.is_signed_in()


def test_gov_20_the_keys_of_core_identity_are_kept_as_the_others_are(
    make_portal: Any, provider: HostileProvider, at: Clock
) -> None:
    name = "did:web:identity.example"
    method = {"id": f"{name}#1", "controller": name, "publicKeyJwk": provider.ec.as_dict(private=False)}
    provider.documents["/did.json"] = {"id": name, "assertionMethod": [method]}
    core = {"core_identity_issuer": "https://identity.example/", "core_identity_did": f"{provider.issuer}/did.json"}
    settings = provider_settings(provider, **core)
    with make_portal({"town": settings}).app_context():
        one, other = (Documents("town", settings, allow_loopback=True) for _ in range(2))
        assert one.identity_keys().id == other.identity_keys().id == name
        assert provider.count("/did.json") == 1
        provider.documents["/did.json"] = {"id": name, "assertionMethod": [method | {"id": f"{name}#2"}]}
        assert one.fresher_identity_keys().find(f"{name}#2", "ES256")
        other.fresher_identity_keys()
        with pytest.raises(NoSuchKey):
            other.identity_keys().find(f"{name}#1", "ES256")
        assert provider.count("/did.json") == 2
        provider.answers["/did.json"] = DOWN
        at.advance(days=2)
        assert len(other.identity_keys()) == 1
