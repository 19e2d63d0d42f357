"""`moothall identity`: whether the provider knows us, by secret or key, and takes the requests that we push."""

from pathlib import Path
from typing import Any

import pytest
from joserfc import jwk
from pydantic import SecretStr

from portal import outbound
from tests.integration.identity.diagnoses import examine, sound
from tests.support.hostile_provider import HostileProvider

__all__ = ["examine", "sound"]


def test_a_wrong_secret_is_told(sound: HostileProvider, examine: Any) -> None:
    said = examine(client_secret=SecretStr("another"))
    assert said.faults == ["authentication"]
    assert "MOOTHALL_PROVIDERS__TOWN__CLIENT_SECRET" in said["authentication"]
    assert "another" not in str(said.findings)


def test_a_keycloak_that_calls_a_wrong_secret_an_unauthorized_client_is_understood(
    sound: HostileProvider, examine: Any
) -> None:
    sound.token_answer = (401, "application/json", b'{"error": "unauthorized_client"}')
    assert examine().faults == ["authentication"]


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ((400, "application/json", b'{"error": "invalid_request"}'), "look"),
        ((200, "application/json", b"{}"), "look"),
        ((500, "text/plain", b"oops"), "look"),
        ((403, "text/plain", b"no"), "fault"),
    ],
)
def test_an_answer_that_says_neither_is_told_as_such(
    sound: HostileProvider, examine: Any, answer: Any, verdict: str
) -> None:
    sound.token_answer = answer
    assert examine()["authentication"].startswith(verdict)


def test_keys_of_our_own_are_told_with_their_address(sound: HostileProvider, examine: Any) -> None:
    by_key = {"client_auth": "private_key_jwt", "client_secret": None}
    said = examine(**by_key)
    assert said.faults == []
    assert "http://localhost/auth/jwks" in said["register"]
    sound.token_answer = (401, "application/json", b'{"error": "invalid_client"}')
    assert "http://localhost/auth/jwks" in examine(**by_key)["authentication"]


def test_a_key_file_without_an_id_is_told_which_one_we_publish(
    sound: HostileProvider, examine: Any, tmp_path: Path
) -> None:
    key = jwk.ECKey.generate_key("P-256")
    (tmp_path / "key.pem").write_bytes(key.as_pem(private=True))
    said = examine(client_auth="private_key_jwt", client_secret=None, client_key_file=str(tmp_path / "key.pem"))
    assert key.thumbprint() in said["our key"]


def test_a_method_that_is_not_offered_is_worth_a_look(provider: HostileProvider, examine: Any) -> None:
    provider.metadata["token_endpoint_auth_methods_supported"] = ["private_key_jwt"]
    assert "MOOTHALL_PROVIDERS__TOWN__CLIENT_AUTH" in examine()["authentication"]


def test_a_callback_that_is_not_registered_is_told(sound: HostileProvider, examine: Any) -> None:
    sound.answers["/authorize"] = (400, "text/html", b"<h1>Invalid redirect URI</h1>")
    assert "http://localhost/auth/town/callback registered there, letter for letter?" in examine()["callback"]


def json_said(error: str, status: int = 400) -> tuple[int, str, bytes]:
    return status, "application/json", f'{{"error": "{error}"}}'.encode()


@pytest.mark.parametrize(
    ("answer", "verdict", "says"),
    [
        (None, "good", "Tried: the provider took one of ours."),
        (json_said("invalid_client", 401), "fault", "does not know us at"),
        (json_said("unauthorized_client"), "fault", "by client_secret_basic. See authentication above, or set"),
        (
            json_said("invalid_request"),
            "fault",
            "refuses our request (invalid_request). Is http://localhost/auth/town/",
        ),
        (json_said("invalid_redirect_uri"), "fault", "refuses our request (other)."),
        ((200, "text/html", b"<h1>Hello</h1>"), "fault", "is not what RFC 9126 says (form)."),
        ((201, "application/json", b"{}"), "fault", "is not what RFC 9126 says (request_uri)."),
    ],
    ids=["taken", "unknown", "not allowed", "refused", "other words", "a page", "no name"],
)
def test_a_request_is_pushed_for_real(
    examine: Any, provider: HostileProvider, answer: Any, verdict: str, says: str
) -> None:
    provider.offer_pushed()
    provider.push_answer = answer
    found = examine()["pushed requests"]
    assert found.startswith(f"{verdict}: ")
    assert says in found
    assert ("PUSHED_REQUESTS to never" in found) is (verdict == "fault" and "refuses" not in found)
    (_headers, sent) = provider.pushes[-1]
    assert sent["redirect_uri"] == "http://localhost/auth/town/callback"


def test_a_push_that_hangs_is_a_fault_and_none_is_tried_where_it_is_switched_off(
    examine: Any, provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.offer_pushed()
    assert "switched off" in examine(pushed_requests="never")["pushed requests"]
    assert provider.pushes == []
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.1)
    provider.delays["/par"] = 0.3
    assert "does not answer. Is there a firewall" in examine()["pushed requests"]
