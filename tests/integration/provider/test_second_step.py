"""Codes from an app, recovery codes, and when they are asked for."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from portal.db.session import session
from portal.provider import recovery_codes
from portal.provider.factor_models import Authenticator, RecoveryCode
from portal.provider.factors import reset_factors
from tests.integration.provider.flows import (
    PASSWORD,
    Portal,
    add_person,
    answer_in,
    letters,
    link_in,
    post_form,
)
from tests.integration.provider.people_with_factors import (
    acts,
    add_passkey,
    code_of,
    recovery_codes_shown,
    set_up_app,
    signs_in,
    use_passkey,
)
from tests.support.fixtures import Clock
from tests.support.passkey_device import Device

MFA = "https://refeds.org/profile/mfa"


@pytest.fixture
def secret(at: Clock, priya: uuid.UUID, browser: FlaskClient) -> str:
    """What Priya's app knows. Time stands still, half a minute after she set it up."""
    at.move_to("2026-11-22T09:00:05")
    signs_in(browser)
    made, _answer = set_up_app(browser)
    at.advance(seconds=30)
    return made


@pytest.fixture
def elsewhere(app: Flask) -> FlaskClient:
    """Another browser, that nobody is signed in with."""
    return app.test_client()


def half_way(browser: FlaskClient, page: str = "/sign-in") -> str:
    """Give the first proof. Returns where the second is asked."""
    location = signs_in(browser, page=page).location
    assert location.startswith("/second-step")
    return location


def enters(browser: FlaskClient, code: str, page: str = "/second-step") -> TestResponse:
    return post_form(browser, page, code=code)


def is_signed_in(browser: FlaskClient) -> bool:
    return browser.get("/signed-in").status_code == 200


