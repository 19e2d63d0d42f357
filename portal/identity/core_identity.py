"""Who somebody has proven to be: GOV.UK One Login's core identity claim and what comes beside it. Pure.

Written from One Login's technical documentation (“Prove users' identity”). The claim is a token of its own, signed by
another issuer than the ID token's, with keys from the DID document in the settings. It stands in userinfo, and may be
missing from an answer that is otherwise good: then nobody has been proven to be anybody. The raw token is read and
forgotten.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from portal.identity.assurance import Assurance
from portal.identity.did import DidDocument
from portal.identity.tokens import Expected, TokenRefused, check_times, check_type, same_text, verified
from portal.settings.providers import Provider

VOCABULARY: Final = "https://vocab.account.gov.uk/v1/"
CORE_IDENTITY: Final = f"{VOCABULARY}coreIdentityJWT"
ADDRESS: Final = f"{VOCABULARY}address"
RETURN_CODE: Final = f"{VOCABULARY}returnCode"
MOST_ENTRIES: Final = 50
CONFIDENCE: Final = re.compile(r"P(\d)")
PROVEN: Final = frozenset({"name", "given_name", "family_name", "middle_name", "birthdate", "address"})
CODE: Final = re.compile(r"[A-Za-z]")
ADDRESS_PARTS: Final = (
    ("departmentName", "organisationName"),
    ("subBuildingName", "buildingName"),
    ("buildingNumber", "dependentStreetName", "streetName"),
    ("doubleDependentAddressLocality", "dependentAddressLocality", "addressLocality"),
    ("addressRegion",),
    ("postalCode",),
    ("addressCountry",),
)
"""The lines of an address as it is printed; the members of one line are joined by spaces. The region is only there in
addresses abroad, the country is said in addresses abroad alone."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name that somebody bears or bore. Dates are None when the provider does not say."""

    given: str
    family: str
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class CoreIdentity:
    """What was proven. `confidence` is the level such as `P2`; the current name comes first."""

    confidence: str
    names: tuple[Name, ...]
    birth_date: date | None

    address: str = ""
    """Where they live now, on one line; empty when the provider does not say."""

    def claims(self) -> dict[str, object]:
        """The same in the words of OpenID Connect (Core 5.1), for the account."""
        found: dict[str, object] = {}
        if self.names:
            found |= {"given_name": self.names[0].given, "family_name": self.names[0].family}
        if self.birth_date is not None:
            found["birthdate"] = self.birth_date.isoformat()
        if self.address:
            found["address"] = {"formatted": self.address}
        return found


def judge(
    told: Mapping[str, object],
    keys: DidDocument,
    *,
    provider: Provider,
    expected: Expected,
    subject: str,
    least: str,
) -> CoreIdentity:
    """The identity that userinfo proves, of this subject, for us, now, of at least the confidence `least`.

    Raises TokenRefused; NoSuchKey and BadSignature when a fresher document may help.
    """
    token = told.get(CORE_IDENTITY)
    if not isinstance(token, str):
        raise TokenRefused("identity_form")
    header, claims = verified(token, keys, ("ES256",))
    check_type(header)
    if provider.core_identity_issuer is None or claims.get("iss") != provider.core_identity_issuer:
        raise TokenRefused("identity_iss")
    audience = claims.get("aud")
    if audience != expected.client_id and audience != [expected.client_id]:
        raise TokenRefused("identity_aud")
    if not same_text(claims.get("sub"), subject):
        raise TokenRefused("identity_sub")
    check_times({"iat": 0, **claims}, expected)
    confidence = claims.get("vot")
    if not isinstance(confidence, str) or not is_at_least(confidence, least):
        raise TokenRefused("identity_vot")
    about = _member(_member(claims, "vc"), "credentialSubject")
    return CoreIdentity(
        confidence, _names(about.get("name")), _birth_date(about.get("birthDate")), current_address(told)
    )


