"""Whatever is sent to the pages of second factors: none gives a fault, and none leads anywhere but to our own pages."""

import re
import uuid
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.integration.provider.people_with_factors import signs_in

PAGES = (
    "/passkeys/sign-in",
    "/second-step",
    "/second-step/recovery-code",
    "/second-step/passkey",
    "/your-sign-in/password",
    "/your-sign-in/passkeys/add",
    "/your-sign-in/authenticator",
    "/your-sign-in/recovery-codes/new",
    "/your-sign-in/authenticator/remove",
    f"/your-sign-in/passkeys/{uuid.uuid4()}/rename",
    f"/your-sign-in/passkeys/{uuid.uuid4()}/remove",
)
FIELDS = ("answer", "code", "secret", "name", "old_password", "password")
BAD = ("", "\0", "x" * 20_000, "é\u202e", "[]", '{"id": 1}', "١٢٣٤٥٦", "-1")


@pytest.mark.parametrize("known", [False, True])
def test_no_parameter_of_a_form_gives_a_fault(app: Flask, priya: uuid.UUID, browser: FlaskClient, known: bool) -> None:
    if known:
        signs_in(browser)
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)
    assert found
    for page in PAGES:
        for bad in BAD:
            sent = {"csrf_token": found[1], **dict.fromkeys(FIELDS, bad)}
            answer = browser.post(page, data=sent)
            assert answer.status_code in (200, 303, 404, 429), (page, bad[:10], answer.status_code)
            assert answer.headers.get("Location", "/").startswith("/"), (page, bad[:10])
        doubled = {"csrf_token": found[1], **{field: ["1", "2"] for field in FIELDS}}
        assert browser.post(page, data=doubled).status_code in (200, 303, 404, 429), page


@pytest.mark.parametrize("name", ["to", "then", "passkey", "lang"])
def test_no_parameter_of_an_address_gives_a_fault_or_leads_astray(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, name: str
) -> None:
    signs_in(browser)
    for page in ("/sign-in", "/second-step", "/your-sign-in", "/your-sign-in/authenticator", "/passkeys/options"):
        for bad in (*BAD[1:], "//evil.example", "https://evil.example", "overview&then=//evil.example"):
            value = quote(bad[:3000])
            for query in (f"{name}={value}", f"{name}={value}&{name}={value}"):
                answer = browser.get(f"{page}?{query}")
                assert answer.status_code in (200, 303), (page, query[:30], answer.status_code)
                assert "evil.example" not in answer.headers.get("Location", "")
