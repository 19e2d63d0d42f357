"""Proving by a key who we are: assertions, signed requests, and the page where providers find the keys."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from joserfc import jwk, jws, jwt
from sqlalchemy import Engine, event

from portal.db.session import session
from portal.errors import SetupError
from portal.identity import client_keys, own_keys
from portal.signing.ring import OVERLAP
from tests.integration.identity.conftest import Browser, provider_settings
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

BY_KEY = {"client_auth": "private_key_jwt", "client_secret": None}
QUICK = {"client_key_algorithm": "ES256"}
"""An RSA key takes a good part of a second to make."""


def published(app: Flask) -> dict[str, dict[str, str]]:
    """What a provider finds, after a minute."""
    app.extensions[client_keys.EXTENSION].ring._keys = None
    answer = app.test_client().get("/auth/jwks")
    assert answer.status_code == 200
    return {key["kid"]: key for key in answer.json["keys"]}


def key_file(folder: Path, key: Any, name: str = "key.pem") -> str:
    file = folder / name
    file.write_bytes(key.as_pem(private=True))
    return str(file)


def rotate(app: Flask) -> set[str]:
    with app.app_context():
        made = own_keys.rotate(app.extensions["test.settings"])
        session().commit()
    return set(made)


@pytest.fixture
def ring_portal(make_portal: Any, provider: HostileProvider) -> Any:
    """Builds a portal that signs by its own keys, and the provider's settings."""

    def one(**changes: Any) -> tuple[Flask, Any]:
        settings = provider_settings(provider, **(BY_KEY | QUICK | changes))
        return make_portal({"town": settings}), settings

    return one


def assertions(provider: HostileProvider) -> list[str]:
    return [form["client_assertion"] for _headers, form in provider.token_requests]


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "PS256"])
def test_gov_11_assertions_are_signed_by_a_published_key_and_good_once(
    ring_portal: Any, provider: HostileProvider, algorithm: str
) -> None:
    app, settings = ring_portal(client_key_algorithm=algorithm)
    browser = Browser(app.test_client(), provider)
    for _ in range(2):
        assert browser.sign_in().status_code == 303
    keys = published(app)
    read = []
    for each in assertions(provider):
        kid = jws.extract_compact(each.encode()).headers()["kid"]
        key = jwk.import_key(keys[kid])
        assert keys[kid]["alg"] == algorithm
        read.append(jwt.decode(each, key, algorithms=[algorithm]).claims)
    for claims in read:
        assert claims["iss"] == claims["sub"] == settings.client_id
        assert claims["aud"] == f"{provider.issuer}/token"
        assert 270 < claims["exp"] - time.time() <= 300
    assert read[0]["jti"] != read[1]["jti"]


def test_gov_11_audience_and_life_are_as_the_settings_say(ring_portal: Any, provider: HostileProvider) -> None:
    app, _settings = ring_portal(assertion_audience="issuer", assertion_seconds=60)
    Browser(app.test_client(), provider).sign_in()
    claims = json.loads(jws.extract_compact(assertions(provider)[0].encode()).payload or b"")
    assert claims["aud"] == provider.issuer
    assert claims["exp"] - claims["iat"] == 60


def test_gov_11_rsa_keys_have_2048_bits_or_more(ring_portal: Any) -> None:
    app, _settings = ring_portal(client_key_algorithm="RS256")
    for key in published(app).values():
        assert key["kty"] == "RSA"
        assert len(key["n"]) * 6 >= 2048


def test_bcp_08_a_key_proves_who_we_are_and_no_secret_is_sent(ring_portal: Any, provider: HostileProvider) -> None:
    app, _settings = ring_portal()
    Browser(app.test_client(), provider).sign_in()
    headers, form = provider.token_requests[0]
    assert "Authorization" not in headers
    assert "client_secret" not in form
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def test_gov_12_the_secret_may_be_posted(make: Any, provider: HostileProvider) -> None:
    browser = make(provider, client_auth="client_secret_post")
    assert browser.sign_in().status_code == 303
    headers, form = provider.token_requests[0]
    assert form["client_secret"] == provider.client_secret
    assert "Authorization" not in headers


