"""Back-channel logout: which tokens are taken, and which sessions they end."""

import json
from typing import Any

import pytest
from joserfc import jwk

from portal.identity import back_channel
from tests.integration.identity.back_channel import FORM, is_refused, signed_in, tell, told
from tests.integration.identity.conftest import Browser
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider
from tests.support.hostile_sessions import EVENT


@pytest.fixture
def browser(browser: Browser) -> Browser:
    """Somebody who is signed in, at the provider's session `s-1`."""
    return signed_in(browser, sid="s-1")


def test_bc_01_a_valid_token_ends_the_matching_sessions(browser: Browser, rows: Any) -> None:
    answer = told(browser)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.getlist("Set-Cookie") == []
    assert not browser.is_signed_in()
    assert rows("select ended_why, id_token, ended_at is not null from portal.session") == [("logged_out", None, True)]
    acts = rows("select actor, account_id is not null from portal.audit_entry where act = 'identity.logged_out'")
    assert acts == [("provider:town", True)]


def test_bc_02_alg_none_is_refused(browser: Browser) -> None:
    assert is_refused(browser, told(browser, header={"alg": "none"}), "algorithm")


@pytest.mark.parametrize("algorithm", ["HS256", "RS512"])
def test_bc_03_another_algorithm_than_agreed_is_refused(browser: Browser, algorithm: str) -> None:
    if algorithm == "HS256":
        browser.provider.signing_key = jwk.OctKey.import_key("a-secret-for-tests-only-and-longer-than-it-must-be")
        kid = browser.provider.rsa.kid
        assert is_refused(browser, told(browser, header={"alg": "HS256", "kid": kid}), "algorithm")
    else:
        assert is_refused(browser, told(browser, header={"alg": algorithm}), "algorithm")


@pytest.mark.parametrize("events", [None, [], {}, "x", 1, [EVENT]])
def test_bc_04_without_the_event_it_is_refused(browser: Browser, events: Any) -> None:
    assert is_refused(browser, told(browser, {"events": events}), "events")


@pytest.mark.parametrize(
    "events",
    [
        {"http://schemas.openid.net/event/other": {}},
        {EVENT: {}, "http://schemas.openid.net/event/other": {}},
        {EVENT: {"a": 1}},
        {EVENT: []},
        {EVENT: None},
        {EVENT: True},
    ],
)
def test_bc_05_another_event_is_refused(browser: Browser, events: Any) -> None:
    assert is_refused(browser, told(browser, {"events": events}), "events")


@pytest.mark.parametrize("nonce", ["", "n", 1, False])
def test_bc_06_a_nonce_is_refused(browser: Browser, nonce: Any) -> None:
    assert is_refused(browser, told(browser, {"nonce": nonce}), "nonce")


@pytest.mark.parametrize("audience", [None, "other", [], ["other"], ["other", "portal"], 1, {"portal": 1}])
def test_bc_07_another_audience_is_refused(browser: Browser, audience: Any) -> None:
    answer = told(browser, {"aud": audience})
    assert is_refused(browser, answer, "azp" if audience == ["other", "portal"] else "aud")


@pytest.mark.parametrize("issuer", [None, "", "https://other.example", 1])
def test_bc_08_another_issuer_is_refused(browser: Browser, issuer: Any) -> None:
    assert is_refused(browser, told(browser, {"iss": issuer}), "iss")


def test_bc_09_a_bad_signature_is_refused(browser: Browser) -> None:
    head, body, signature = browser.provider.logout_token().split(".")
    app = browser.client.application
    wrong = ("A" if signature[0] != "A" else "B") + signature[1:]
    assert is_refused(browser, tell(app, f"{head}.{body}.{wrong}"), "signature")
    assert is_refused(browser, tell(app, f"{head}.{body}."), "signature")


def test_bc_09_a_key_of_nobody_is_asked_for_once(browser: Browser) -> None:
    before = browser.provider.count("/jwks")
    browser.provider.signing_key = browser.provider.other_rsa
    for _ in range(3):
        assert is_refused(browser, told(browser), "unknown_key")
    assert browser.provider.count("/jwks") == before + 1


