"""Proving who somebody is, in the shape of One Login: what came of it, and the core identity that says so.

Nobody is really proven to be anybody here: in the demo, the person at the page chooses what One Login would find out.
"""

import uuid
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote, urlsplit

from flask import current_app
from joserfc import jwt
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.provider import one_login
from portal.provider.claims import About
from portal.provider.keys import ES256
from portal.provider.one_login_models import IdentityProof
from portal.provider.parameters import Asked
from portal.provider.state import provider
from portal.provider.vocabulary import ADDRESS, CORE_IDENTITY, DRIVING_PERMIT, PASSPORT, RETURN_CODE
from portal.signing.ring import KeyRing

KEY: Final = "moothall.provider.core_identity"
LIFETIME: Final = timedelta(minutes=30)
_PROOF = select(IdentityProof.outcome, IdentityProof.decided_at).where(IdentityProof.person_id == bindparam("person"))


class Outcome(StrEnum):
    """What may come of it."""

    PROVEN = "proven"
    RENAMED = "proven_renamed"
    """Proven, with an earlier name."""
    ABROAD = "proven_abroad"
    """Proven, with an address abroad, and a return code all the same."""
    NOT_PROVEN = "not_proven"
    POST_OFFICE = "post_office"
    """They will show their documents at a counter."""
    NO_CAPACITY = "no_capacity"


PROVEN: Final = (Outcome.PROVEN, Outcome.RENAMED, Outcome.ABROAD)
KEPT: Final = (*PROVEN, Outcome.NOT_PROVEN, Outcome.POST_OFFICE)
CODES: Final = {Outcome.NOT_PROVEN: "N", Outcome.ABROAD: "A"}
HOME: Final = {
    "buildingNumber": "14",
    "streetName": "Larkspur Lane",
    "addressLocality": "Marlowe",
    "postalCode": "W6 9JU",
    "addressCountry": "GB",
    "validFrom": "2019-06-01",
}
FORMER: Final = {
    "subBuildingName": "Flat 2",
    "buildingName": "Tannery House",
    "streetName": "Old Mill Row",
    "addressLocality": "Marlowe",
    "postalCode": "W6 0AA",
    "addressCountry": "GB",
    "validFrom": "2011-02-01",
    "validUntil": "2019-06-01",
}
OVERSEAS: Final = {
    "buildingNumber": "742",
    "streetName": "Maple Avenue",
    "addressLocality": "Springfield",
    "addressRegion": "Illinois",
    "postalCode": "62701",
    "addressCountry": "US",
    "validFrom": "2024-03-01",
}
RENAMED_ON: Final = date(2016, 7, 9)
FORMER_FAMILY_NAME: Final = "Formerly"
EXPIRES_ON: Final = "2031-01-31"


def find_outcome(person_id: uuid.UUID) -> Outcome | None:
    """How far the person has come; None when they never tried."""
    row = session().execute(_PROOF, {"person": person_id}).one_or_none()
    return Outcome(row.outcome) if row else None


def is_settled(person_id: uuid.UUID, asked: Asked, since: datetime | None) -> bool:
    """Whether nothing more is to be asked: proven once is proven; not proven holds for the request of that time alone.

    `since` is when the request was first seen, if it comes back from one of our pages.
    """
    if not one_login.vector_of(asked).identity:
        return True
    row = session().execute(_PROOF, {"person": person_id}).one_or_none()
    if row is None:
        return False
    if row.outcome in PROVEN:
        return True
    just_now = since is not None and row.decided_at >= since
    return bool(just_now and row.outcome == Outcome.NOT_PROVEN and one_login.asks_for_codes(asked))


def keep(person_id: uuid.UUID, outcome: Outcome) -> None:
    """Remember what came of it. Nothing did when there was no capacity."""
    audit.record("provider.identity_tried", actor=f"person:{person_id}", outcome=outcome.value)
    if outcome in KEPT:
        said = {"outcome": outcome.value, "decided_at": clock.now()}
        statement = insert(IdentityProof).values(person_id=person_id, **said)
        session().execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=said))


def claims_of(person: About, *, client_id: str, sub: str) -> dict[str, Any]:
    """Every claim of the vocabulary that is there for this person."""
    outcome = find_outcome(person.id)
    found: dict[str, Any] = {}
    if outcome in CODES:
        found[RETURN_CODE] = [{"code": CODES[outcome]}]
    if outcome is None or outcome not in PROVEN:
        return found
    abroad = outcome == Outcome.ABROAD
    found[CORE_IDENTITY] = _core_identity(person, outcome, client_id=client_id, sub=sub)
    found[ADDRESS] = [FORMER, OVERSEAS if abroad else HOME]  # the old one first: the order means nothing
    found[PASSPORT] = [{"documentNumber": "542216781", "icaoIssuerCode": "GBR", "expiryDate": EXPIRES_ON}]
    if not abroad:
        permit = {"expiryDate": EXPIRES_ON, "issueNumber": "23", "issuedBy": "DVLA"}
        found[DRIVING_PERMIT] = [permit | {"personalNumber": "DEMON902019AA9AA"}]
    return found


def did() -> str:
    """The name of who signs core identities, as the method `web` makes it of an address."""
    parts = urlsplit(provider().issuer)
    return ":".join(["did:web", quote(parts.netloc, safe=""), *(part for part in parts.path.split("/") if part)])


def identity_issuer() -> str:
    """Who signs core identities. Not the issuer of ID tokens."""
    return provider().url("/identity/")


def document() -> dict[str, Any]:
    """The DID document with every key that is published."""
    name = did()
    methods = [
        {"type": "JsonWebKey", "id": f"{name}#{jwk['kid']}", "controller": name, "publicKeyJwk": jwk}
        for jwk in _ring().keys().published
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": name,
        "assertionMethod": methods,
    }


def _core_identity(person: About, outcome: Outcome, *, client_id: str, sub: str) -> str:
    """The token that says who the person has proven to be."""
    now, key = clock.now(), _ring().keys().signing[ES256]
    claims = {
        "iss": identity_issuer(),
        "aud": client_id,
        "sub": sub,
        "nbf": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "vot": one_login.PROVEN,
        "vtm": provider().url("/trustmark"),
        "vc": {
            "type": ["VerifiableCredential", "IdentityCheckCredential"],
            "credentialSubject": _subject(person, outcome),
        },
    }
    return jwt.encode({"alg": ES256, "kid": f"{did()}#{key.kid}", "typ": "JWT"}, claims, key, algorithms=[ES256])


def _subject(person: About, outcome: Outcome) -> dict[str, Any]:
    names: list[dict[str, Any]] = [{"nameParts": _name_parts(person.given_name, person.family_name)}]
    if outcome == Outcome.RENAMED:
        names[0]["validFrom"] = RENAMED_ON.isoformat()
        former = _name_parts(person.given_name, FORMER_FAMILY_NAME)
        names.insert(0, {"nameParts": former, "validUntil": RENAMED_ON.isoformat()})
    born = [{"value": person.birthdate.isoformat()}] if person.birthdate else []
    return {"name": names, "birthDate": born}


def _name_parts(given: str, family: str) -> list[dict[str, str]]:
    return [
        *({"type": "GivenName", "value": each} for each in given.split()),
        {"type": "FamilyName", "value": family},
    ]


def _ring() -> KeyRing:
    ring: KeyRing = current_app.extensions[KEY]
    return ring