def test_gov_13_the_page_of_our_keys_is_public_cacheable_and_holds_no_private_part(ring_portal: Any) -> None:
    app, _settings = ring_portal()
    answer = app.test_client().get("/auth/jwks", headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    for key in answer.json["keys"]:
        assert key["use"] == "sig"
        assert not set(key) & {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def test_gov_13_the_page_asks_the_database_once_a_minute(ring_portal: Any) -> None:
    app, _settings = ring_portal()
    client = app.test_client()
    client.get("/auth/jwks")
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for _ in range(3):
            assert client.get("/auth/jwks").status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert seen == []


def test_gov_13_a_new_key_is_published_a_day_before_it_signs_and_the_old_one_a_day_after(
    ring_portal: Any, provider: HostileProvider, at: Clock
) -> None:
    app, settings = ring_portal()

    def signer() -> str:
        app.extensions[client_keys.EXTENSION].ring._keys = None
        with app.app_context():
            return str(client_keys.key_for(settings).key_id)

    assert OVERLAP.total_seconds() >= 24 * 3600
    old = signer()
    app.extensions["test.settings"] = _settings_of(app)
    made = rotate(app)
    assert set(published(app)) == {old} | made
    at.advance(hours=24)
    assert signer() == old
    at.advance(hours=1)
    assert {signer()} == made
    assert set(published(app)) == {old} | made
    at.advance(hours=24)
    assert set(published(app)) == {old} | made
    at.advance(hours=1)
    assert set(published(app)) == made


def _settings_of(app: Flask) -> Any:
    return app.extensions[client_keys.EXTENSION].ring._ring.settings


def test_gov_13_keys_of_files_are_published_too(make_portal: Any, provider: HostileProvider, tmp_path: Path) -> None:
    rsa, ec = jwk.RSAKey.generate_key(2048), jwk.ECKey.generate_key("P-256")
    by_file = {
        "town": provider_settings(
            provider, **BY_KEY, client_key_file=key_file(tmp_path, rsa, "a.pem"), client_key_id="town-1"
        ),
        "county": provider_settings(provider, **BY_KEY, client_key_file=key_file(tmp_path, ec, "b.pem")),
    }
    keys = published(make_portal(by_file))
    assert set(keys) == {"town-1", ec.thumbprint()}
    assert [key["alg"] for key in keys.values()] == ["RS256", "ES256"]
    assert keys["town-1"]["n"] == rsa.as_dict(private=False)["n"]


def test_one_id_for_two_different_keys_is_refused_at_start(
    make_portal: Any, provider: HostileProvider, tmp_path: Path
) -> None:
    files = [key_file(tmp_path, jwk.ECKey.generate_key("P-256"), f"{name}.pem") for name in ("a", "b")]
    settings = [provider_settings(provider, **BY_KEY, client_key_file=file, client_key_id="k1") for file in files]
    with pytest.raises(SetupError, match="k1"):
        make_portal({"town": settings[0], "county": settings[1]})


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_file_that_cannot_be_used_is_told_at_start(
    make_portal: Any, provider: HostileProvider, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(content)
    with pytest.raises(SetupError, match=r"client_key_file must be a PEM file"):
        make_portal({"town": provider_settings(provider, **BY_KEY, client_key_file=str(file))})


@pytest.mark.parametrize("kind", ["public", "curve", "weak", "missing"])
def test_a_key_of_the_wrong_kind_is_told_at_start(
    make_portal: Any, provider: HostileProvider, tmp_path: Path, kind: str
) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    file = tmp_path / "key.pem"
    if kind == "public":
        file.write_bytes(jwk.ECKey.generate_key("P-256").as_pem(private=False))
    elif kind == "curve":
        file.write_bytes(jwk.ECKey.generate_key("P-384").as_pem(private=True))
    elif kind == "weak":
        weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
        plain = serialization.NoEncryption()
        pem = weak.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        file.write_bytes(pem)
    with pytest.raises(SetupError, match=r"client_key_file must be a PEM file"):
        make_portal({"town": provider_settings(provider, **BY_KEY, client_key_file=str(file))})


def test_no_key_is_made_where_no_provider_needs_one(make_portal: Any, provider: HostileProvider, rows: Any) -> None:
    app = make_portal({"town": provider_settings(provider)})
    assert published(app) == {}
    assert rows("select kid from portal.signing_key") == []


def test_private_keys_are_sealed_in_the_table(ring_portal: Any, rows: Any) -> None:
    published(ring_portal()[0])
    (row,) = rows("select sealed, public_jwk from portal.signing_key")
    assert b"PRIVATE" not in bytes(row.sealed)
    assert "d" not in row.public_jwk


def test_gov_10_a_signed_request_says_who_asks_and_for_how_long(ring_portal: Any, provider: HostileProvider) -> None:
    app, settings = ring_portal(request_object=True)
    with app.app_context():
        token = client_keys.sign_request({"scope": "openid", "iss": "somebody", "jti": "x"}, provider=settings)
    keys = published(app)
    head = jws.extract_compact(token.encode()).headers()
    assert head["typ"] == "oauth-authz-req+jwt"
    claims = jwt.decode(token, jwk.import_key(keys[head["kid"]]), algorithms=["ES256"]).claims
    assert claims["iss"] == settings.client_id
    assert claims["aud"] == provider.issuer
    assert claims["scope"] == "openid"
    assert claims["jti"] != "x"
    assert claims["exp"] - claims["iat"] == 300
    with app.app_context():
        token = client_keys.sign_request({"aud": f"{provider.issuer}/authorize"}, provider=settings)
    claims = jwt.decode(token, jwk.import_key(keys[head["kid"]]), algorithms=["ES256"]).claims
    assert claims["aud"] == f"{provider.issuer}/authorize"


def test_several_processes_sign_by_one_set_of_keys(make_portal: Any, provider: HostileProvider) -> None:
    settings = {"town": provider_settings(provider, **BY_KEY, **QUICK)}
    assert set(published(make_portal(settings))) == set(published(make_portal(settings)))


def test_a_first_rotation_waits_for_nothing(ring_portal: Any) -> None:
    app, settings = ring_portal()
    app.extensions["test.settings"] = _settings_of(app)
    made = rotate(app)
    with app.app_context():
        assert {client_keys.key_for(settings).key_id} == made


def test_tidying_keeps_keys_that_may_still_be_asked_about(ring_portal: Any, at: Clock, rows: Any) -> None:
    app, _settings = ring_portal()
    app.extensions["test.settings"] = _settings_of(app)
    published(app)
    rotate(app)
    for days, left in ((60, 2), (60, 1)):
        at.advance(days=days)
        with app.app_context():
            own_keys.tidy()
        assert rows("select count(*) from portal.signing_key") == [(left,)]
