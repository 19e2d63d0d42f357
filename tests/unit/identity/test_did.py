"""The DID document of core identity: which keys it gives, and which it does not (GOV-20)."""

from typing import Any

import pytest
from joserfc import jwk

from portal.identity.did import read_did
from portal.identity.keys import NoSuchKey
from portal.identity.metadata import ProviderDown

NAME = "did:web:identity.example"
KEY = jwk.ECKey.generate_key("P-256").as_dict(private=False)


def method(fragment: str = "k1", controller: str = NAME, **changes: Any) -> dict[str, Any]:
    return {"id": f"{controller}#{fragment}", "controller": controller, "publicKeyJwk": KEY} | changes


def document(*methods: Any, name: str = NAME) -> dict[str, Any]:
    return {"id": name, "assertionMethod": list(methods)}


def test_gov_20_a_key_is_found_by_its_whole_id() -> None:
    did = read_did(document(method("k1"), method("k2")))
    assert len(did) == 2
    assert did.find(f"{NAME}#k2", "ES256").as_dict(private=False)["x"] == KEY["x"]


@pytest.mark.parametrize(
    ("kid", "algorithm"),
    [
        (None, "ES256"),
        ("", "ES256"),
        ("k1", "ES256"),
        (NAME, "ES256"),
        (f"{NAME}#", "ES256"),
        (f"{NAME}#k9", "ES256"),
        (f"{NAME}/#k1", "ES256"),
        ("did:web:other.example#k1", "ES256"),
        (f"{NAME}#k1", "RS256"),
        (f"{NAME}#k1", "ES384"),
        (f"{NAME}#k1", "none"),
    ],
)
def test_gov_20_no_other_key_is(kid: str | None, algorithm: str) -> None:
    with pytest.raises(NoSuchKey):
        read_did(document(method("k1"))).find(kid, algorithm)


def test_gov_20_a_key_that_bears_anothers_name_is_not_found() -> None:
    foreign = "did:web:other.example#k1"
    with pytest.raises(NoSuchKey):
        read_did(document(method(id=foreign))).find(foreign, "ES256")
    with pytest.raises(NoSuchKey):
        read_did(document(method(id=NAME))).find(NAME, "ES256")


@pytest.mark.parametrize(
    "odd",
    [
        method(controller="did:web:other.example"),  # another controller's key, listed here
        method(publicKeyJwk={"kty": "oct", "k": "AAAA"}),
        method(publicKeyJwk=None),
        method(id=7),
        f"{NAME}#k1",
        None,
    ],
)
def test_gov_20_methods_that_the_document_does_not_vouch_for_are_left_out(odd: Any) -> None:
    assert len(read_did(document(odd, method("good")))) == 1
    with pytest.raises(ProviderDown, match="did_empty"):
        read_did(document(odd))


@pytest.mark.parametrize("bad", [None, [], 7, {}, {"id": NAME}, document(name="https://identity.example"), {"id": 7}])
def test_gov_20_what_is_no_did_document_is_refused(bad: Any) -> None:
    with pytest.raises(ProviderDown):
        read_did(bad)