def test_bc_09_a_key_made_since_is_fetched(browser: Browser) -> None:
    provider = browser.provider
    provider.published, provider.signing_key = [provider.rsa, provider.other_rsa], provider.other_rsa
    assert told(browser).status_code == 200
    assert not browser.is_signed_in()


def test_bc_10_neither_sub_nor_sid_is_refused(browser: Browser) -> None:
    assert is_refused(browser, told(browser, {"sub": None}), "sub_and_sid")


@pytest.mark.parametrize("claim", ["sub", "sid"])
@pytest.mark.parametrize("value", ["", " ", "x" * 256, 1, [], "a\0b"])
def test_bc_10_an_odd_sub_or_sid_is_refused(browser: Browser, claim: str, value: Any) -> None:
    assert is_refused(browser, told(browser, {"sub": None, "sid": None} | {claim: value}), claim)


def test_bc_14_a_replayed_token_ends_nothing(browser: Browser) -> None:
    token = browser.provider.logout_token()
    app = browser.client.application
    assert tell(app, token).status_code == 200
    browser.sign_in()
    assert is_refused(browser, tell(app, token), "replayed")


def test_bc_14_a_token_that_was_refused_may_come_again(browser: Browser) -> None:
    answer = told(browser, {"jti": "j-1", "sub": "resident-2", "sid": "s-1"})
    assert is_refused(browser, answer, "sid_of_another")
    assert told(browser, {"jti": "j-1"}).status_code == 200


@pytest.mark.parametrize("jti", [None, "", 1, ["j"], "x" * 256])
def test_bc_14_without_a_usable_jti_it_is_refused(browser: Browser, jti: Any) -> None:
    assert is_refused(browser, told(browser, {"jti": jti}), "jti")


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": lambda honest: honest - 151}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"exp": None, "iat": lambda honest: honest - 211}, "iat"),
        ({"iat": lambda honest: honest - 86_431, "exp": lambda honest: honest + 10_000}, "exp"),
        ({"iat": lambda honest: honest + 60}, "iat"),
        ({"iat": None}, "iat"),
        ({"iat": "now"}, "iat"),
        ({"iat": True}, "iat"),
        ({"nbf": 10**10}, "nbf"),
    ],
)
def test_bc_15_an_old_or_future_token_is_refused(browser: Browser, claims: dict[str, Any], code: str) -> None:
    assert is_refused(browser, told(browser, claims), code)


def test_bc_15_a_young_token_without_exp_is_taken(browser: Browser) -> None:
    assert told(browser, {"exp": None, "iat": lambda honest: honest - 170}).status_code == 200
    assert not browser.is_signed_in()


@pytest.mark.parametrize("kind", ["logout+jwt", "LOGOUT+JWT", "application/logout+jwt", "JWT", None])
def test_bc_16_a_plain_type_is_tolerated(browser: Browser, kind: str | None) -> None:
    assert told(browser, header={"typ": kind}).status_code == 200
    assert not browser.is_signed_in()


@pytest.mark.parametrize("kind", ["at+jwt", "secevent+jwt", ""])
def test_bc_16_another_type_is_refused(browser: Browser, kind: Any) -> None:
    assert is_refused(browser, told(browser, header={"typ": kind}), "typ")


@pytest.fixture
def strict(make: Any, provider: HostileProvider) -> Browser:
    """The same with a provider that names its logout tokens."""
    return signed_in(make(provider, strict_logout_type=True))


@pytest.mark.parametrize("kind", ["JWT", None, "at+jwt"])
def test_bc_16_a_strict_provider_names_the_type(strict: Browser, kind: str | None) -> None:
    assert is_refused(strict, told(strict, header={"typ": kind}), "typ")
    assert told(strict).status_code == 200


def test_bc_17_an_id_token_signs_nobody_out(browser: Browser) -> None:
    app, provider = browser.client.application, browser.provider
    assert is_refused(browser, tell(app, provider.id_token("a-nonce", "access")), "events")
    assert is_refused(browser, told(browser, {"nonce": "a-nonce"}, {"typ": "JWT"}), "nonce")


