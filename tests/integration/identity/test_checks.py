"""`moothall identity`: what it says of a sound provider, and of what we ask for and a provider does not offer."""

from typing import Any

import pytest

from tests.integration.identity.diagnoses import ACR, examine, sound
from tests.support.hostile_provider import HostileProvider

__all__ = ["examine", "sound"]


def test_a_sound_provider_has_nothing_to_mend(sound: HostileProvider, examine: Any) -> None:
    said = examine()
    assert said.faults == []
    assert said.looks == []
    assert "knows us by client_secret_basic as portal" in said["authentication"]
    assert said["callback"].startswith("good: ")
    assert said["clock"].startswith("good: ")
    assert said["keys"] == "good: 2 keys of use to us, for ES256, RS256, PS256."
    for address in ("/auth/town/callback", "/signed-out", "/auth/town/logout", "/auth/initiate"):
        assert f"http://localhost{address}" in said["register"]


def test_nobody_is_signed_in_and_nothing_is_kept_by_looking(sound: HostileProvider, examine: Any, rows: Any) -> None:
    examine()
    assert rows("select count(*) from portal.session") == [(0,)]
    assert rows("select count(*) from portal.sign_in_attempt") == [(0,)]
    assert sound.count("/userinfo") == 0


@pytest.mark.parametrize(
    ("metadata", "changes", "about", "verdict", "words"),
    [
        ({"scopes_supported": ["openid"]}, {}, "scopes", "look", "email, profile"),
        (ACR | {"acr_values_supported": ["silver"]}, {}, "levels", "look", "it lists silver"),
        (
            ACR,
            {"acr_levels": {"checked": "medium"}},
            "levels",
            "good",
            "checked means medium; any other counts as low.",
        ),
        (ACR, {"acr_levels": {"checked": "medium"}}, "levels", "good", "None means high: a service"),
        (ACR, {"acr_levels": {"checked": "low"}}, "levels", "good", "None means medium or high"),
        ({"acr_values_supported": None}, {"acr_levels": {"x": "high"}}, "levels", "good", "does not say which values"),
        ({}, {"acr_levels": {}}, "levels", "look", "ACR_LEVELS is empty"),
        ({}, {"level_by": "vtr", "vtr": {"low": "Cl.Cm"}}, "levels", "good", "low: Cl.Cm"),
        ({"userinfo_endpoint": None}, {}, "userinfo", "look", "ID token"),
        ({"userinfo_endpoint": None}, {"identity_claims": ("x",)}, "userinfo", "fault", "identity claims"),
        ({"ui_locales_supported": ["en"]}, {}, "languages", "look", "not in cy"),
        ({"response_modes_supported": ["query"]}, {"response_mode": "form_post"}, "response mode", "fault", "query"),
        ({"response_types_supported": ["id_token"]}, {}, "response type", "fault", "code flow"),
        ({"code_challenge_methods_supported": None}, {}, "PKCE", "look", "does not say"),
        ({"code_challenge_methods_supported": ["plain"]}, {}, "PKCE", "look", "not S256"),
        ({"require_signed_request_object": True}, {}, "signed requests", "fault", "REQUEST_OBJECT to true"),
        ({"request_parameter_supported": False}, {"request_object": True}, "signed requests", "fault", "to false"),
        (
            {"request_object_signing_alg_values_supported": ["ES256"]},
            {"request_object": True},
            *("signed requests", "fault", "We sign by RS256"),
        ),
        ({"require_pushed_authorization_requests": True}, {}, "pushed requests", "fault", "names no address"),
        ({"end_session_endpoint": None}, {}, "sign-out", "look", "leaves it signed in"),
        ({"backchannel_logout_supported": True}, {}, "sign-out there", "good", "by person"),
        ({"grant_types_supported": ["authorization_code"]}, {"refresh_minutes": 5}, "refresh", "look", "to 0"),
    ],
)
def test_what_is_asked_but_not_offered_is_told(
    provider: HostileProvider,
    examine: Any,
    metadata: dict[str, Any],
    changes: dict[str, Any],
    about: str,
    verdict: str,
    words: str,
) -> None:
    provider.metadata |= metadata
    said = examine(**changes)[about]
    assert said.startswith(verdict)
    assert words in said


def test_the_keys_of_core_identity_are_looked_at(provider: HostileProvider, examine: Any) -> None:
    url = f"{provider.issuer}/did.json"
    core = {"core_identity_issuer": "https://identity.example/", "core_identity_did": url}
    assert "core identity" in examine(**core).faults
    method = {"id": "did:web:127.0.0.1#1", "controller": "did:web:127.0.0.1"}
    document = {
        "id": "did:web:127.0.0.1",
        "assertionMethod": [method | {"publicKeyJwk": provider.ec.as_dict(private=False)}],
    }
    provider.documents["/did.json"] = document
    assert "1 key." in examine(**core)["core identity"]
    provider.documents["/did.json"] = document | {"assertionMethod": []}
    assert "MOOTHALL_PROVIDERS__TOWN__CORE_IDENTITY_DID" in examine(**core)["core identity"]


@pytest.mark.parametrize("junk", [[1, None], {"a": 1}, "text", 7, True, None])
def test_metadata_of_the_wrong_types_never_break_the_check(provider: HostileProvider, examine: Any, junk: Any) -> None:
    for name in (
        *("id_token_signing_alg_values_supported", "token_endpoint_auth_methods_supported", "scopes_supported"),
        *("response_modes_supported", "response_types_supported", "acr_values_supported", "ui_locales_supported"),
        *("code_challenge_methods_supported", "grant_types_supported", "backchannel_logout_supported"),
    ):
        provider.metadata[name] = junk
    assert examine()["metadata"].startswith("good")


def test_a_provider_that_is_never_asked_for_a_password_again_is_pointed_out(
    examine: Any, provider: HostileProvider
) -> None:
    assert examine()["asking anew"] == "good: By max_age, prompt_login; the ID token must say when (auth_time)."
    assert examine(max_age=False, prompt_login=False)["asking anew"].startswith(
        "look: MOOTHALL_PROVIDERS__TOWN__MAX_AGE and MOOTHALL_PROVIDERS__TOWN__PROMPT_LOGIN are off"
    )
    provider.metadata["claims_supported"] = ["sub", "email"]
    assert examine()["asking anew"].startswith("look: The provider does not list auth_time among its claims.")
