"""What a person changes about their own sign-in: who may, what it ends, and the letters about it."""

import uuid

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from portal.db.session import session
from portal.provider.factors import reset_factors
from tests.integration.provider.flows import PASSWORD, Portal, letters, post_form
from tests.integration.provider.people_with_factors import (
    acts,
    add_passkey,
    half_way,
    is_signed_in,
    secret,
    set_up_app,
    signs_in,
    use_passkey,
)
from tests.support.fixtures import Clock
from tests.support.passkey_device import Device

__all__ = ["secret"]


def test_a_stolen_password_changes_nothing_where_there_is_something_beside_it(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    signs_in(browser)
    add_passkey(browser, device := Device())
    thief = app.test_client()
    assert signs_in(thief).location == "/signed-in"
    changes = ("password", "passkeys/add", "authenticator", "recovery-codes", "sign-out-everywhere")
    for each in changes:
        assert thief.get(f"/your-sign-in/{each}").location.startswith("/second-step?then="), each
    use_passkey(elsewhere, device)
    for each in changes:
        assert elsewhere.get(f"/your-sign-in/{each}").status_code == 200, each


def test_every_change_asks_for_a_fresh_sign_in_and_comes_back(
    at: Clock, priya: uuid.UUID, browser: FlaskClient
) -> None:
    signs_in(browser)
    at.advance(minutes=10, seconds=1)
    assert browser.get("/your-sign-in").status_code == 200
    for each in ("password", "passkeys/add", "authenticator", "recovery-codes", "sign-out-everywhere"):
        again = browser.get(f"/your-sign-in/{each}").location
        assert again.startswith("/sign-in?then="), each
        assert signs_in(browser, page=again).location == f"/your-sign-in/{each}"
        at.advance(minutes=10, seconds=1)
    assert browser.get("/sign-in?then=https://evil.example").status_code == 200
    assert signs_in(browser, page="/sign-in?then=rename_passkey").location == "/signed-in"
    assert signs_in(browser, page="/sign-in?then=//evil.example").location == "/signed-in"


def test_the_password_is_changed_with_the_old_one_and_others_are_signed_out(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    signs_in(browser)
    signs_in(elsewhere)
    page = "/your-sign-in/password"
    new = "correct horse battery"
    wrong = post_form(browser, page, old_password="not this one", password=new)
    assert "not the password that you have now" in wrong.text
    assert "harder to guess" in post_form(browser, page, old_password=PASSWORD, password="password123").text
    assert post_form(browser, page, old_password=PASSWORD, password=new).location == "/your-sign-in"
    assert is_signed_in(browser)
    assert not is_signed_in(elsewhere)
    assert "password of your account" in letters(app)[-1].body
    assert [len(acts(app, f"provider.password_{each}")) for each in ("change_refused", "changed")] == [1, 1]
    assert signs_in(elsewhere, password=new).location == "/signed-in"


def test_signing_out_everywhere_ends_every_sign_in(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    signs_in(browser)
    signs_in(elsewhere)
    assert post_form(browser, "/your-sign-in/sign-out-everywhere").location == "/signed-out"
    assert not is_signed_in(browser)
    assert not is_signed_in(elsewhere)
    assert "signed out of your account" in letters(app)[-1].body


def test_the_council_resets_the_factors_of_who_has_lost_them_all(
    app: Flask, secret: str, priya: uuid.UUID, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    half_way(elsewhere)
    with app.test_request_context("/"):
        reset_factors(priya, actor="system:command", language="en")
        session().commit()
        left = [
            session().scalar(text(f"select count(*) from provider.{name}"))
            for name in ("authenticator", "passkey", "recovery_code", "half_login")
        ]
    assert left == [0] * 4
    assert not is_signed_in(browser)
    assert signs_in(elsewhere).location == "/signed-in"
    assert "We have removed the passkeys" in letters(app)[-1].body
    assert [entry.actor for entry in acts(app, "provider.factors_reset")] == ["system:command"]


def test_letters_about_different_changes_have_different_subjects(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    signs_in(browser)
    add_passkey(browser, Device())
    set_up_app(browser)
    post_form(browser, "/your-sign-in/recovery-codes")
    post_form(browser, "/your-sign-in/authenticator/remove")
    assert [letter.subject for letter in letters(app)] == [
        "A passkey was added to your account",
        "An authenticator app was set up for your account",
        "New recovery codes were made for your account",
        "The authenticator app was removed from your account",
    ]
