"""GOV.UK One Login as a provider by settings alone: the identity in a second request, by a configured DID document."""

import json
from base64 import urlsafe_b64encode
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
    return dict(rows("select name, value from portal.verified_claim"))


def test_gov_06_the_identity_takes_a_second_request_with_claims(browser: Browser, provider: HostileProvider) -> None:
    assert proof(browser).headers["Location"] == PAGE
    assert browser.client.get(PAGE).status_code == 200
    first, second = provider.authorizations
    assert (json.loads(first["vtr"]), "claims" in first) == (["Cl.Cm"], False)
    assert json.loads(second["vtr"]) == ["Cl.Cm.P2"]
    assert set(json.loads(second["claims"])) == {"userinfo"}
    assert CORE in json.loads(second["claims"])["userinfo"]


def test_gov_18_a_vot_with_the_identity_in_it_is_refused(browser: Browser, provider: HostileProvider) -> None:
    browser.sign_in()
    provider.claims["vot"] = "Cl.Cm.P2"
    assert browser.prove_more(PAGE).status_code == 403


@pytest.mark.parametrize("algorithm", ["RS256", "ES512"])
def test_gov_20_another_algorithm_is_refused(refused: Refused, one_login: OneLogin, algorithm: str) -> None:
    key = jwk.ECKey.generate_key("P-521", private=True) if algorithm == "ES512" else one_login.provider.rsa
    one_login.key, one_login.header = key, {"alg": algorithm, "kid": f"{DID}#one"}  # type: ignore[assignment]
    refused("id_token_algorithm")


@pytest.mark.parametrize(
    ("kid", "code"),
    [
        *(
            (kid, "id_token_unknown_key")
            for kid in (None, "one", f"{DID}#two", f"{DID}/path#one", f"{DID}#one#one", "")
        ),
        ("did:web:evil.example#one", "id_token_unknown_key"),
        (7, "id_token_kid"),
    ],
)
def test_gov_20_a_key_that_the_document_does_not_name_is_refused(
    refused: Refused, one_login: OneLogin, kid: object, code: str
) -> None:
    header = {"alg": "ES256"} | ({"kid": kid} if kid is not None else {})
    if isinstance(kid, int):
        honest = str(one_login.token()).split(".")
        one_login.raw = ".".join([_encoded(json.dumps(header)), *honest[1:]])
    one_login.header = header
    refused(code)


def test_gov_20_the_document_named_in_the_token_is_never_fetched(refused: Refused, one_login: OneLogin) -> None:
    evil = "did:web:127.0.0.1"
    one_login.provider.documents["/evil.json"] = one_login.document(OTHER, evil)
    one_login.key, one_login.header = OTHER, {"alg": "ES256", "kid": f"{evil}#one"}
    refused("id_token_unknown_key")
    assert one_login.provider.count("/evil.json") == 0


def test_gov_20_a_wrong_signature_is_refused(refused: Refused, one_login: OneLogin) -> None:
    one_login.key = OTHER
    refused("id_token_signature")


def test_gov_20_a_rotated_key_is_fetched_once(browser: Browser, one_login: OneLogin) -> None:
    assert proof(browser).status_code == 303
    provider = one_login.provider
    provider.documents["/did.json"] = one_login.document(OTHER, fragment="next")
    one_login.key, one_login.header = OTHER, {"alg": "ES256", "kid": f"{DID}#next"}
    second = Browser(browser.client.application.test_client(), provider)
    assert proof(second).status_code == 303
    assert provider.count("/did.json") == 2


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("iss", None, "identity_iss"),
        ("iss", "https://identity.example.org", "identity_iss"),
        ("aud", None, "identity_aud"),
        ("aud", "somebody-else", "identity_aud"),
        ("aud", ["portal", "somebody-else"], "identity_aud"),
        ("aud", [], "identity_aud"),
        ("sub", None, "identity_sub"),
        ("sub", "ann", "identity_sub"),
        ("exp", None, "exp"),
        ("exp", 1_700_000_000, "exp"),
        ("exp", "tomorrow", "exp"),
        ("nbf", 90_000_000_000, "nbf"),
        ("vot", None, "identity_vot"),
        ("vot", "P1", "identity_vot"),
        ("vot", "P0", "identity_vot"),
        ("vot", "Cl.Cm.P2", "identity_vot"),
        ("vot", 2, "identity_vot"),
    ],
)
def test_gov_21_an_identity_that_is_not_for_this_sign_in_is_refused(
    refused: Refused, one_login: OneLogin, name: str, value: object, code: str, rows: Any
) -> None:
    one_login.claims[name] = value
    refused(f"id_token_{code}")
    assert "given_name" not in confirmed(rows)


def test_gov_21_the_openid_issuer_is_not_the_identity_s(refused: Refused, one_login: OneLogin) -> None:
    one_login.claims["iss"] = one_login.provider.issuer
    refused("id_token_identity_iss")


def test_gov_21_a_higher_confidence_is_enough(browser: Browser, one_login: OneLogin) -> None:
    one_login.claims["vot"] = "P3"
    assert proof(browser).headers["Location"] == PAGE


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        *((raw, "id_token_identity_form") for raw in (7, [], {})),
        *((raw, "id_token_form") for raw in ("", "no token", "a.b.c")),
    ],
)
def test_gov_21_what_is_no_token_is_refused(refused: Refused, one_login: OneLogin, raw: object, code: str) -> None:
    one_login.provider.userinfo[CORE] = raw
    refused(code)


