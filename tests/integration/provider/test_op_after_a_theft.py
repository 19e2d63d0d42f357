"""Somebody got in with a stolen password: what they have left behind opens nothing once the owner acts. OP-10."""

import re
import uuid
from types import ModuleType

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from portal.db.session import session
from portal.provider import authenticator_pages, your_sign_in
from portal.provider.factor_models import Authenticator, Passkey
from portal.provider.factors import reset_factors
from tests.integration.provider.flows import PASSWORD, SECRET, add_portal, letters, link_in, post_form, tokens_for
from tests.integration.provider.people_with_factors import (
    EMAIL,
    acts,
    add_passkey,
    recovery_codes_shown,
    set_up_app,
    signs_in,
    use_passkey,
)
from tests.support.fixtures import Clock
from tests.support.passkey_device import Device

NEW = "correct horse battery"
PASSKEYS = "/your-sign-in/passkeys"


@pytest.fixture
def owner(app: Flask, priya: uuid.UUID) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def thief(app: Flask, priya: uuid.UUID) -> FlaskClient:
    """A browser in which the stolen password was typed."""
    browser = app.test_client()
    signs_in(browser)
    return browser


def mailed_reset(app: Flask, browser: FlaskClient) -> str:
    """The page to which the letter leads."""
    post_form(browser, "/forgotten-password", email=EMAIL)
    return link_in(app)


def passkeys_of(app: Flask) -> dict[str, str]:
    with app.app_context():
        return {each.name: str(each.id) for each in session().query(Passkey)}


def test_op_10_a_planted_passkey_goes_with_the_password_and_a_kept_one_stays(
    app: Flask, thief: FlaskClient, owner: FlaskClient
) -> None:
    planted, mine = Device(), Device()
    add_passkey(thief, mine, name="my phone")
    add_passkey(thief, planted, name="not mine")
    page = mailed_reset(app, owner)
    shown = owner.get(page).text
    assert "open your account without the password" in shown
    assert "my phone" in shown
    assert "not mine" in shown
    post_form(owner, page, password=NEW, keep=passkeys_of(app)["my phone"])
    assert use_passkey(app.test_client(), planted).location == "/sign-in?passkey=refused"
    assert use_passkey(app.test_client(), mine).location == "/signed-in"
    assert len(acts(app, "provider.passkey_removed")) == 1
    assert "1 passkey that you did not keep was removed" in letters(app)[-1].body


@pytest.mark.parametrize("kept", ["", "not an id", "00000000-0000-4000-8000-000000000000"])
def test_op_10_a_passkey_that_nobody_keeps_goes_and_its_recovery_codes_go_with_it(
    app: Flask, thief: FlaskClient, owner: FlaskClient, kept: str
) -> None:
    add_passkey(thief, device := Device())
    codes = recovery_codes_shown(thief, post_form(thief, "/your-sign-in/recovery-codes"))
    assert len(codes) == 10
    post_form(owner, mailed_reset(app, owner), password=NEW, keep=kept)
    assert use_passkey(app.test_client(), device).location == "/sign-in?passkey=refused"
    signs_in(owner, password=NEW)
    assert "You have no codes" in owner.get("/your-sign-in").text


def test_op_10_a_password_that_is_refused_removes_nothing_and_the_choice_stays(
    app: Flask, thief: FlaskClient, owner: FlaskClient
) -> None:
    add_passkey(thief, device := Device())
    answer = post_form(owner, mailed_reset(app, owner), password="password123", keep=passkeys_of(app)["my phone"])
    assert re.search(r'name="keep"[^>]* checked', answer.text)
    assert use_passkey(app.test_client(), device).location == "/signed-in"


def test_op_10_mail_alone_takes_no_app_away_and_the_page_says_so(
    app: Flask, thief: FlaskClient, owner: FlaskClient
) -> None:
    set_up_app(thief)
    page = mailed_reset(app, owner)
    assert "We still ask for a code from your authenticator app" in owner.get(page).text
    post_form(owner, page, password=NEW)
    assert signs_in(owner, password=NEW).location == "/second-step"


def test_op_10_letters_about_a_change_lead_to_where_it_is_undone(app: Flask, thief: FlaskClient) -> None:
    add_passkey(thief, Device())
    assert "http://localhost/forgotten-password" in letters(app)[-1].body


def test_op_10_a_new_app_brings_new_recovery_codes(at: Clock, app: Flask, thief: FlaskClient) -> None:
    at.move_to("2026-11-22T09:00:05")
    signs_in(thief)
    old = recovery_codes_shown(thief, set_up_app(thief)[1])
    at.advance(minutes=1)
    new = recovery_codes_shown(thief, set_up_app(thief)[1])
    assert len(new) == 10
    assert not set(old) & set(new)
    half = app.test_client()
    signs_in(half)
    assert "none of your" in post_form(half, "/second-step/recovery-code", code=old[0]).text
    assert post_form(half, "/second-step/recovery-code", code=new[0]).status_code == 303