def test_an_app_is_set_up_with_a_picture_or_letters_and_counts_only_once_a_code_proves_it(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    signs_in(browser)
    page = browser.get("/your-sign-in/authenticator").text
    assert '<img class="moot-code-picture" src="data:image/svg+xml' in page
    assert re.search(r"<code>([A-Z2-7]{4} ){7}[A-Z2-7]{4}</code>", page)
    assert signs_in(elsewhere).location == "/signed-in"  # looking at the page has changed nothing
    secret, answer = set_up_app(browser)
    codes = recovery_codes_shown(browser, answer)
    assert len(set(codes)) == 10
    with app.app_context():
        kept = session().scalars(select(Authenticator)).one()
        assert secret.encode() not in kept.sealed
        assert not any(code.encode() in row.hashed for code in codes for row in session().scalars(select(RecoveryCode)))
    assert "authenticator app was set up" in letters(app)[-1].body
    assert len(acts(app, "provider.authenticator_set_up")) == 1
    assert signs_in(app.test_client()).location == "/second-step"


def test_a_wrong_code_sets_nothing_up_and_a_wrong_clock_is_named(
    at: Clock, priya: uuid.UUID, browser: FlaskClient
) -> None:
    at.move_to("2026-11-22T09:00:05")
    signs_in(browser)
    page = browser.get("/your-sign-in/authenticator")
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert found
    secret = found[1].replace(" ", "")
    answer = browser.submit(code=code_of(secret, steps=-6))  # type: ignore[attr-defined]  # our own client
    assert "about 3 minutes wrong" in answer.text
    answer = browser.submit(code="000000")  # type: ignore[attr-defined]
    assert "not the code that your app shows now" in answer.text
    assert found[1] in answer.text  # the same secret: the app has scanned it already
    at.advance(minutes=9)
    assert browser.submit(code=code_of(secret)).status_code == 303  # type: ignore[attr-defined]


def test_the_secret_of_another_persons_page_is_not_taken(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    add_person(app, "omar@example.org")
    signs_in(elsewhere, "omar@example.org")
    theirs = elsewhere.get("/your-sign-in/authenticator").text
    found, sealed = re.search(r"<code>([A-Z2-7 ]+)</code>", theirs), re.search(r'name="secret" value="([^"]+)"', theirs)
    assert found
    assert sealed
    signs_in(browser)
    code = code_of(found[1].replace(" ", ""))
    answer = post_form(browser, "/your-sign-in/authenticator", secret=sealed[1], code=code)
    assert "You took too long" in answer.text
    with app.app_context():
        assert session().scalars(select(Authenticator)).all() == []


def test_the_password_alone_signs_nobody_in_once_a_second_step_is_on(
    portal: Portal, secret: str, elsewhere: FlaskClient
) -> None:
    page = half_way(elsewhere, elsewhere.get(portal.ask()).location)
    assert not is_signed_in(elsewhere)
    assert elsewhere.get("/your-sign-in").location == "/sign-in?then=overview"
    assert answer_in(elsewhere.get(portal.ask(prompt="none")).location)["error"] == "login_required"
    assert elsewhere.get(portal.ask()).location.startswith("/sign-in")
    answer = enters(elsewhere, code_of(secret), page)
    tokens = portal.exchange(answer_in(elsewhere.get(answer.location).location)["code"]).json
    claims = portal.claims(tokens["id_token"])
    assert claims["amr"] == ["pwd", "otp", "mfa"]
    assert claims["acr"] == MFA


def test_half_a_sign_in_is_bound_to_its_browser_and_ends_after_ten_minutes(
    at: Clock, app: Flask, secret: str, elsewhere: FlaskClient
) -> None:
    half_way(elsewhere)
    assert app.test_client().get("/second-step").location == "/sign-in"
    at.advance(minutes=10, seconds=1)
    assert elsewhere.get("/second-step").location == "/sign-in"


def test_half_a_sign_in_ends_when_the_password_is_reset(app: Flask, secret: str, elsewhere: FlaskClient) -> None:
    half_way(elsewhere)
    stranger = app.test_client()
    post_form(stranger, "/forgotten-password", email="priya@example.org")
    post_form(stranger, link_in(app), password="correct horse battery")
    assert elsewhere.get("/second-step").location == "/sign-in"


def test_a_new_password_by_mail_leaves_the_second_step_where_it_is(
    app: Flask, secret: str, elsewhere: FlaskClient
) -> None:
    post_form(elsewhere, "/forgotten-password", email="priya@example.org")
    post_form(elsewhere, link_in(app), password="correct horse battery")
    assert signs_in(elsewhere, password="correct horse battery").location == "/second-step"


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, False), (0, True), (1, True), (2, False)])
def test_a_code_counts_half_a_minute_around_and_only_if_newer_than_the_last(
    at: Clock, secret: str, elsewhere: FlaskClient, steps: int, right: bool
) -> None:
    # The one of half a minute ago (-1) set the app up, so it is used up.
    half_way(elsewhere)
    assert (enters(elsewhere, code_of(secret, steps)).status_code == 303) is right
    assert is_signed_in(elsewhere) is right


def test_the_code_before_counts_too_for_slow_typing(at: Clock, secret: str, elsewhere: FlaskClient) -> None:
    at.advance(seconds=30)
    half_way(elsewhere)
    code = code_of(secret, -1)
    assert enters(elsewhere, f" {code[:3]} {code[3:]} ").status_code == 303


def test_a_code_counts_once_also_for_two_who_send_it_at_once(app: Flask, secret: str) -> None:
    browsers = [app.test_client() for _ in range(4)]
    for each in browsers:
        half_way(each)
    code = code_of(secret)
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(lambda each: enters(each, code).status_code, browsers))
    assert statuses == [200, 200, 200, 303]


def test_five_wrong_codes_and_there_is_a_wait_for_this_account_alone(
    at: Clock, app: Flask, secret: str, elsewhere: FlaskClient
) -> None:
    page = half_way(elsewhere)
    answers = [enters(elsewhere, "000000", page) for _ in range(5)]
    assert all("not the code of this moment" in each.text for each in answers)
    token = re.search(r'name="csrf_token" value="([^"]+)"', elsewhere.get(page).text)
    assert token
    refused = elsewhere.post(page, data={"csrf_token": token[1], "code": code_of(secret)})
    assert refused.status_code == 429  # the right one too
    assert len(acts(app, "provider.second_step_refused")) == 5
    other = app.test_client()
    assert signs_in(other).location == "/second-step"  # the first proof is as free as before
    add_person(app, "omar@example.org")
    assert signs_in(app.test_client(), "omar@example.org").location == "/signed-in"
    at.advance(minutes=5, seconds=1)
    half_way(elsewhere)
    assert enters(elsewhere, code_of(secret)).status_code == 303