def test_gov_21_an_absent_identity_is_not_proven(refused: Refused, one_login: OneLogin, rows: Any) -> None:
    one_login.provider.userinfo[CORE] = None
    assert "We could not confirm who you are" in refused("asked_identity_missing").text
    assert "given_name" not in confirmed(rows)


def test_gov_22_names_and_birth_date_are_kept_and_the_raw_token_is_not(
    browser: Browser, one_login: OneLogin, rows: Any
) -> None:
    proof(browser)
    kept = confirmed(rows)
    assert (kept["given_name"], kept["family_name"]) == ("Priya Ann", "Shah-Jones")
    assert kept["birthdate"] == "1980-02-29"
    signature = str(one_login.token()).split(".")[1][:40]
    tables = rows("select table_schema, table_name from information_schema.tables where table_schema = 'portal'")
    for schema, table in tables:
        assert not rows(f"select 1 from {schema}.{table} t where t::text like '%{signature}%'"), table


@pytest.mark.parametrize(
    "subject",
    [
        {},
        {"name": [], "birthDate": []},
        {"name": "Priya", "birthDate": "1980-02-29"},
        {"name": [{"nameParts": "Priya"}, 7, {"nameParts": [{"type": "GivenName", "value": 7}]}]},
        {"birthDate": [{"value": "1980-02-30"}, {"value": None}, 7]},
    ],
)
def test_gov_22_odd_names_and_dates_are_left_out(
    browser: Browser, one_login: OneLogin, subject: dict[str, Any], rows: Any
) -> None:
    one_login.subject = subject
    assert proof(browser).status_code == 303
    assert not {"given_name", "family_name", "birthdate"} & set(confirmed(rows))


HOME = {"buildingNumber": "12", "streetName": "High Street", "addressLocality": "Marlowe", "postalCode": "ZZ99 1AA"}
ABROAD = {"streetName": "Main Street", "addressLocality": "Springfield", "addressRegion": "IL", "postalCode": "62701"}


@pytest.mark.parametrize(
    ("listed", "kept"),
    [
        ([HOME | {"addressCountry": "GB", "validFrom": "2020-01-01"}], "12 High Street, Marlowe, ZZ99 1AA"),
        (
            [ABROAD | {"validUntil": "2020-01-01"}, HOME | {"addressCountry": "GB", "validFrom": "2020-01-01"}],
            "12 High Street, Marlowe, ZZ99 1AA",
        ),
        (
            [HOME | {"validFrom": "2020-01-01"}, ABROAD | {"addressCountry": "US", "validFrom": "2024-01-01"}],
            "Main Street, Springfield, IL, 62701, US",
        ),
        ([], None),
        (None, None),
        ("somewhere", None),
        ([7, {"streetName": 7}], None),
    ],
)
def test_gov_23_the_current_address_is_found_in_any_order_or_not_at_all(
    browser: Browser, one_login: OneLogin, listed: object, kept: str | None, rows: Any
) -> None:
    one_login.provider.userinfo |= {
        f"{VOCABULARY}address": listed,
        f"{VOCABULARY}passport": [{"documentNumber": "1"}],
        f"{VOCABULARY}drivingPermit": None,
    }
    assert proof(browser).status_code == 303
    assert confirmed(rows).get("address") == kept


def test_gov_24_a_code_without_an_identity_leads_onward(
    refused: Refused, one_login: OneLogin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    one_login.provider.userinfo |= {CORE: None, f"{VOCABULARY}returnCode": [{"code": "N"}, {"code": "B"}]}
    page = refused("asked_identity_missing").text
    assert "Try again" in page
    assert "Return codes BN" in caplog.text


@pytest.mark.parametrize("codes", [[{"code": "B"}], [{"code": 7}, {}], "B", None])
def test_gov_24_a_code_beside_a_proven_identity_changes_nothing(
    browser: Browser, one_login: OneLogin, codes: object
) -> None:
    one_login.provider.userinfo[f"{VOCABULARY}returnCode"] = codes
    assert proof(browser).headers["Location"] == PAGE


def test_gov_29_whoever_comes_back_from_a_counter_signs_in_and_then_proves_it(
    browser: Browser, provider: HostileProvider
) -> None:
    asked = browser.client.get("/prove-your-identity")
    assert asked.status_code == 303
    browser.sign_in("/prove-your-identity")
    page = browser.client.get("/prove-your-identity")
    assert f'href="{PAGE}"' in page.text
    assert browser.prove_more(PAGE).headers["Location"] == PAGE
    assert "You have proved who you are" in browser.client.get("/prove-your-identity").text
    assert [json.loads(each["vtr"]) for each in provider.authorizations] == [["Cl.Cm"], ["Cl.Cm.P2"]]


def test_gov_30_each_environment_is_a_configuration_of_its_own(
    make: Any, provider: HostileProvider, one_login: OneLogin
) -> None:
    """It is made of the public address and the provider's name; nothing in a request counts."""
    for origin in ("http://localhost:8000", "http://localhost:9000"):
        browser: Browser = make(provider, {"public_url": origin}, **settings(provider))
        asked = browser.client.post(
            "/sign-in/town",
            base_url=origin,
            data={"csrf_token": _token(browser, origin), "next": "/"},
            headers={"Origin": origin, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
        )
        assert f"redirect_uri={_quoted(origin)}%2Fauth%2Ftown%2Fcallback&" in asked.headers["Location"] + "&"


def _token(browser: Browser, origin: str) -> str:
    page = browser.client.get("/sign-in", base_url=origin).text
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def _quoted(origin: str) -> str:
    return origin.replace(":", "%3A").replace("/", "%2F")


def _encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
