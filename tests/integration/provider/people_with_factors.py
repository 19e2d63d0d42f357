"""Residents with passkeys, apps and codes, set up as they do it: by the pages."""

import re
import uuid
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal import clock
from portal.audit.models import AuditEntry
from portal.db.session import session
from tests.integration.provider.flows import PASSWORD, post_form
from tests.support.fixtures import Clock
from tests.support.passkey_device import Device

EMAIL = "priya@example.org"


@pytest.fixture
def secret(at: Clock, priya: uuid.UUID, browser: FlaskClient) -> str:
    """What Priya's app knows. Time stands still, half a minute after she set it up."""
    at.move_to("2026-11-22T09:00:05")
    signs_in(browser)
    made, _answer = set_up_app(browser)
    at.advance(seconds=30)
    return made


def signs_in(
    browser: FlaskClient, email: str = EMAIL, password: str = PASSWORD, page: str = "/sign-in"
) -> TestResponse:
    """Type address and password."""
    return post_form(browser, page, email=email, password=password)


def add_passkey(browser: FlaskClient, device: Device, name: str = "my phone", **lies: Any) -> TestResponse:
    """Make a passkey on the device and name it. The browser is signed in freshly."""
    options = browser.get("/your-sign-in/passkeys/options").json
    assert options
    return post_form(browser, "/your-sign-in/passkeys/add", answer=device.create(options, **lies), name=name)


def use_passkey(browser: FlaskClient, device: Device, page: str = "/sign-in", **lies: Any) -> TestResponse:
    """Sign in with the device, nothing typed."""
    browser.get(page)  # gives the browser its id
    options = browser.get("/passkeys/options").json
    assert options
    return send_answer(browser, device.get(options, **lies), page=page)


def send_answer(browser: FlaskClient, answer: str, page: str = "/sign-in") -> TestResponse:
    """Send a device's answer as the sign-in page's script does."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert found
    _, _, query = page.partition("?")
    return browser.post(f"/passkeys/sign-in?{query}", data={"csrf_token": found[1], "answer": answer})


def set_up_app(browser: FlaskClient, page: str = "/your-sign-in/authenticator") -> tuple[str, TestResponse]:
    """Set up an authenticator app. The browser is signed in freshly. Returns the app's secret and the answer."""
    shown = browser.get(page)
    assert shown.status_code == 200, (shown.status, shown.headers)
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", shown.text)
    sealed = re.search(r'name="secret" value="([^"]+)"', shown.text)
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)
    assert secret
    assert sealed
    assert token
    plain = secret[1].replace(" ", "")
    sent = {"csrf_token": token[1], "secret": sealed[1], "code": code_of(plain)}
    return plain, browser.post(page, data=sent)


def recovery_codes_shown(browser: FlaskClient, answer: TestResponse) -> list[str]:
    """The codes on the page to which the answer leads."""
    page = browser.get(answer.location)
    assert page.status_code == 200
    return re.findall(r"<code>([a-z2-9-]+)</code>", page.text)


def half_way(browser: FlaskClient, page: str = "/sign-in") -> str:
    """Give the first proof. Returns where the second is asked."""
    location = signs_in(browser, page=page).location
    assert location.startswith("/second-step")
    return location


def enters(browser: FlaskClient, code: str, page: str = "/second-step") -> TestResponse:
    """Send a code where the second step is asked."""
    return post_form(browser, page, code=code)


def is_signed_in(browser: FlaskClient) -> bool:
    """Whether the provider knows who this browser is."""
    return browser.get("/signed-in").status_code == 200


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows now, or showed so many half minutes from now."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()), counter_offset=steps)


def acts(app: Flask, act: str) -> list[AuditEntry]:
    """What the audit trail holds of that kind."""
    with app.app_context():
        return list(session().scalars(select(AuditEntry).where(AuditEntry.act == act).order_by(AuditEntry.id)))


def about(person: uuid.UUID) -> str:
    """As the audit trail names somebody."""
    return f"person:{person}"