def test_bc_17_a_logout_token_signs_nobody_in(make: Any, provider: HostileProvider) -> None:
    browser = make(provider)
    provider.raw_id_token = lambda _honest: provider.logout_token({"nonce": provider.authorizations[-1]["nonce"]})
    assert browser.sign_in().status_code == 400


def test_bc_19_only_a_form_with_one_token_is_read(browser: Browser) -> None:
    client, token = browser.client.application.test_client(), browser.provider.logout_token()
    form = "a form with one logout_token is needed"
    assert client.get("/auth/town/logout").status_code == 405
    assert client.get(f"/auth/town/logout?logout_token={token}").status_code == 405
    for answer in (
        client.post("/auth/town/logout"),
        client.post(f"/auth/town/logout?logout_token={token}"),
        client.post("/auth/town/logout", data={"logout_token": ""}),
        client.post("/auth/town/logout", data={"logout_token": [token, token]}),
        client.post("/auth/town/logout", data=json.dumps({"logout_token": token}), content_type="application/json"),
        client.post("/auth/town/logout", data={"logout_token": token}, content_type="multipart/form-data"),
    ):
        assert is_refused(browser, answer, form)
    for size in (70_000, 1_000_000):
        big = client.post("/auth/town/logout", data=b"logout_token=" + b"a" * size, content_type=FORM)
        assert is_refused(browser, big, "too large", 413)
    assert client.post("/auth/nowhere/logout", data={"logout_token": token}).status_code == 404
    assert browser.is_signed_in()


@pytest.mark.parametrize("token", ["x", "a.b.c", "....", "é", "\0", "a" * 60_000])
def test_bc_19_what_is_no_token_is_refused(browser: Browser, token: str) -> None:
    assert is_refused(browser, tell(browser.client.application, token), "form")


def test_bc_20_neither_cookie_nor_form_token_is_needed_and_none_harms(browser: Browser) -> None:
    token = browser.provider.logout_token()
    answer = browser.client.post(
        "/auth/town/logout", data={"logout_token": token}, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 200
    assert not browser.is_signed_in()


def test_bc_a_provider_whose_keys_cannot_be_had_is_asked_to_come_again(make: Any, provider: HostileProvider) -> None:
    browser = make(provider)
    provider.answers["/jwks"] = (500, "text/plain", b"oops")
    answer = told(browser)
    assert answer.status_code == 503
    assert answer.json["error"] == "temporarily_unavailable"
    assert answer.headers["Retry-After"] == "60"


def test_bc_a_storm_of_forged_tokens_is_not_written_down_for_ever(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, rows: Any
) -> None:
    monkeypatch.setattr(back_channel, "MOST_REFUSED", 3)
    answers = [told(browser, {"iss": "https://other.example"}).status_code for _ in range(5)]
    assert answers == [400, 400, 400, 429, 429]
    assert rows("select count(*) from portal.audit_entry where act = 'identity.logout_refused'") == [(3,)]
    assert told(browser).status_code == 200, "a good token is taken all the same"


def test_bc_who_has_sent_many_bad_tokens_has_no_keys_fetched(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, at: Clock
) -> None:
    monkeypatch.setattr(back_channel, "MOST_REFUSED", 3)
    for _ in range(3):
        assert told(browser, {"iss": "https://other.example"}).status_code == 400
    at.advance(minutes=5)
    before = browser.provider.count("/jwks")
    answer = told(browser, header={"kid": "nobody"})
    assert (answer.status_code, answer.json["error_description"]) == (429, "unknown_key")
    assert int(answer.headers["Retry-After"]) == 300
    assert browser.provider.count("/jwks") == before
    assert told(browser).status_code == 200, "a good token is taken all the same"
    at.advance(minutes=6)
    assert told(browser, header={"kid": "nobody"}).status_code == 400
    assert browser.provider.count("/jwks") == before + 1
