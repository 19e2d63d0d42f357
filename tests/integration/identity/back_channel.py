"""What the tests of the back channel share: a provider's program, which has neither cookies nor form tokens."""

from typing import Any

from flask import Flask

from tests.integration.identity.conftest import Browser

FORM = "application/x-www-form-urlencoded"


def tell(app: Flask, token: str, name: str = "town", **options: Any) -> Any:
    """Send a logout token as a provider does."""
    return app.test_client().post(f"/auth/{name}/logout", data={"logout_token": token}, **options)


def told(browser: Browser, claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None) -> Any:
    """Have the browser's provider make a logout token as ordered, and send it."""
    return tell(browser.client.application, browser.provider.logout_token(claims, header))


def signed_in(browser: Browser, **claims: Any) -> Browser:
    """The same browser, signed in at a provider session of these claims (`sid`, `sub`)."""
    browser.provider.claims |= claims
    assert browser.sign_in().status_code == 303
    return browser


def another(browser: Browser, **claims: Any) -> Browser:
    """A second browser at the same portal, signed in."""
    return signed_in(Browser(browser.client.application.test_client(), browser.provider), **claims)


def is_refused(browser: Browser, answer: Any, code: str, status: int = 400) -> bool:
    """Refused in JSON, with the session kept."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["error"] == "invalid_request"
    assert browser.is_signed_in()
    return bool(answer.json["error_description"] == code)
