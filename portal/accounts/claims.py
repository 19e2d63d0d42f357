"""What a provider's claims are worth to us. Pure; trusts no type that it did not look at.

OpenID Connect Core 5.1 names the claims. An e-mail address or telephone number counts as verified when its own
`…_verified` claim is exactly true; names, date of birth and address only where the provider has checked the person
(level `high`: `medium` may be a second factor, which proves nothing about names). Everything else is what somebody
typed somewhere, good for a first prefill and no more.
"""

from collections.abc import Mapping
from datetime import date

from portal.notify.addresses import find_address
from portal.web.texts import UnusableText, clean

CONTACT = {"email": "email_verified", "phone_number": "phone_number_verified"}
PERSONAL = ("given_name", "family_name", "birthdate")
CHECKED_LEVELS = ("high",)
LIMITS = {"email": 254, "phone_number": 20, "given_name": 100, "family_name": 100, "birthdate": 10, "address": 500}


def text_claim(claims: Mapping[str, object], name: str) -> str:
    """The claim as clean text; empty when absent, of another type, too long or with what nobody can type or see."""
    value = claims.get(name)
    if not isinstance(value, str):
        return ""
    try:
        value = clean(value)
    except UnusableText:
        return ""
    return value if len(value) <= LIMITS[name] else ""


def birthdate(claims: Mapping[str, object]) -> date | None:
    """The date of birth, when the claim is a whole ISO date. Providers may give a year alone, or year 0000."""
    try:
        return date.fromisoformat(text_claim(claims, "birthdate"))
    except ValueError:
        return None


def verified(claims: Mapping[str, object], level: str) -> dict[str, str]:
    """The claims that the provider vouches for, by name."""
    found = {
        name: text_claim(claims, name)
        for name, flag in CONTACT.items()
        if claims.get(flag) is True  # some providers send "false", which is true to Python
    }
    if "email" in found:  # one that we could not write to would stop every letter later on
        found["email"] = find_address(found["email"]) or ""
    if level in CHECKED_LEVELS:
        found |= {name: text_claim(claims, name) for name in PERSONAL}
        if birthdate(claims) is None:
            del found["birthdate"]
        address = claims.get("address")  # the one standard claim that is an object (Core 5.1.1)
        if isinstance(address, dict):
            found["address"] = text_claim({"address": address.get("formatted")}, "address")
    return {name: value for name, value in found.items() if value}


def language(claims: Mapping[str, object], otherwise: str) -> str:
    """The language of a new account: Welsh when the provider's `locale` says so."""
    locale = claims.get("locale")
    if isinstance(locale, str) and locale.lower().startswith("cy"):
        return "cy"
    return otherwise