def test_op_10_recovery_codes_go_with_the_app_and_with_the_last_passkey(app: Flask, thief: FlaskClient) -> None:
    set_up_app(thief)
    assert "You have 10 codes left" in thief.get("/your-sign-in").text
    assert "Your recovery codes stop working too" in thief.get("/your-sign-in/authenticator/remove").text
    post_form(thief, "/your-sign-in/authenticator/remove")
    assert "You have no codes" in thief.get("/your-sign-in").text
    add_passkey(thief, Device())
    post_form(thief, "/your-sign-in/recovery-codes")
    assert "You have 10 codes left" in thief.get("/your-sign-in").text
    (passkey,) = passkeys_of(app).values()
    post_form(thief, f"/your-sign-in/passkeys/{passkey}/remove")
    assert "You have no codes" in thief.get("/your-sign-in").text


def test_op_10_recovery_codes_that_stand_in_for_nothing_are_not_made(thief: FlaskClient) -> None:
    assert thief.get("/your-sign-in/recovery-codes").status_code == 404


@pytest.mark.parametrize("act", ["change", "sign out", "reset factors"])
def test_op_10_whoever_acts_against_a_thief_closes_the_links_that_were_mailed(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, owner: FlaskClient, act: str
) -> None:
    page = mailed_reset(app, owner)
    signs_in(browser)
    if act == "change":
        post_form(browser, "/your-sign-in/password", old_password=PASSWORD, password=NEW)
    elif act == "sign out":
        post_form(browser, "/your-sign-in/sign-out-everywhere")
    else:
        with app.test_request_context("/"):
            reset_factors(priya, actor="system:command", language="en")
            session().commit()
    assert owner.get(page).status_code == 404


@pytest.mark.parametrize("name", ["http://evil.example/x", "evil.example", "ring 0900 123"])
def test_op_10_no_words_of_a_stranger_s_stand_in_a_letter(
    app: Flask, thief: FlaskClient, owner: FlaskClient, name: str
) -> None:
    add_passkey(thief, device := Device(), name=name)
    (passkey,) = passkeys_of(app).values()
    use_passkey(owner, device)
    use_passkey(owner, device, count=0)
    assert "copy" in letters(app)[-1].body
    post_form(thief, f"/your-sign-in/passkeys/{passkey}/rename", name=f"{name} again")
    post_form(thief, f"/your-sign-in/passkeys/{passkey}/remove")
    written = [letter for letter in letters(app) if letter.template.endswith("sign_in_changed.txt")]
    assert len(written) == 4
    assert not any(name in letter.body or name in letter.subject for letter in written)


@pytest.mark.parametrize("page", [your_sign_in, authenticator_pages])
def test_op_10_nothing_is_planted_in_the_moment_in_which_the_owner_acts(
    monkeypatch: pytest.MonkeyPatch, app: Flask, thief: FlaskClient, cleaning_engine: Engine, page: ModuleType
) -> None:
    checked = page.freshly_signed_in

    def and_then_ended() -> object:
        found = checked()
        if request.method == "POST":
            with cleaning_engine.begin() as connection:
                connection.execute(text("update provider.login set ended_at = now()"))
        return found

    monkeypatch.setattr(page, "freshly_signed_in", and_then_ended)
    answer = add_passkey(thief, Device()) if page is your_sign_in else set_up_app(thief)[1]
    assert answer.location.startswith("/sign-in?then=")
    with app.app_context():
        assert session().query(Passkey).count() + session().query(Authenticator).count() == 0


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/signed-in").status_code == 200


def test_op_10_removing_a_passkey_ends_the_sign_ins_that_it_opened_and_no_other(
    app: Flask, thief: FlaskClient, owner: FlaskClient
) -> None:
    add_passkey(owner_signed_in(owner), planted := Device(), name="not mine")
    elsewhere, at_work = app.test_client(), app.test_client()
    use_passkey(elsewhere, planted)
    signs_in(at_work)
    (passkey,) = passkeys_of(app).values()
    assert "signed out wherever you have signed in with a passkey" in owner.get(f"{PASSKEYS}/{passkey}/remove").text
    assert is_in(elsewhere)
    post_form(owner, f"{PASSKEYS}/{passkey}/remove")
    assert not is_in(elsewhere)
    assert is_in(owner), "who has removed it is here, with a fresh proof"
    assert is_in(at_work)


def owner_signed_in(owner: FlaskClient) -> FlaskClient:
    signs_in(owner)
    return owner


def test_bcp_16_refresh_tokens_go_with_the_password_in_the_browser_that_changes_it_too(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    portal = add_portal(app, scopes=["openid", "offline_access"])
    token = tokens_for(portal, browser, scope="openid offline_access")["refresh_token"]
    changed = post_form(browser, "/your-sign-in/password", old_password=PASSWORD, password=NEW)
    assert changed.location == "/your-sign-in"
    assert is_in(browser)
    sent = {"grant_type": "refresh_token", "refresh_token": token}
    assert app.test_client().post("/token", data=sent, auth=("portal", SECRET)).json["error"] == "invalid_grant"


@pytest.mark.parametrize("page", ["/forgotten-password", "/register"])
@pytest.mark.parametrize("typed", [" PRIYA@EXAMPLE.ORG", "Nobody@Example.org"])
def test_op_10_a_link_goes_to_the_address_as_it_is_kept(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, page: str, typed: str
) -> None:
    post_form(browser, page, email=typed)
    assert [letter.to_address for letter in letters(app)] == [typed.strip().lower()]
