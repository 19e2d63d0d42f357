"""How often passwords may be tried, and what a try costs. OP-10."""

import re
import threading
import time
import uuid
from collections.abc import Callable
from hashlib import sha256

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.db.session import session
from portal.provider import hashing, known_browsers, new_passwords, passwords, places, sign_ins
from portal.web.limits import LimitCount
from tests.integration.provider.flows import PASSWORD, link_in, post_form
from tests.support.fixtures import Clock

NEW = "correct horse battery"


def guess(browser: FlaskClient, email: str, place: str, password: str = "wrong words here") -> TestResponse:
    """Try a password from that IP address."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)
    assert token
    sent = {"csrf_token": token[1], "email": email, "password": password}
    return browser.post("/sign-in", data=sent, environ_base={"REMOTE_ADDR": place})


@pytest.mark.parametrize("email", ["priya@example.org", "nobody@example.org"])
def test_op10_wrong_passwords_are_limited_for_each_account_and_place_known_or_not(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, email: str
) -> None:
    answers = [guess(browser, email, "192.0.2.1") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_nobody_keeps_a_neighbour_signed_out_by_guessing_wrong(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    for _ in range(12):
        guess(browser, "priya@example.org", "192.0.2.1")
    answer = guess(app.test_client(), "Priya@example.org", "198.51.100.7", PASSWORD)
    assert answer.location == "/signed-in"


def test_op10_guesses_from_many_places_lead_nowhere(
    monkeypatch: pytest.MonkeyPatch, app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    monkeypatch.setattr(sign_ins, "is_right", lambda *_: False)  # a hundred hashes would take long
    statuses = [guess(browser, "priya@example.org", f"192.0.2.{number}").status_code for number in range(101)]
    assert statuses == [200] * 100 + [429]


def test_op_10_the_owners_own_browser_is_not_slowed_by_strangers_wherever_they_are(
    monkeypatch: pytest.MonkeyPatch, app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    home = app.test_client()
    assert guess(home, "priya@example.org", "192.0.2.200", PASSWORD).location == "/signed-in"
    with monkeypatch.context() as no_hashes:
        no_hashes.setattr(sign_ins, "is_right", lambda *_: False)
        for number in range(101):
            guess(browser, "priya@example.org", f"192.0.2.{number}")
    assert guess(app.test_client(), "priya@example.org", "198.51.100.7", PASSWORD).status_code == 429
    assert guess(home, "Priya@Example.org", "198.51.100.7", PASSWORD).location == "/signed-in"
    # Known for her account and no other; and it cannot guess on for ever either.
    with monkeypatch.context() as no_hashes:
        no_hashes.setattr(sign_ins, "is_right", lambda *_: False)
        statuses = [guess(home, "priya@example.org", "192.0.2.200").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


def test_op_10_nobody_makes_a_browser_known_by_writing_its_cookie(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    guess(browser, "priya@example.org", "192.0.2.1", PASSWORD)
    cookie = browser.get_cookie("moothall_id_known")
    assert cookie
    name, mark = cookie.value.split(".")
    with app.test_request_context("/", headers={"Cookie": f"moothall_id_known={name}.{mark}"}):
        assert known_browsers.name_for("priya@example.org") == name
        assert known_browsers.name_for("omar@example.org") is None
    for forged in (f"other.{mark}", f"{name}.{'0' * 32}", f"{name}", "", "." * 200, "\u00e9." + mark):
        headers = {"Cookie": f"moothall_id_known={forged}"}
        with app.test_request_context("/", headers=headers):
            assert known_browsers.name_for("priya@example.org") is None, forged


def counted(app: Flask, key: str, count: int) -> None:
    """Put a running count there."""
    with app.app_context():
        digest = sha256(key.encode()).hexdigest()
        session().execute(update(LimitCount).where(LimitCount.key == digest).values(count=count))
        session().commit()


def test_op_10_when_all_guess_at_once_every_place_may_try_less_and_none_is_shut_out(
    monkeypatch: pytest.MonkeyPatch, app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    home = app.test_client()
    guess(home, "priya@example.org", "192.0.2.200", PASSWORD)
    counted(app, "provider password everywhere", 3000)
    assert guess(browser, "priya@example.org", "192.0.2.1", PASSWORD).location == "/signed-in"
    monkeypatch.setattr(sign_ins, "is_right", lambda *_: False)
    stranger = app.test_client()
    statuses = [guess(stranger, f"nobody{number}@example.org", "192.0.2.2").status_code for number in range(4)]
    assert statuses == [200] * 3 + [429]
    # A customer with many networks is one place then.
    statuses = [guess(stranger, "nobody@example.org", f"2001:db8:1:{number}::1").status_code for number in range(4)]
    assert statuses == [200] * 3 + [429]
    monkeypatch.undo()
    assert guess(home, "priya@example.org", "192.0.2.2", PASSWORD).location == "/signed-in"


def test_op_10_letters_are_still_written_when_many_ask_at_once(app: Flask, browser: FlaskClient) -> None:
    post_form(browser, "/forgotten-password", email="someone@example.org")
    counted(app, "provider mail everywhere", 2000)
    statuses = [post_form(browser, "/register", email=f"new{number}@example.org").status_code for number in range(3)]
    assert statuses == [303, 303, 429]


def test_op_10_one_place_asks_for_sixty_letters_an_hour(at: Clock, browser: FlaskClient) -> None:
    statuses = []
    for number in range(61):
        statuses.append(post_form(browser, "/register", email=f"new{number}@example.org").status_code)
        at.advance(seconds=10)
    assert statuses == [303] * 60 + [429]


def test_op_10_the_addresses_of_one_household_are_one_place(
    monkeypatch: pytest.MonkeyPatch, app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    monkeypatch.setattr(sign_ins, "is_right", lambda *_: False)
    answers = [guess(browser, "priya@example.org", f"2001:db8:1:1::{number:x}") for number in range(1, 12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    answers = [guess(browser, f"p{number}@example.org", f"2001:db8:1:2::{number:x}") for number in range(1, 22)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert guess(browser, "someone@example.org", "2001:db8:2:1::1").status_code == 200


def test_op_10_the_networks_of_one_customer_are_limited_together(
    at: Clock, monkeypatch: pytest.MonkeyPatch, browser: FlaskClient
) -> None:
    monkeypatch.setattr(sign_ins, "is_right", lambda *_: False)
    statuses = [
        guess(browser, f"p{number}@example.org", f"2001:db8:1:{number:x}::1").status_code for number in range(61)
    ]
    assert statuses == [200] * 60 + [429]


@pytest.mark.parametrize(
    ("address", "near", "far"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("", "nowhere", "nowhere"),
        ("unix:", "nowhere", "nowhere"),
    ],
)
def test_op_10_a_place_is_an_address_or_a_network(app: Flask, address: str, near: str, far: str) -> None:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        assert (places.place(), places.wide_place()) == (near, far)


def test_op_10_an_account_takes_a_hundred_wrong_passwords_a_day_and_its_owner_gets_in_all_the_same(
    at: Clock, monkeypatch: pytest.MonkeyPatch, app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    home = app.test_client()
    guess(home, "priya@example.org", "192.0.2.200", PASSWORD)
    with monkeypatch.context() as no_hashes:
        no_hashes.setattr(sign_ins, "is_right", lambda *_: False)
        for number in range(99):  # and the one that was right
            at.advance(minutes=6)
            assert guess(browser, "priya@example.org", f"192.0.2.{number}").status_code == 200
    refused = guess(browser, "priya@example.org", "198.51.100.7", PASSWORD)
    assert refused.status_code == 429
    assert "Choose a new one by email" in refused.text
    assert guess(home, "priya@example.org", "198.51.100.7", PASSWORD).location == "/signed-in"
    elsewhere = app.test_client()
    post_form(elsewhere, "/forgotten-password", email="priya@example.org")
    post_form(elsewhere, link_in(app), password=NEW)
    assert guess(elsewhere, "priya@example.org", "198.51.100.7", NEW).location == "/signed-in"


def test_op_10_a_known_and_an_unknown_account_take_the_same_time(priya: uuid.UUID, browser: FlaskClient) -> None:
    times: dict[str, list[float]] = {"priya@example.org": [], "nobody@example.org": []}
    for round_ in range(8):
        for email, taken in times.items():
            place = f"192.0.2.{round_ * 2 + (email[0] == 'p')}"
            start = time.perf_counter()
            guess(browser, email, place)
            taken.append(time.perf_counter() - start)
    known, unknown = (min(taken) for taken in times.values())
    assert 0.5 < known / unknown < 2  # without its hash, an unknown one would take a quarter


def test_op_10_a_known_and_an_unknown_account_cost_the_same_statements(
    priya: uuid.UUID, browser: FlaskClient, statements: list[str]
) -> None:
    seen = []
    for email in ("someone@example.org", "priya@example.org", "nobody@example.org"):  # the first finds things cold
        statements.clear()
        assert guess(browser, email, "192.0.2.1").status_code == 200
        seen.append([each for each in statements if each != "delete"])  # one in 500 sweeps the counts
    assert seen[1] == seen[2]


def test_op_10_when_too_many_wait_the_page_says_so_and_keeps_the_address(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    before = hashing._room
    hashing.let_wait(1)
    try:
        with hashing.turn():
            answers = []
            other = threading.Thread(target=lambda: answers.append(guess(browser, "priya@example.org", "192.0.2.1")))
            other.start()
            other.join()
    finally:
        hashing._room = before
    assert answers[0].status_code == 503
    assert "Many people are signing in" in answers[0].text
    assert 'name="email" value="priya@example.org"' in answers[0].text
    assert "wrong words here" not in answers[0].text


def test_asking_for_letters_leaves_the_passwords_alone(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    for number in range(20):
        post_form(browser, "/forgotten-password", email=f"someone{number}@example.org")
    assert post_form(browser, "/register", email="more@example.org").status_code == 429
    assert post_form(browser, "/sign-in", email="priya@example.org", password=PASSWORD).status_code == 303


def test_no_connection_is_held_while_a_password_is_hashed(
    monkeypatch: pytest.MonkeyPatch, app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    held = []

    def watched(real: Callable[..., object]) -> Callable[..., object]:
        def hashing(*values: object) -> object:
            held.append(session().in_transaction())
            return real(*values)

        return hashing

    for name in ("is_right", "hash_password"):
        monkeypatch.setattr(sign_ins, name, watched(getattr(sign_ins, name)))
    monkeypatch.setattr(new_passwords, "hash_password", watched(new_passwords.hash_password))
    post_form(browser, "/sign-in", email="priya@example.org", password="wrong words here")
    post_form(browser, "/sign-in", email="priya@example.org", password=PASSWORD)
    post_form(browser, "/register", email="new@example.org")
    post_form(browser, link_in(app), given_name="A", family_name="B", password=PASSWORD)
    post_form(browser, "/forgotten-password", email="priya@example.org")
    assert post_form(browser, link_in(app), password=NEW).status_code == 303
    assert held == [False] * 4


def test_op10_wrong_passwords_are_limited_for_each_address(priya: uuid.UUID, browser: FlaskClient) -> None:
    statuses = [
        post_form(browser, "/sign-in", email=f"someone{number}@example.org", password="wrong words here").status_code
        for number in range(21)
    ]
    assert statuses == [200] * 20 + [429]


def test_op10_an_unknown_address_costs_a_hash_too(
    monkeypatch: pytest.MonkeyPatch, app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    hashed = []
    verify = passwords._hasher.verify

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            hashed.append(stored.split("$")[:4])
            return verify(stored, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for email in ("priya@example.org", "nobody@example.org"):
        answer = post_form(browser, "/sign-in", email=email, password="wrong words here")
        assert "is not right" in answer.text
    assert hashed[0] == hashed[1] == ["", "argon2id", "v=19", "m=19456,t=2,p=1"]
