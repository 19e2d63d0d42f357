"""`moothall identity`: what it says of each fault, in words that somebody can act on."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from joserfc import jwk
from pydantic import SecretStr
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from portal import clock, outbound
from portal.errors import SetupError
from portal.identity.checks.clock import clock as judge_clock
from portal.identity.checks.diagnosis import diagnose
from portal.identity.checks.findings import Finding
from portal.identity.checks.reach import Reached
from portal.identity.relying_party import get_party
from portal.settings.reading import load_settings
from tests.integration.identity.conftest import provider_settings
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

DISCOVERY = "/.well-known/openid-configuration"
ACR = {"acr_values_supported": ["checked", "documents"]}


@pytest.fixture
def examine(make_portal: Any, provider: HostileProvider) -> Any:
    """Diagnoses the provider: `examine(**changes of its settings)`."""

    def one(**changes: Any) -> "Diagnosis":
        app = make_portal({"town": provider_settings(provider, **changes)})
        with app.app_context():
            return Diagnosis(list(diagnose(get_party("town"), _settings(app))))

    return one


def _settings(app: Any) -> Any:
    return app.extensions["moothall.client_keys"].ring._ring.settings


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


# --- Reaching it


def test_a_provider_that_is_down_is_said_to_be_and_the_addresses_all_the_same(make_portal: Any, examine: Any) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        issuer = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        said = examine(issuer=issuer)
    assert said.faults == ["reachable"]
    assert "takes no connection" in said["reachable"]
    assert "No copy" in said["meanwhile"]
    assert "/auth/town/callback" in said["register"]


def test_what_the_portal_goes_by_meanwhile_is_said(make_portal: Any, provider: HostileProvider) -> None:
    app = make_portal({"town": provider_settings(provider)})
    with app.app_context():
        get_party("town").documents.metadata()
        provider.answers[DISCOVERY] = (503, "text/plain", b"down")
        said = Diagnosis(list(diagnose(get_party("town"), _settings(app))))
    assert "has a fault of its own (HTTP status 503)" in said["reachable"]
    assert f"{clock.now():%d %B %Y}" in said["meanwhile"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((404, "text/html", b"no"), "is not there (HTTP status 404). Check MOOTHALL_PROVIDERS__TOWN__ISSUER"),
        ((403, "text/html", b"no"), "a firewall there may have to be told"),
        ((302, "text/html", b""), "redirects are not followed"),
        ((200, "text/html", b"<p>hello"), "is no JSON"),
        ((200, "application/json", b"[]"), "is no JSON"),
    ],
)
def test_an_answer_that_is_no_metadata_is_told_apart(
    provider: HostileProvider, examine: Any, answer: Any, words: str
) -> None:
    provider.answers[DISCOVERY] = answer
    said = examine()
    assert said.faults
    assert words in said["reachable"] + said["metadata"]


def test_a_name_that_nobody_knows_is_told(examine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "is not known to this machine" in examine(issuer="https://id.town.example")["reachable"]


def test_a_silent_provider_is_told(provider: HostileProvider, examine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.1)
    provider.delays[DISCOVERY] = 0.4
    assert "does not answer in time" in examine()["reachable"]


@pytest.fixture
def self_signed() -> Iterator[str]:
    """The address of a server whose certificate nobody has signed."""
    import threading

    server = make_server("127.0.0.1", 0, Response("{}"), ssl_context="adhoc")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_that_cannot_be_trusted_is_told(examine: Any, self_signed: str) -> None:
    assert "certificate that cannot be trusted" in examine(issuer=self_signed)["reachable"]


# --- Its metadata


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


# --- Its clock


@pytest.mark.parametrize(
    ("seconds", "verdict", "words"),
    [
        (0, "good", "Within"),
        (-3, "good", "Within"),
        (12, "look", "s ahead of ours; 30 s are allowed"),
        (-12, "look", "s behind ours; 30 s are allowed"),
        (90, "fault", "more than MOOTHALL_PROVIDERS__TOWN__LEEWAY_SECONDS allows (30 s)"),
        (-7200, "fault", "s behind ours"),
    ],
)
def test_ux_07_a_clock_that_is_wrong_is_told(examine: Any, at: Clock, seconds: int, verdict: str, words: str) -> None:
    at.advance(seconds=-seconds)  # ours is as wrong as theirs would be, the other way
    said = examine()["clock"]
    assert said.startswith(verdict)
    assert words in said
    assert verdict == "good" or "NTP" in said


@pytest.mark.parametrize("date", ["soon", "", "Mon, 99 Foo 2026 99:99:99 GMT"])
def test_ux_07_a_date_that_is_none_is_worth_a_look(provider: HostileProvider, make_portal: Any, date: str) -> None:
    answer = requests.Response()
    answer.headers["Date"] = date
    with make_portal({"town": provider_settings(provider)}).app_context():
        (found,) = judge_clock(get_party("town"), Reached("http://x", answer, 0.0, 0.0))
    assert found.verdict == "look"


# --- Does it know us


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


def test_a_provider_elsewhere_cannot_reach_this_machine(examine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "the provider cannot call us" in examine(issuer="https://id.town.example")["our address"]


# --- What we ask of it


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


# --- The command


def test_a_provider_that_is_never_asked_for_a_password_again_is_pointed_out(
    examine: Any, provider: HostileProvider
) -> None:
    assert examine()["asking anew"] == "good: By max_age, prompt_login; the ID token must say when (auth_time)."
    assert examine(max_age=False, prompt_login=False)["asking anew"].startswith(
        "look: MOOTHALL_PROVIDERS__TOWN__MAX_AGE and MOOTHALL_PROVIDERS__TOWN__PROMPT_LOGIN are off"
    )
    provider.metadata["claims_supported"] = ["sub", "email"]
    assert examine()["asking anew"].startswith("look: The provider does not list auth_time among its claims.")


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
