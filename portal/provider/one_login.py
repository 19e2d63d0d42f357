"""Authorization requests in the shape of GOV.UK One Login: vectors of trust in place of `acr`. Pure.

Written from One Login's technical documentation (“Make a request to the /authorize endpoint”, “Choose the level of
authentication and the level of confidence”). Where it leaves something open we are the stricter: what passes here
shall pass there.
"""

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from portal.provider import parameters
from portal.provider.levels import MFA
from portal.provider.parameters import Asked, ProtocolError
from portal.provider.vocabulary import RETURN_CODE, VOCABULARY

SCOPES: Final = ("openid", "email", "phone")
BAD: Final = "invalid_request"
TWO_FACTORS: Final = "Cm"
PROVEN: Final = "P2"


@dataclass(frozen=True, slots=True)
class Vector:
    """What a client asks for: the credentials such as `Cl.Cm`, and whether a proven identity besides."""

    credentials: str
    identity: bool


DEFAULT: Final = Vector("Cl.Cm", False)
KNOWN: Final = {
    frozenset({"Cl"}): Vector("Cl", False),
    frozenset({"Cl", "Cm"}): DEFAULT,
    frozenset({"Cl", "Cm", PROVEN}): Vector("Cl.Cm", True),
}
"""By their parts, whose order means nothing. An identity needs two factors."""


def checked(asked: Asked, *, signed: bool) -> Asked:
    """The request as it is carried on. `signed`: it came as a request object. Raises ProtocolError."""
    wanted = asked.values.get("claims")
    asked = parameters.checked(asked)
    if not set(asked.values["scope"].split()) <= set(SCOPES) & set(asked.client.scopes):
        raise ProtocolError("invalid_scope", "the client may not have every scope that it asks for")
    for name in ("state", "nonce"):
        if name not in asked.values:
            raise ProtocolError(BAD, f"{name} is missing")
    if vector_of(asked).identity and not asked.client.identity:
        raise ProtocolError(BAD, "Request vtr not valid: this client may not ask for identities")
    if wanted is not None and not _are_of_the_vocabulary(json.loads(wanted)):
        raise ProtocolError(BAD, "claims may name those of the vocabulary only, and only for userinfo")
    if "login" in asked.prompts and not signed:
        raise ProtocolError(BAD, "prompt login is taken only within a request object")
    if "login" in asked.prompts and "id_token_hint" not in asked.values:
        # Whom to ask again? Without a hint the word counts for nothing there.
        asked = replace(asked, values=asked.values | {"prompt": " ".join(sorted(asked.prompts - {"login"}))})
    if not asked.client.max_age:
        asked = replace(asked, values={name: each for name, each in asked.values.items() if name != "max_age"})
    return asked


def vector_of(asked: Asked) -> Vector:
    """The vector of trust asked for. Raises ProtocolError when there is no such vector."""
    text = asked.values.get("vtr")
    if text is None:
        return DEFAULT
    try:
        [vector] = json.loads(text)
        return KNOWN[frozenset(vector.split("."))]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ProtocolError(BAD, "Request vtr not valid") from None


def levels_wanted(asked: Asked) -> tuple[str, ...]:
    """The level of ours that those credentials need; none where one factor is enough."""
    return (MFA,) if TWO_FACTORS in vector_of(asked).credentials.split(".") else ()


def asks_for_codes(asked: Asked) -> bool:
    """Whether the client wants to hear in userinfo why somebody could not be proven to be anybody."""
    return RETURN_CODE in asked.claims.userinfo


def granted(asked: Asked) -> dict[str, Any]:
    """The columns of a code that hold what is granted by this request, beside its scopes."""
    vector = vector_of(asked)
    names = [name for name in asked.claims.userinfo if name in VOCABULARY] if vector.identity else []
    return {"vector": vector.credentials, "claims": {"userinfo": names} if names else None}


def _are_of_the_vocabulary(claims: dict[str, Any]) -> bool:
    return set(claims) <= {"userinfo"} and set(claims.get("userinfo") or {}) <= set(VOCABULARY)
