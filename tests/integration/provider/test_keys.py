"""Signing keys: made once, rotated with an overlap (OP-12), sealed in the table."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws
from pydantic import SecretStr
from sqlalchemy import delete, select

from portal.cli.provider import provider
from portal.db.session import session
from portal.provider import operations
from portal.provider.app import create_provider
from portal.provider.models import SigningKey
from portal.provider.state import KEY
from portal.provider.tidy import tidy
from portal.signing.ring import OVERLAP, KeyRing
from tests.integration.provider.flows import Portal, answer_in, close, provider_settings, sign_in, tokens_for
from tests.support.fixtures import Clock


def ring_of(app: Flask) -> KeyRing:
    ring: KeyRing = app.extensions[KEY].ring
    ring._keys = None
    return ring


def published(app: Flask) -> set[str]:
    return {key["kid"] for key in app.test_client().get("/jwks").json["keys"]}


def rotate(app: Flask) -> list[str]:
    with app.app_context():
        made = operations.rotate_keys(app.extensions[KEY].settings)
        session().commit()
    ring_of(app)
    return made


def signer(id_token: str) -> str:
    return str(jws.extract_compact(id_token.encode()).headers()["kid"])


def test_op12_a_new_key_is_published_before_it_signs_and_the_old_one_after(
    at: Clock, app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    old = signer(tokens_for(portal, browser)["id_token"])
    before = published(app)
    made = set(rotate(app))
    assert published(app) == before | made
    assert signer(portal.exchange(answer_in(browser.get(portal.ask()).location)["code"]).json["id_token"]) == old
    at.advance(seconds=OVERLAP.total_seconds() + 1)
    ring_of(app)
    assert published(app) == before | made
    tokens = portal.exchange(answer_in(sign_in(browser, portal.ask()))["code"]).json
    assert signer(tokens["id_token"]) in made
    at.advance(seconds=OVERLAP.total_seconds())
    ring_of(app)
    assert published(app) == made


def test_jwks_holds_public_keys_only(app: Flask) -> None:
    keys = app.test_client().get("/jwks").json["keys"]
    assert {key["alg"] for key in keys} == {"ES256", "RS256"}
    for key in keys:
        assert key["use"] == "sig"
        assert not set(key) & {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


def test_private_keys_are_sealed_in_the_table(app: Flask) -> None:
    with app.app_context():
        for row in session().scalars(select(SigningKey)):
            assert b"PRIVATE" not in row.sealed
            assert "d" not in row.public_jwk


def test_another_secret_key_makes_new_keys_and_keeps_the_old_ones_published(app: Flask, clean_database: str) -> None:
    before = published(app)
    other = create_provider(provider_settings(clean_database, secret_key=SecretStr("another-" * 8)))
    try:
        assert published(other) > before
        assert len(published(other)) == len(before) + 2
        assert set(other.extensions[KEY].ring.keys().signing) == {"ES256", "RS256"}
    finally:
        close(other)


def test_an_older_secret_key_still_opens_the_keys(app: Flask, clean_database: str) -> None:
    before = published(app)
    present = app.extensions[KEY].settings.secret_key
    settings = provider_settings(clean_database, secret_key=SecretStr("another-" * 8), previous_secret_keys=(present,))
    other = create_provider(settings)
    try:
        assert published(other) == before
    finally:
        close(other)


def test_several_processes_that_start_at_once_make_one_set_of_keys(app: Flask) -> None:
    with app.app_context():
        session().execute(delete(SigningKey))
        session().commit()
    state = app.extensions[KEY]
    rings = [KeyRing(state.ring._ring, state.ring._transaction) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda ring: tuple(key["kid"] for key in ring.keys().published), rings))
    assert len(set(seen)) == 1
    assert len(seen[0]) == 2


def test_tidying_keeps_what_is_live(
    at: Clock, app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens = tokens_for(portal, browser)
    with app.app_context():
        tidy()
        session().commit()
    assert portal.userinfo(tokens["access_token"]).status_code == 200
    at.advance(days=40)
    with app.app_context():
        tidy()
        session().commit()
        for table in ("code", "access_token", "login"):
            from sqlalchemy import text

            assert session().execute(text(f"select count(*) from provider.{table}")).scalar() == 0
    assert published(app)


def test_op06_of_many_who_send_one_code_at_once_one_gets_tokens(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    code = answer_in(sign_in(browser, portal.ask()))["code"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: portal.exchange(code), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5
    won = next(answer for answer in answers if answer.status_code == 200)
    assert portal.userinfo(won.json["access_token"]).status_code == 401  # the others were a second use


def test_op12_a_stolen_key_is_retired_at_once_and_a_fresh_one_signs(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint = tokens_for(portal, browser)["id_token"]
    stolen, before = signer(hint), published(app)
    assert retire(app, monkeypatch, stolen).exit_code == 0
    assert stolen not in published(app)
    assert len(published(app)) == len(before)
    fresh = portal.exchange(answer_in(browser.get(portal.ask()).location)["code"]).json["id_token"]
    assert signer(fresh) in published(app) - before
    refused = answer_in(browser.get(portal.ask(prompt="none", id_token_hint=hint)).location)
    assert refused["error"] == "invalid_request", "whoever has the key writes such hints"


def test_op12_a_key_that_waits_is_retired_and_its_heir_waits_as_long(
    at: Clock, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published(app)
    waiting = rotate(app)
    for kid in waiting:
        assert retire(app, monkeypatch, kid).exit_code == 0
    heirs = published(app) - before
    assert len(heirs) == 2
    assert not heirs & set(waiting)
    assert {key.kid for key in ring_of(app).keys().signing.values()} == before
    at.advance(seconds=OVERLAP.total_seconds() + 1)
    assert {key.kid for key in ring_of(app).keys().signing.values()} == heirs


def test_retiring_a_key_wants_now_and_a_key_that_is_there(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    before = published(app)
    (kid, *_) = before
    assert "--now" in str(retire(app, monkeypatch, kid, now=False).exception)
    assert "keys list" in str(retire(app, monkeypatch, "nobody").exception)
    assert published(app) == before
    listed = run(app, monkeypatch, "keys", "list").output
    assert all(each in listed for each in before)
    assert listed.count("signs now") == 2


def retire(app: Flask, monkeypatch: pytest.MonkeyPatch, kid: str, *, now: bool = True) -> Result:
    return run(app, monkeypatch, "keys", "retire", kid, *(["--now"] if now else []))


def run(app: Flask, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    """A `moothall provider` command on this database, after which the keys are read anew."""
    monkeypatch.setattr("portal.cli.provider.command_settings", lambda: nullcontext(app.extensions[KEY].settings))
    result = CliRunner().invoke(provider, arguments)
    ring_of(app)
    return result
