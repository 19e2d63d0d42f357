"""Recovery codes: each counts once, and new ones replace the old."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from flask.testing import FlaskClient

from portal.provider import recovery_codes
from tests.integration.provider.flows import letters, post_form
from tests.integration.provider.people_with_factors import (
    acts,
    half_way,
    is_signed_in,
    recovery_codes_shown,
    set_up_app,
    signs_in,
)
from tests.support.fixtures import Clock


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
