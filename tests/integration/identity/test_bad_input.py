"""Every parameter of the pages around signing in, odd and doubled: never a fault of ours, never a way elsewhere."""

from typing import Any
from urllib.parse import quote_from_bytes

import pytest

from tests.integration.identity.conftest import Browser
from tests.support.fixtures import Clock

ODD = {
    "empty": b"",
    "nul": b"a\0b",
    "not utf-8": b"\xff\xfe",
    "surrogate": b"\xed\xa0\x80",
    "line break": b"a\r\nSet-Cookie: x=y",
    "markup": b"<script>alert(1)</script>",
    "other site": b"https://evil.example/",
    "half an address": b"http://[",
    "long": b"x" * 5000,
    "object": b'{"a": [1]}',
    "percent": b"%",
    "digits": "٣".encode(),
}
PAGES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "sign in": ("GET", "/sign-in", ("next", "why")),
    "begin": ("POST", "/sign-in/town", ("next", "hint")),
    "callback": ("GET", "/auth/town/callback", ("state", "code", "iss", "error")),
    "callback by form": ("POST", "/auth/town/callback", ("state", "code", "iss", "error", "again")),
    "initiate": ("GET", "/auth/initiate", ("iss", "login_hint", "target_link_uri")),
    "initiate by form": ("POST", "/auth/initiate", ("iss", "login_hint", "target_link_uri")),
    "confirm": ("GET", "/confirm-it-is-you", ("next", "beside", "held")),
    "prove": ("POST", "/confirm-it-is-you", ("next", "provider", "beside")),
}


def cases() -> list[tuple[str, str]]:
    return [(page, name) for page, (_method, _path, names) in PAGES.items() for name in names]


@pytest.mark.parametrize(("page", "name"), cases())
def test_no_parameter_causes_a_fault_or_leads_away(make: Any, provider: Any, at: Clock, page: str, name: str) -> None:
    browser: Browser = make(provider, response_mode="form_post" if page == "callback by form" else "query")
    if page in ("confirm", "prove"):
        browser = make(provider)
        browser.sign_in()
        at.advance(minutes=11)
    token = browser.token()
    good = {"next": "/letter", "provider": "town", "iss": provider.issuer, "again": "1"}
    method, path, names = PAGES[page]
    for odd in ODD.values():
        for values in ([odd], [odd, odd], [b"/home", odd]):
            fields = [("csrf_token", token.encode())]
            fields += [(each, good[each].encode()) for each in names if each != name and each in good]
            fields += [(name, value) for value in values]
            sent = "&".join(f"{each}={quote_from_bytes(value)}" for each, value in fields)
            if method == "GET":
                answer = browser.client.get(f"{path}?{sent}")
            else:
                answer = browser.client.post(path, data=sent, content_type="application/x-www-form-urlencoded")
            assert answer.status_code in (200, 302, 303, 400, 403, 404), (fields, answer.text)
            away = answer.headers.get("Location", "/")
            assert away.startswith(("/", provider.issuer)), away
            assert not away.startswith("//"), away
            assert "evil.example" not in away.partition("?")[0]
            assert "x" not in answer.headers.getlist("Set-Cookie")
            assert "<script>alert" not in answer.text
