"""Whoever guesses wrong on purpose locks nobody out, and is heard of. OP-10."""

import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.provider import sign_ins, tries
from tests.integration.provider.flows import letters, post_form
from tests.integration.provider.people_with_factors import code_of, set_up_app, signs_in
from tests.integration.provider.test_op_after_a_theft import NEW, mailed_reset, owner, thief
from tests.support.fixtures import Clock

__all__ = ["owner", "thief"]


def test_op_10_wrong_codes_of_a_thief_s_lock_the_owner_out_neither_at_home_nor_after_a_new_password(
    at: Clock, app: Flask, priya: uuid.UUID, browser: FlaskClient, owner: FlaskClient
) -> None:
    at.move_to("2026-11-22T09:00:05")
    signs_in(owner)
    secret, _answer = set_up_app(owner)
    at.advance(seconds=30)
    signs_in(owner)
    assert post_form(owner, "/second-step", code=code_of(secret)).status_code == 303  # the owner's own browser
    signs_in(browser)
    answers = [post_form(browser, "/second-step", code="000000").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert [letter.template for letter in letters(app)][-1].endswith("wrong_codes.txt")
    assert "Somebody knows your password" in letters(app)[-1].body
    again = app.test_client()
    signs_in(again)
    assert post_form(again, "/second-step", code="000000").status_code == 429  # a new browser is no way round it
    at.advance(seconds=30)
    signs_in(owner)
    assert post_form(owner, "/second-step", code=code_of(secret)).status_code == 303
    elsewhere = app.test_client()
    post_form(elsewhere, mailed_reset(app, elsewhere), password=NEW)
    at.advance(seconds=30)
    signs_in(elsewhere, password=NEW)
    assert post_form(elsewhere, "/second-step", code=code_of(secret)).status_code == 303


def test_op_10_the_owner_is_written_to_of_wrong_codes_once_a_day(
    at: Clock, app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    signs_in(browser)
    set_up_app(browser)
    for _ in range(3):
        stranger = app.test_client()
        signs_in(stranger)
        for _wrong in range(5):
            post_form(stranger, "/second-step", code="000000")
        at.advance(hours=1, seconds=1)
    assert sum(letter.template.endswith("wrong_codes.txt") for letter in letters(app)) == 1


def test_op_10_a_browser_known_by_the_password_alone_does_not_count_its_codes_apart(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    thieves = [app.test_client() for _ in range(2)]
    for each in thieves:
        signs_in(each)  # while the password was enough
    signs_in(browser)
    set_up_app(browser)
    for each in thieves:
        signs_in(each)
    statuses = [post_form(thieves[0], "/second-step", code="000000").status_code for _ in range(5)]
    assert statuses == [200] * 5
    assert post_form(thieves[1], "/second-step", code="000000").status_code == 429


def test_op_10_a_thief_s_browser_is_unknown_once_the_password_is_another(
    monkeypatch: pytest.MonkeyPatch, app: Flask, thief: FlaskClient, owner: FlaskClient
) -> None:
    post_form(owner, mailed_reset(app, owner), password=NEW)
    monkeypatch.setattr(sign_ins, "is_right", lambda *_: False)
    strangers = [app.test_client() for _ in range(10)]
    for each in strangers:
        signs_in(each, password="wrong words here")
    # The thief's tries are counted with those of all strangers at this place; the owner's, apart.
    assert signs_in(thief, password="wrong words here").status_code == 429
    assert signs_in(owner, password="wrong words here").status_code == 200


def wrong_codes(browser: FlaskClient, most: int) -> int:
    """How many of so many wrong codes were looked at, one after the other."""
    return sum(post_form(browser, "/second-step", code="000000").status_code == 200 for _ in range(most))


@pytest.fixture
def few_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day's limit, lowered: to try fifty takes ten times five minutes of pages."""
    monkeypatch.setattr(tries, "CODES_A_DAY", 5)


@pytest.mark.usefixtures("few_codes")
def test_op_10_whoever_reads_the_mailbox_gets_a_few_codes_with_each_new_password_and_no_more(
    at: Clock, app: Flask, owner: FlaskClient, browser: FlaskClient
) -> None:
    at.move_to("2026-11-22T09:00:05")
    signs_in(owner)
    secret, _answer = set_up_app(owner)
    at.advance(seconds=30)
    looked_at = 0
    for number in range(6):
        post_form(browser, mailed_reset(app, browser), password=f"{NEW} {number}")
        for _ in range(2):
            signs_in(browser, password=f"{NEW} {number}")
            looked_at += wrong_codes(browser, 6)
            at.advance(minutes=6)
    assert looked_at == tries.CODES_A_DAY + tries.BEYOND
    signs_in(browser, password=f"{NEW} 5")
    assert post_form(browser, "/second-step", code=code_of(secret)).status_code == 429
    at.advance(days=1)
    signs_in(browser, password=f"{NEW} 5")
    assert post_form(browser, "/second-step", code=code_of(secret)).status_code == 303


@pytest.mark.usefixtures("few_codes")
def test_op_10_a_new_password_lets_the_owner_in_although_a_thief_has_used_the_day_s_codes_up(
    at: Clock, app: Flask, owner: FlaskClient, browser: FlaskClient
) -> None:
    at.move_to("2026-11-22T09:00:05")
    signs_in(owner)
    secret, _answer = set_up_app(owner)
    for _ in range(3):
        at.advance(minutes=6)
        signs_in(browser)
        wrong_codes(browser, 6)
    elsewhere = app.test_client()
    post_form(elsewhere, mailed_reset(app, elsewhere), password=NEW)
    signs_in(elsewhere, password=NEW)
    assert post_form(elsewhere, "/second-step", code=code_of(secret)).status_code == 303
    at.advance(seconds=30)
    again = app.test_client()
    signs_in(again, password=NEW)
    assert wrong_codes(again, 6) == 5, "the right code has given the day's back"
