"""A provider's metadata: what is refused, and how long an answer is fresh."""

from datetime import timedelta

import pytest

from portal.identity.documents import lifetime
from portal.identity.metadata import LONGEST_URL, ProviderDown, read_metadata

ISSUER = "https://id.example"
WHOLE = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://id.example/a",
    "token_endpoint": "https://id.example/t",
    "jwks_uri": "https://id.example/k",
}


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({}, 60),
        ({"Cache-Control": "max-age=1800"}, 30),
        ({"Cache-Control": "public, MAX-AGE=1800"}, 30),
        ({"Cache-Control": "max-age=1800", "Age": "600"}, 20),
        ({"Cache-Control": "max-age=1800", "Age": "soon"}, 30),
        ({"Cache-Control": "max-age=0, must-revalidate"}, 5),
        ({"Cache-Control": "max-age=-7"}, 5),
        ({"Cache-Control": "max-age=99999999999999999999"}, 24 * 60),
        ({"Cache-Control": "no-store, max-age=1800"}, 60),
        ({"Cache-Control": "max-age=1.5"}, 60),
        ({"Cache-Control": "no-cache"}, 60),
    ],
)
def test_gov_01_how_long_an_answer_is_fresh(headers: dict[str, str], minutes: int) -> None:
    assert lifetime(headers) == timedelta(minutes=minutes)


@pytest.mark.parametrize("name", list(WHOLE))
@pytest.mark.parametrize("value", [None, 7, "", "ftp://id.example", "http://id.example", "//id.example", "https://"])
def test_metadata_that_is_not_whole_is_refused(name: str, value: object) -> None:
    with pytest.raises(ProviderDown):
        read_metadata(WHOLE | {name: value}, issuer=ISSUER, allow_http=False)


def test_optional_endpoints_may_be_missing_but_not_wrong() -> None:
    assert read_metadata(WHOLE, issuer=ISSUER, allow_http=False).end_session_endpoint is None
    with pytest.raises(ProviderDown):
        read_metadata(WHOLE | {"end_session_endpoint": "javascript:x"}, issuer=ISSUER, allow_http=True)


ENDPOINTS = [
    *("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"),
    *("revocation_endpoint", "pushed_authorization_request_endpoint"),
]
MALFORMED = [
    *("https://[bad", "https://[::1", "https://id.example:99999/a", "https://id.example:x/", "https://:443/"),
    *("https://id.example/\r\nX: y", "https://id.example/\ta", "\nhttps://id.example/a", "https://id\x00.example/"),
    *(
        "https://\udc80/",
        "https://idé.example/",
        "https://id.example/ a",
        "https://id.example/a#b",
        'https://id.example/"',
    ),
    *("https://id.example\\@other.example/", "https://ada:secret@id.example/", "https://@id.example/"),
    "https://id.example/" + "x" * LONGEST_URL,
]


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize("bad", MALFORMED)
def test_gov_01_a_malformed_address_is_refused_like_a_missing_one(name: str, bad: str) -> None:
    with pytest.raises(ProviderDown, match=f"metadata_{name}"):
        read_metadata(WHOLE | {name: bad}, issuer=ISSUER, allow_http=False)


@pytest.mark.parametrize(
    "good", ["https://id.example:8443/a?p=policy&x=%20", "https://[2001:db8::1]/a", "https://ID.example/~a;b,c(1)"]
)
def test_odd_addresses_that_are_whole_are_taken(good: str) -> None:
    assert read_metadata(WHOLE | {"jwks_uri": good}, issuer=ISSUER, allow_http=False).jwks_uri == good
