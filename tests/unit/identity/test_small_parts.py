"""Levels, keys and families of devices."""

from typing import Any

import pytest
from joserfc import jwk

from portal.identity.assurance import Assurance, level_of
from portal.identity.device import family
from portal.identity.keys import Keys, NoSuchKey

LEVELS = {"Cl.Cm": "medium", "P2": "high", "0": "low"}
EC = jwk.ECKey.generate_key("P-256", auto_kid=True)


@pytest.mark.parametrize(
    ("claims", "level"),
    [
        ({}, Assurance.LOW),
        ({"acr": "P2"}, Assurance.HIGH),
        ({"vot": "Cl.Cm"}, Assurance.MEDIUM),
        ({"acr": "P2", "vot": "Cl.Cm"}, Assurance.MEDIUM),
        ({"acr": "p2"}, Assurance.LOW),
        ({"acr": ["P2"]}, Assurance.LOW),
        ({"acr": {"P2": 1}, "vot": None}, Assurance.LOW),
    ],
)
def test_what_is_not_listed_is_low(claims: dict[str, Any], level: Assurance) -> None:
    assert level_of(claims, LEVELS) is level


@pytest.mark.parametrize("document", [None, [], {}, {"keys": None}, {"keys": {}}, "keys"])
def test_what_is_no_key_set_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="key set"):
        Keys(document)


def test_keys_that_cannot_sign_are_left_out() -> None:
    public = EC.as_dict(private=False)
    odd = [None, 7, {}, {"kty": "oct", "k": "AAAA"}, {"kty": "XX"}, {"kty": "RSA", "n": "AQ", "e": "AQAB"}]
    odd += [public | {"use": "enc"}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, public | {"crv": "none"}]
    assert len(Keys({"keys": [*odd, public]})) == 1


@pytest.mark.parametrize("algorithm", ["RS256", "ES384", "HS256", "none", ""])
def test_a_key_serves_its_own_algorithm_only(algorithm: str) -> None:
    keys = Keys({"keys": [EC.as_dict(private=False)]})
    assert keys.find(EC.kid, "ES256").kid == EC.kid
    with pytest.raises(NoSuchKey):
        keys.find(EC.kid, algorithm)
    with pytest.raises(NoSuchKey):
        Keys({"keys": [EC.as_dict(private=False) | {"alg": "ES384"}]}).find(EC.kid, "ES256")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/130.0", "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("curl/8", ""),
        ("x" * 10_000, ""),
    ],
)
def test_a_device_is_told_by_family(agent: str, name: str) -> None:
    assert family(agent) == name
