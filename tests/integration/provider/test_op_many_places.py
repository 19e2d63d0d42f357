"""Wrong passwords from one place keep nobody out elsewhere; from many places they lead nowhere. OP-10."""

import re
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.provider import sign_ins, tries
from tests.integration.provider.flows import PASSWORD
from tests.support.fixtures import Clock

EMAIL = "priya@example.org"


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are compared, not hashed."""
    monkeypatch.setattr(sign_ins, "is_right", lambda _stored, password: password == PASSWORD)


def enters(app: Flask, place: str, password: str, browser: FlaskClient | None = None) -> int:
    """What the answer is to a password that is typed at this place, in a browser that nobody has used before."""
    browser = browser or app.test_client()
    browser.environ_base["REMOTE_ADDR"] = place
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)
    assert token
    return browser.post("/sign-in", data={"csrf_token": token[1], "email": EMAIL, "password": password}).status_code


def guesses(app: Flask, at: Clock, place: str, times: int, browser: FlaskClient) -> int:
    """How many of so many wrong passwords were looked at: as fast as they are let in."""
    looked_at = 0
    for number in range(times):
        looked_at += enters(app, place, "wrong wrong wrong", browser) == 200
        if number % 10 == 9:
            at.advance(minutes=5, seconds=1)
    return looked_at


@pytest.mark.parametrize("place", ["198.18.0.1", "2001:db8:1:2::3"])
def test_op_10_one_place_cannot_keep_the_owner_out_of_new_browsers(
    at: Clock, app: Flask, priya: uuid.UUID, browser: FlaskClient, place: str
) -> None:
    at.move_to("2026-11-22T09:00:05")
    assert guesses(app, at, place, 40, browser) == tries.ONE_PLACE
    assert enters(app, "198.18.7.7", PASSWORD) == 303
    assert enters(app, place, PASSWORD) == 429, "the place itself has had its tries for today"
    at.advance(days=1)
    assert enters(app, place, PASSWORD) == 303


def test_op_10_a_network_of_many_households_is_one_place_by_the_day(
    at: Clock, app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    at.move_to("2026-11-22T09:00:05")
    for household in range(6):
        guesses(app, at, f"2001:db8:1:{household}::1", 10, browser)
    assert enters(app, "2001:db8:1:77::1", PASSWORD) == 429
    assert enters(app, "2001:db8:2::1", PASSWORD) == 303


def test_op_10_the_shares_of_many_places_use_up_an_account_s_tries(
    at: Clock, app: Flask, priya: uuid.UUID, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.move_to("2026-11-22T09:00:05")
    monkeypatch.setattr(tries, "STRANGERS", 20)
    places = tries.STRANGERS // tries.SHARE
    for place in range(places):
        assert guesses(app, at, f"198.18.0.{place}", tries.SHARE, browser) == tries.SHARE
    assert enters(app, "198.18.1.1", PASSWORD) == 429
    assert enters(app, "198.18.0.0", PASSWORD) == 429, "nor does a place that has used its share go on"
    at.advance(days=1)
    assert enters(app, "198.18.1.1", PASSWORD) == 303


def test_op_10_the_right_password_gives_a_place_its_tries_back(
    at: Clock, app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    at.move_to("2026-11-22T09:00:05")
    guesses(app, at, "198.18.0.1", 20, browser)
    assert enters(app, "198.18.0.1", PASSWORD) == 303
    assert guesses(app, at, "198.18.0.1", 20, app.test_client()) == 20
