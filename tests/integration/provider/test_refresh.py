"""Refresh tokens: turned over at each use, taken back together, and never alive longer than they should (OP-11)."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.db.session import session
from portal.provider import refresh, revocation, sign_ins
from portal.provider.app import create_provider
from portal.provider.models import Person
from portal.provider.state import KEY
from tests.integration.provider.flows import (
    SECRET,
    Portal,
    add_portal,
    answer_in,
    close,
    link_in,
    post_form,
    sign_in,
    tokens_for,
)
from tests.support.fixtures import Clock

SCOPES = ("openid", "email", "offline_access")
ASKED = " ".join(SCOPES)


@pytest.fixture
def lasting(app: Flask) -> Portal:
    """A client that may have refresh tokens."""
    return add_portal(app, "lasting", scopes=SCOPES)


def use(portal: Portal, token: str, **more: str) -> TestResponse:
    sent = {"grant_type": "refresh_token", "refresh_token": token} | more
    return portal.app.test_client().post("/token", data=sent, auth=(portal.client_id, SECRET))


def used(portal: Portal, token: str, **more: str) -> dict[str, Any]:
    answer = use(portal, token, **more)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json  # type: ignore[assignment]  # Werkzeug says Any or None
    return body


def is_dead(portal: Portal, token: str) -> bool:
    answer = use(portal, token)
    return (answer.status_code, answer.json["error"]) == (400, "invalid_grant")


def test_op_11_a_refresh_token_is_turned_over_at_each_use(
    at: Clock, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    first = tokens_for(lasting, browser, scope=ASKED)
    at.advance(minutes=4)
    second = used(lasting, first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert second["scope"] == first["scope"] == "openid email offline_access"
    assert lasting.userinfo(second["access_token"]).json["email"] == "priya@example.org"
    before, after = (lasting.claims(each["id_token"]) for each in (first, second))
    for name in ("iss", "sub", "aud", "auth_time", "amr", "acr", "sid"):
        assert after[name] == before[name], name
    assert "nonce" in before
    assert "nonce" not in after
    assert after["iat"] == before["iat"] + 240


def test_op_11_reuse_ends_the_whole_family_and_its_access_tokens(
    at: Clock, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    first = tokens_for(lasting, browser, scope=ASKED)
    second = used(lasting, first["refresh_token"])
    at.advance(seconds=16)
    assert is_dead(lasting, first["refresh_token"])
    assert is_dead(lasting, second["refresh_token"])
    for each in (first, second):
        assert lasting.userinfo(each["access_token"]).status_code == 401


def test_op_11_an_answer_that_was_lost_may_be_asked_for_again_for_a_moment(
    at: Clock, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    first = tokens_for(lasting, browser, scope=ASKED)
    lost = used(lasting, first["refresh_token"])
    at.advance(seconds=14)
    again = used(lasting, first["refresh_token"])
    assert again["refresh_token"] != lost["refresh_token"]
    at.advance(minutes=10)
    assert use(lasting, again["refresh_token"]).status_code == 200


def test_op_11_two_hands_on_one_generation_are_noticed(
    at: Clock, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    first = tokens_for(lasting, browser, scope=ASKED)
    ours, theirs = (used(lasting, first["refresh_token"])["refresh_token"] for _ in range(2))
    at.advance(minutes=1)
    ours = used(lasting, ours)["refresh_token"]
    at.advance(minutes=1)
    assert is_dead(lasting, theirs)
    assert is_dead(lasting, ours)


def test_op_11_the_moment_of_grace_is_not_prolonged_by_using_it(
    at: Clock, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    first = tokens_for(lasting, browser, scope=ASKED)["refresh_token"]
    used(lasting, first)
    at.advance(seconds=10)
    used(lasting, first)
    at.advance(seconds=10)
    assert is_dead(lasting, first)


@pytest.fixture
def second_one(app: Flask) -> Iterator[Flask]:
    """Another provider on the same tables with connections and keys of its own, as a second process has."""
    made = create_provider(app.extensions[KEY].settings)
    yield made
    close(made)


def test_op_11_twenty_at_once_over_two_applications_all_go_on(
    at: Clock, app: Flask, second_one: Flask, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    token = tokens_for(lasting, browser, scope=ASKED)["refresh_token"]
    sides = [lasting, Portal(second_one, "lasting")] * 10
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda side: use(side, token), sides))
    assert [each.status_code for each in answers] == [200] * 20
    with app.app_context():
        turned = session().execute(text("select generation from provider.refresh_family")).scalar_one()
    assert turned == 1
    at.advance(minutes=1)
    kept = answers[7].json["refresh_token"]  # type: ignore[index]  # Werkzeug says Any or None
    assert use(lasting, kept).status_code == 200


def test_bcp_16_a_refresh_token_dies_idle_and_of_age(
    at: Clock, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    token = tokens_for(lasting, browser, scope=ASKED)["refresh_token"]
    for _ in range(4):
        at.advance(days=6, hours=23)
        token = used(lasting, token)["refresh_token"]
    at.advance(days=2, hours=4)
    assert is_dead(lasting, token)
    at.advance(hours=1)
    idle = tokens_for(lasting, browser, scope=ASKED)["refresh_token"]
    at.advance(days=7, seconds=1)
    assert is_dead(lasting, idle)


def test_bcp_16_a_refresh_token_outlives_the_sign_in_s_own_clock(
    at: Clock, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    token = tokens_for(lasting, browser, scope=ASKED)["refresh_token"]
    at.advance(days=2)
    assert answer_in(browser.get(lasting.ask(prompt="none")).location)["error"] == "login_required"
    assert use(lasting, token).status_code == 200


@pytest.mark.parametrize("way", ["logout", "sign out everywhere", "reset", "consent", "code again", "revoke"])
def test_bcp_16_a_refresh_token_is_taken_back(
    app: Flask, lasting: Portal, priya: uuid.UUID, browser: FlaskClient, way: str
) -> None:
    code = answer_in(sign_in(browser, lasting.ask(scope=ASKED)))["code"]
    tokens: dict[str, Any] = lasting.exchange(code).json  # type: ignore[assignment]  # Werkzeug says Any or None
    successor = used(lasting, tokens["refresh_token"])
    if way == "logout":
        browser.get("/logout", query_string={"id_token_hint": tokens["id_token"]})
    elif way == "reset":
        post_form(app.test_client(), "/forgotten-password", email="priya@example.org")
        post_form(app.test_client(), link_in(app), password="another three words")
    elif way == "code again":
        assert lasting.exchange(code).json["error"] == "invalid_grant"
    elif way == "revoke":
        sent = {"token": successor["refresh_token"]}
        assert app.test_client().post("/revoke", data=sent, auth=("lasting", SECRET)).status_code == 200
    else:
        with app.test_request_context():
            if way == "consent":
                revocation.revoke_client(priya, "lasting")
            else:
                sign_ins.end_every_login(session().get_one(Person, priya))
            session().commit()
    assert is_dead(lasting, successor["refresh_token"])
    assert lasting.userinfo(successor["access_token"]).status_code == 401


def test_bcp_16_tokens_issued_while_the_sign_in_was_ending_are_dead(
    app: Flask, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens = tokens_for(lasting, browser, scope=ASKED)
    with app.app_context():  # as if the end had not seen them yet
        session().execute(text("update provider.login set ended_at = now()"))
        session().commit()
    assert lasting.userinfo(tokens["access_token"]).status_code == 401
    assert is_dead(lasting, tokens["refresh_token"])


def test_a_refresh_token_is_bound_to_its_client(
    app: Flask, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    token = tokens_for(lasting, browser, scope=ASKED)["refresh_token"]
    other = add_portal(app, "other", scopes=SCOPES)
    assert is_dead(other, token)
    assert use(lasting, token).status_code == 200


def test_scope_may_be_narrowed_and_never_widened(
    app: Flask, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    token = tokens_for(lasting, browser, scope=ASKED)["refresh_token"]
    for wider in ("openid profile", "openid unknown", " "):
        assert use(lasting, token, scope=wider).json["error"] == "invalid_scope"
    less = used(lasting, token, scope="openid")
    assert less["scope"] == "openid"
    assert set(lasting.userinfo(less["access_token"]).json) == {"sub"}
    assert used(lasting, less["refresh_token"])["scope"] == "openid email offline_access"
    without = used(lasting, used(lasting, less["refresh_token"])["refresh_token"], scope="email")
    assert "id_token" not in without


def test_only_clients_that_may_get_one(app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    tokens = tokens_for(portal, browser, scope=ASKED)
    assert "refresh_token" not in tokens
    assert "offline_access" not in tokens["scope"]


def test_without_offline_access_there_is_none(lasting: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    assert "refresh_token" not in tokens_for(lasting, browser, scope="openid")


def test_refresh_tokens_are_kept_as_digests_only(
    app: Flask, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    token = tokens_for(lasting, browser, scope=ASKED)["refresh_token"]
    with app.app_context():
        for table in ("refresh_token", "refresh_family"):
            rows = session().execute(text(f"select t::text from provider.{table} t")).scalars().all()
            assert rows
            assert not any(token in row or token.encode().hex() in row for row in rows)


def test_every_token_that_is_issued_is_in_the_audit_trail(
    app: Flask, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    used(lasting, tokens_for(lasting, browser, scope=ASKED)["refresh_token"])
    query = "select details->>'grant' from portal.audit_entry where act = 'provider.tokens_issued' order by id"
    with app.app_context():
        assert session().execute(text(query)).scalars().all() == ["authorization_code", "refresh_token"]


def test_what_has_expired_is_tidied_away(
    at: Clock, app: Flask, lasting: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    from portal.provider.tidy import tidy

    tokens_for(lasting, browser, scope=ASKED)
    at.advance(seconds=refresh.ABSOLUTE.total_seconds(), days=2)
    with app.app_context():
        tidy()
        for table in ("refresh_token", "refresh_family", "access_token"):
            assert session().execute(text(f"select count(*) from provider.{table}")).scalar_one() == 0
