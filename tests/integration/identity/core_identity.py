"""A provider that tells an identity as One Login does, in a token that a test can spoil."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwk, jws

from portal import clock
from tests.integration.identity.conftest import Browser
from tests.support.hostile_provider import HostileProvider

VOCABULARY = "https://vocab.account.gov.uk/v1/"
Refused = Callable[[str], Any]
CORE = f"{VOCABULARY}coreIdentityJWT"
IDENTITY_ISSUER = "https://identity.example.org/"
DID = "did:web:identity.example.org"
KEY = jwk.ECKey.generate_key("P-256", private=True)
OTHER = jwk.ECKey.generate_key("P-256", private=True)
PAGE = "/prove-your-identity/done"
NAMES = [
    {
        "validUntil": "2010-05-01",
        "nameParts": [{"type": "GivenName", "value": "Priya"}, {"type": "FamilyName", "value": "Shah"}],
    },
    {
        "validFrom": "2010-05-01",
        "nameParts": [
            {"type": "GivenName", "value": "Priya"},
            {"type": "GivenName", "value": "Ann"},
            {"type": "FamilyName", "value": "Shah-Jones"},
        ],
    },
]


class OneLogin:
    """The hostile provider with an identity to tell, in which a test changes one thing."""

    def __init__(self, provider: HostileProvider) -> None:
        self.provider = provider
        self.header: dict[str, Any] = {"alg": "ES256", "kid": f"{DID}#one"}
        self.claims: dict[str, Any] = {"iss": IDENTITY_ISSUER, "aud": provider.client_id, "vot": "P2"}
        self.subject: dict[str, Any] = {"name": NAMES, "birthDate": [{"value": "1980-02-29"}]}
        self.beside: dict[str, Any] = {}
        self.key = KEY
        self.raw: object = None
        provider.claims["vot"] = "Cl.Cm"
        provider.documents["/did.json"] = self.document(KEY)
        provider.userinfo[CORE] = lambda _honest: self.token()

    def document(self, key: jwk.ECKey, did: str = DID, fragment: str = "one") -> dict[str, Any]:
        method = {"type": "JsonWebKey", "id": f"{did}#{fragment}", "controller": did}
        return {"id": did, "assertionMethod": [method | {"publicKeyJwk": key.as_dict(private=False)}]}

    def token(self) -> object:
        if self.raw is not None:
            return self.raw
        now = int(clock.now().timestamp())
        whole = {
            "sub": "resident-1",
            "nbf": now,
            "exp": now + 1800,
            "vc": {"credentialSubject": self.subject},
        } | self.claims
        payload = json.dumps({name: value for name, value in whole.items() if value is not None})
        return jws.serialize_compact(self.header, payload, self.key, algorithms=[self.header["alg"]])


@pytest.fixture
def one_login(provider: HostileProvider) -> OneLogin:
    """The provider with an honest identity to tell."""
    return OneLogin(provider)


def settings(provider: HostileProvider, **changes: Any) -> dict[str, Any]:
    """What a council sets for One Login, and nothing else."""
    values: dict[str, Any] = {
        "level_by": "vtr",
        "vtr": {"low": "Cl.Cm", "high": "Cl.Cm.P2"},
        "acr_levels": {},
        "scopes": ("openid", "email", "phone"),
        "identity_claims": (CORE, f"{VOCABULARY}address", f"{VOCABULARY}returnCode"),
        "core_identity_issuer": IDENTITY_ISSUER,
        "core_identity_did": f"{provider.issuer}/did.json",
    }
    return values | changes


@pytest.fixture
def browser(make: Any, provider: HostileProvider, one_login: OneLogin) -> Browser:
    """A browser at a portal that knows One Login."""
    made: Browser = make(provider, **settings(provider))
    return made


def proof(browser: Browser) -> Any:
    """Signed in first, then sent to prove who they are; the answer to the second callback."""
    assert browser.sign_in().status_code == 303
    return browser.prove_more(PAGE)


@pytest.fixture
def refused(browser: Browser, rows: Any) -> Refused:
    """The proof is not taken, for the very reason named, and they are signed in as before."""

    def refuse(code: str) -> Any:
        answer = proof(browser)
        assert answer.status_code in (400, 403), answer.text
        assert rows("select details->>'code' from portal.audit_entry where act = 'identity.sign_in_failed'") == [
            (code,)
        ]
        assert browser.is_signed_in()
        assert browser.client.get(PAGE).status_code == 303
        return answer

    return refuse


def confirmed(rows: Any) -> dict[str, str]:
    """What is kept as confirmed of the one resident."""
    return dict(rows("select name, value from portal.verified_claim"))