def test_a_right_code_forgives_the_wrong_ones(at: Clock, secret: str, elsewhere: FlaskClient) -> None:
    for _ in range(3):
        half_way(elsewhere)
        for _wrong in range(4):
            enters(elsewhere, "000000")
        assert enters(elsewhere, code_of(secret)).status_code == 303
        at.advance(seconds=30)


def test_no_account_takes_more_than_fifty_guesses_a_day(at: Clock, secret: str, elsewhere: FlaskClient) -> None:
    taken = 0
    for _ in range(14):
        half_way(elsewhere)
        taken += sum(enters(elsewhere, "000000").status_code == 200 for _wrong in range(5))
        at.advance(hours=1, seconds=1)
    assert taken == 50


def test_a_service_that_demands_two_factors_gets_a_second_step_and_the_sign_in_stays_the_same(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    at.move_to("2026-11-22T09:00:05")
    answer = signs_in(browser, page=browser.get(portal.ask()).location)
    plain = portal.claims(portal.exchange(answer_in(browser.get(answer.location).location)["code"]).json["id_token"])
    assert plain["amr"] == ["pwd"]
    at.advance(minutes=1)
    second = browser.get(portal.ask(acr_values=MFA)).location
    assert second.startswith("/second-step")
    set_up = browser.get(second).location  # she has none yet
    assert set_up.startswith("/your-sign-in/authenticator?to=")
    assert "The service that you want needs a second proof" in browser.get(set_up).text
    _secret, answer = set_up_app(browser, set_up)
    assert len(recovery_codes_shown(browser, answer)) == 10
    answer = post_form(browser, answer.location)
    tokens = portal.exchange(answer_in(browser.get(answer.location).location)["code"]).json
    claims = portal.claims(tokens["id_token"])
    assert (claims["amr"], claims["acr"], claims["sid"]) == (["pwd", "otp", "mfa"], MFA, plain["sid"])
    assert claims["auth_time"] == plain["auth_time"]


def test_a_demand_with_an_old_sign_in_asks_for_the_password_before_anything_is_set_up(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    signs_in(browser)
    at.advance(minutes=11)
    set_up = browser.get(browser.get(portal.ask(acr_values=MFA)).location).location
    again = browser.get(set_up).location
    assert again.startswith("/sign-in?to=")
    answer = signs_in(browser, page=again)
    assert answer.location.startswith("/your-sign-in/authenticator?to=")
    assert browser.get(answer.location).status_code == 200


def test_a_demand_can_be_met_by_adding_a_passkey(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    second = signs_in(browser, page=browser.get(portal.ask(acr_values=MFA)).location)
    second = browser.get(second.location)
    set_up = browser.get(second.location).location
    assert "Or add a passkey" in browser.get(set_up).text
    options = browser.get("/your-sign-in/passkeys/options").json
    assert options
    page = set_up.replace("/authenticator", "/passkeys/add")
    answer = post_form(browser, page, answer=Device().create(options), name="my phone")
    tokens = portal.exchange(answer_in(browser.get(answer.location).location)["code"]).json
    assert portal.claims(tokens["id_token"])["amr"] == ["pwd", "hwk", "user", "mfa"]


def test_recovery_codes_work_once_each_are_counted_and_mailed(
    at: Clock, app: Flask, priya: uuid.UUID, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    signs_in(browser)
    _secret, answer = set_up_app(browser)
    first, second, *_rest = recovery_codes_shown(browser, answer)
    half_way(elsewhere)
    wrong = post_form(elsewhere, "/second-step/recovery-code", code="abcd-efgh-jkmn")
    assert "none of your recovery codes" in wrong.text
    assert (
        post_form(elsewhere, "/second-step/recovery-code", code=f" {first.upper().replace('-', ' ')}").status_code
        == 303
    )
    assert is_signed_in(elsewhere)
    assert "Codes left: 9" in letters(app)[-1].body
    assert "You have 9 codes left" in elsewhere.get("/your-sign-in").text
    half_way(elsewhere)
    assert "none of your" in post_form(elsewhere, "/second-step/recovery-code", code=first).text
    assert post_form(elsewhere, "/second-step/recovery-code", code=second).status_code == 303
    assert len(acts(app, "provider.recovery_code_used")) == 2


def test_a_recovery_code_counts_once_also_for_two_who_send_it_at_once(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    signs_in(browser)
    code = recovery_codes_shown(browser, set_up_app(browser)[1])[0]
    browsers = [app.test_client() for _ in range(3)]
    for each in browsers:
        half_way(each)
    with ThreadPoolExecutor(3) as pool:
        answers = pool.map(lambda each: post_form(each, "/second-step/recovery-code", code=code).status_code, browsers)
    assert sorted(answers) == [200, 200, 303]


def test_new_recovery_codes_replace_the_old_and_are_shown_until_kept(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    signs_in(browser)
    old = recovery_codes_shown(browser, set_up_app(browser)[1])
    answer = post_form(browser, "/your-sign-in/recovery-codes")
    new = recovery_codes_shown(browser, answer)
    assert not set(old) & set(new)
    assert post_form(browser, answer.location).location == "/your-sign-in"
    assert browser.get(answer.location).location == "/your-sign-in"  # shown once
    half_way(elsewhere)
    assert "none of your" in post_form(elsewhere, "/second-step/recovery-code", code=old[0]).text
    assert post_form(elsewhere, "/second-step/recovery-code", code=new[0]).status_code == 303


def test_recovery_codes_are_slow_hashes_with_a_salt_of_their_own(app: Flask) -> None:
    with app.app_context():
        first, second = recovery_codes.made(), recovery_codes.made()
    assert len(first.salt) == 16
    assert first.salt != second.salt
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){2}[a-hjkmnp-z2-9]{4}", code) for code in first.shown)


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


def test_the_app_is_removed_and_the_password_is_enough_again(
    at: Clock, app: Flask, secret: str, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    assert post_form(browser, "/your-sign-in/authenticator/remove").location == "/your-sign-in"
    assert signs_in(elsewhere).location == "/signed-in"
    assert "authenticator app of your account" in letters(app)[-1].body


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


def test_a_demo_person_is_shown_the_code_and_nobody_else_ever(demo_app: Flask) -> None:
    settings = demo_app.extensions["moothall.provider"].settings
    sub = add_person(demo_app, password=None, demo=True, settings=settings)
    browser = demo_app.test_client()
    page = browser.get("/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    browser.post(f"/demo-people/{sub}", data={"csrf_token": token[1]})
    set_up = browser.get("/your-sign-in/authenticator").text
    shown = re.search(r"would show now is (\d{6})", set_up)
    assert shown
    secret, _answer = set_up_app(browser)
    again = demo_app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', again.get("/sign-in").text)
    assert token
    assert again.post(f"/demo-people/{sub}", data={"csrf_token": token[1]}).location == "/second-step"
    shown = re.search(r"would show now is (\d{6})", again.get("/second-step").text)
    assert shown
    assert shown[1] == code_of(secret, 1)  # the present one set the app up
    assert enters(again, shown[1]).status_code == 303
    add_person(demo_app, "real@example.org")
    real = demo_app.test_client()
    signs_in(real, "real@example.org")
    assert "would show now" not in real.get("/your-sign-in/authenticator").text


def test_half_a_sign_in_can_be_left_for_somebody_else_and_the_request_still_waits(
    app: Flask, portal: Portal, secret: str, elsewhere: FlaskClient
) -> None:
    add_person(app, "other@example.org")
    page = half_way(elsewhere, elsewhere.get(portal.ask()).location)
    shown = elsewhere.get(page).text
    assert "no app, no passkey and no recovery code" in shown
    place = re.search(r'action="(/second-step/leave[^"]*)"', shown)
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert place
    assert token
    assert elsewhere.post("/second-step/leave").status_code == 400
    assert elsewhere.get(page).status_code == 200  # still half-way
    left = elsewhere.post(place[1].replace("&amp;", "&"), data={"csrf_token": token[1]})
    assert left.location.startswith("/sign-in?to=")
    assert elsewhere.get("/second-step").location == "/sign-in"
    assert "code" in answer_in(signs_in_as_other(elsewhere, left.location))


def signs_in_as_other(browser: FlaskClient, page: str) -> str:
    """Where the client's request leads once the other person has signed in."""
    arrived = post_form(browser, page, email="other@example.org", password=PASSWORD)
    return browser.get(arrived.location).location


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
