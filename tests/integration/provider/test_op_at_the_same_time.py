"""A sign-in under way while its proof is taken away does not outlive it, whichever of the two comes first. OP-10."""

import re
import threading
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.provider import (
    authenticator,
    browser_login,
    half_logins,
    new_passwords,
    passkey_pages,
    recovery_codes,
    sign_ins,
    tries,
    views,
)
from portal.provider.passwords import hash_password
from tests.integration.provider.flows import post_form
from tests.integration.provider.people_with_factors import (
    add_passkey,
    code_of,
    recovery_codes_shown,
    set_up_app,
    signs_in,
    use_passkey,
)
from tests.integration.provider.test_op_after_a_theft import NEW, mailed_reset, owner, thief
from tests.support.fixtures import Clock
from tests.support.passkey_device import Device

__all__ = ["owner", "thief"]
MOMENT = 0.2
"""Long enough for a reset that waits for nobody to be done."""

Begin = Callable[[], threading.Thread]


@pytest.fixture
def reset(app: Flask, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """The owner is about to press the button: `reset()` does it, and goes on beside whatever is under way."""
    path = mailed_reset(app, owner)
    token = re.search(r'name="csrf_token" value="([^"]+)"', owner.get(path).text)
    assert token
    said = {"csrf_token": token[1], "password": NEW}
    with app.app_context():
        hashed = hash_password(NEW)
    monkeypatch.setattr(new_passwords, "hash_password", lambda _: hashed)  # no turn is waited for
    answers: list[int] = []

    def press() -> None:
        answers.append(owner.post(path, data=said).status_code)

    def begin() -> threading.Thread:
        thread = threading.Thread(target=press)
        thread.start()
        thread.join(MOMENT)
        return thread

    return begin


def in_the_middle(monkeypatch: pytest.MonkeyPatch, begin: Begin, room: Any, name: str) -> list[threading.Thread]:
    """Begin the reset just before this function of the room does its work."""
    real, begun = getattr(room, name), list[threading.Thread]()

    def first(*args: Any, **kwargs: Any) -> Any:
        if not begun:
            begun.append(begin())
        return real(*args, **kwargs)

    monkeypatch.setattr(room, name, first)
    return begun


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/signed-in").status_code == 200


def test_op_10_a_sign_in_by_the_old_password_ends_with_it(
    app: Flask, owner: FlaskClient, reset: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = in_the_middle(monkeypatch, reset, browser_login, "sign_in")
    late = app.test_client()
    signs_in(late)
    begun[0].join()
    assert not is_in(late)
    assert signs_in(owner, password=NEW).status_code == 303


def test_op_10_half_a_sign_in_by_the_old_password_ends_with_it(
    app: Flask, thief: FlaskClient, reset: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_app(thief)
    begun = in_the_middle(monkeypatch, reset, half_logins, "begin")
    late = app.test_client()
    assert signs_in(late).location == "/second-step"
    begun[0].join()
    assert late.get("/second-step").location == "/sign-in"


def test_op_10_a_sign_in_by_a_passkey_that_nobody_keeps_ends_with_it(
    app: Flask, thief: FlaskClient, reset: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_passkey(thief, device := Device())
    begun = in_the_middle(monkeypatch, reset, passkey_pages, "arrive")
    late = app.test_client()
    use_passkey(late, device)
    begun[0].join()
    assert not is_in(late)


@pytest.mark.parametrize(
    "middle",
    [(tries, "count_code"), (authenticator, "_secret_of"), (browser_login, "sign_in")],
    ids=["before", "while looking", "after"],
)
def test_op_10_a_second_step_after_the_old_password_signs_nobody_in(
    at: Clock,
    app: Flask,
    thief: FlaskClient,
    reset: Begin,
    monkeypatch: pytest.MonkeyPatch,
    middle: tuple[Any, str],
) -> None:
    secret, _answer = set_up_app(thief)
    at.advance(seconds=30)
    late = app.test_client()
    signs_in(late)
    begun = in_the_middle(monkeypatch, reset, *middle)
    post_form(late, "/second-step", code=code_of(secret))
    begun[0].join()
    assert not is_in(late)


@pytest.mark.parametrize("middle", [(recovery_codes, "slowly"), (browser_login, "sign_in")], ids=["before", "after"])
def test_op_10_a_recovery_code_after_the_old_password_signs_nobody_in(
    app: Flask, thief: FlaskClient, reset: Begin, monkeypatch: pytest.MonkeyPatch, middle: tuple[Any, str]
) -> None:
    _secret, answer = set_up_app(thief)
    codes = recovery_codes_shown(thief, answer)
    late = app.test_client()
    signs_in(late)
    begun = in_the_middle(monkeypatch, reset, *middle)
    post_form(late, "/second-step/recovery-code", code=codes[0])
    begun[0].join()
    assert not is_in(late)


def test_op_10_two_sign_ins_of_one_person_do_not_wait_for_each_other(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, done = app.test_client(), list[bool]()

    def begin() -> threading.Thread:
        thread = threading.Thread(target=lambda: signs_in(other))
        thread.start()
        return thread

    monkeypatch.setattr(sign_ins, "is_right", lambda *_: True)
    monkeypatch.setattr(views, "turn", nullcontext)
    real = browser_login.sign_in

    def sign_in(person: Any, **how: Any) -> None:
        if not done:
            done.append(False)
            thread = begin()
            thread.join(5)
            done[0] = not thread.is_alive()
        real(person, **how)

    monkeypatch.setattr(browser_login, "sign_in", sign_in)
    signs_in(browser)
    assert done == [True]
    assert is_in(browser)
    assert is_in(other)
