"""Where to go after signing in: our own paths, in every disguise that was ever tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.identity.next_path import safe_next, written

GOOD = [
    "/",
    "/home",
    "/home?a=1&b=x%20y",
    "/services/permits/3f/renew?step=2",
    "/caf%C3%A9",
    "/a-b_c.d~e",
    "/home#main",
]
BAD = [
    "",
    "home",
    "//evil.example",
    "///evil.example",
    "////evil.example/..",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/home\\@evil.example",
    "https://evil.example",
    "HTTPS:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%2fevil.example",
    "/%2F%2Fevil.example",
    "%2f%2fevil.example",
    "/%5cevil.example",
    "/%5C%5Cevil.example",
    "/%252fevil.example",
    "/%25252fevil.example",
    "/%25255cevil.example",
    "/%2525252525252fevil.example",
    "/\tevil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    "/%0d%0aSet-Cookie:a=b",
    "/%09/evil.example",
    "/%00",
    "/home\x00",
    "/\u200b/evil.example",
    "/\u2028x",
    "/\u202ex",
    "/\ud800",
    "/..//evil.example",
    "/../evil.example",
    "/%2e%2e/%2fevil.example",
    "/home//evil.example",
    "/./home",
    " /home",
    "\x01/home",
    "@evil.example",
    ".evil.example",
    "/" + "x" * 2000,
    "/sign-in",
    "/sign-in?next=/sign-in",
    "/sign-out",
    "/signed-out",
    "/auth/town/callback?code=x",
    "/%73ign-in",
    "/%ff",
]


@pytest.mark.parametrize("path", GOOD)
def test_our_own_paths_are_kept(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize("path", BAD)
def test_everything_odd_leads_to_the_front_page(path: str) -> None:
    assert safe_next(path) == "/"


@pytest.mark.parametrize(
    ("path", "query", "address"),
    [
        ("/a?b", b"", "/a%3Fb"),
        ("/50%", b"x=50%25", "/50%25?x=50%25"),
        ("/a%2Fb", b"", "/a%252Fb"),
        ("/t\u0177", b"q=\xff y", "/t%C5%B7?q=%FF%20y"),
        ("/a#b", b"#", "/a%23b?%23"),
        ("/\udc80", b"", "/%3F"),
    ],
)
def test_an_address_is_written_as_a_browser_would(path: str, query: bytes, address: str) -> None:
    assert written(path, query) == address


def test_there_are_forty_disguises() -> None:
    assert len(BAD) >= 40


@given(st.text(alphabet="/\\%25fFcC. \t\n@:ahtps?#", max_size=30))
def test_what_is_let_through_begins_with_one_slash(path: str) -> None:
    kept = safe_next(path)
    assert kept.startswith("/")
    assert kept[1:2] not in ("/", "\\")