def confidence_of(vector: str) -> str:
    """The part of a vector of trust that stands for the identity, such as `P2`; empty when there is none."""
    return next((part for part in vector.split(".") if CONFIDENCE.fullmatch(part)), "")


def is_at_least(confidence: str, least: str) -> bool:
    """Whether one level of confidence is as high as another. What is no level is lower than all."""
    said, wanted = CONFIDENCE.fullmatch(confidence), CONFIDENCE.fullmatch(least)
    return said is not None and wanted is not None and int(said[1]) >= int(wanted[1])


def level_of(identity: CoreIdentity, provider: Provider) -> Assurance:
    """What that confidence means in our levels, by the vectors in the settings."""
    reached = [
        Assurance[level.upper()]
        for level, vector in provider.vtr.items()
        if confidence_of(vector) and is_at_least(identity.confidence, confidence_of(vector))
    ]
    return max(reached, default=Assurance.LOW)


def return_codes(claims: Mapping[str, object]) -> tuple[str, ...]:
    """Why an identity could not be proven, or what was noticed although it could: single letters, sorted."""
    said = [each.get("code") for each in _entries(claims.get(RETURN_CODE))]
    return tuple(sorted({code for code in said if isinstance(code, str) and CODE.fullmatch(code)}))


def current_address(claims: Mapping[str, object]) -> str:
    """The address where somebody lives now, on one line; empty when the answer has none. The order means nothing."""
    listed = [each for each in _entries(claims.get(ADDRESS)) if _day(each.get("validUntil")) is None]
    latest = max(listed, key=lambda each: _day(each.get("validFrom")) or date.min, default=None)
    return ", ".join(_address_lines(latest)) if latest is not None else ""


def read_out(claims: Mapping[str, object], identity: CoreIdentity | None) -> dict[str, object]:
    """The claims for the account: of the raw vocabulary nothing, and where an identity is proven, who they are by it.

    What else the answer says of the person then has been typed by somebody, and must not pass as proven with the rest.
    """
    kept = {name: value for name, value in claims.items() if not name.startswith(VOCABULARY)}
    if identity is None:
        return kept
    return {name: value for name, value in kept.items() if name not in PROVEN} | identity.claims()


def _address_lines(address: Mapping[str, object]) -> list[str]:
    lines = []
    for members in ADDRESS_PARTS:
        if members == ("addressCountry",) and address.get("addressCountry") == "GB":
            continue
        words = [value.strip() for name in members if isinstance(value := address.get(name), str)]
        line = " ".join(word for word in words if word)
        if line:
            lines.append(line)
    return lines


def _names(listed: object) -> tuple[Name, ...]:
    """The names, the current one first: it has no end, or the latest beginning."""
    names = [name for name in map(_name, _entries(listed)) if name is not None]
    return tuple(sorted(names, key=lambda name: (name.valid_until is None, name.valid_from or date.min), reverse=True))


def _name(entry: Mapping[str, object]) -> Name | None:
    parts = [(each.get("type"), each.get("value")) for each in _entries(entry.get("nameParts"))]
    given = [value for kind, value in parts if kind == "GivenName" and isinstance(value, str) and value.strip()]
    family = [value for kind, value in parts if kind == "FamilyName" and isinstance(value, str) and value.strip()]
    if not given and not family:
        return None
    return Name(" ".join(given), " ".join(family), _day(entry.get("validFrom")), _day(entry.get("validUntil")))


def _birth_date(listed: object) -> date | None:
    days = [day for each in _entries(listed) if (day := _day(each.get("value"))) is not None]
    return days[0] if days else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _member(of: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = of.get(name)
    return value if isinstance(value, dict) else {}


def _entries(listed: object) -> Sequence[Mapping[str, object]]:
    """The members of a list that are objects; whatever else came is left out."""
    return [each for each in listed[:MOST_ENTRIES] if isinstance(each, dict)] if isinstance(listed, list) else []
