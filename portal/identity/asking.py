"""What a sign-in asks of a provider beyond the scopes, and whether the answer gives it. Pure.

A level is asked for by `acr_values` or by a vector of trust, a fresh sign-in by `max_age` and `prompt=login`. A
provider may ignore all of them and still answer well, so nothing counts until the ID token itself has said it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from portal.identity.assurance import Assurance, Demand, level_of
from portal.settings.providers import Provider

IDENTITY: Final = "P"
"""How the parts of a vector begin that stand for a checked identity: `P1`, `P2`."""


class NotMet(Exception):
    """The answer is good, but it is less than was asked for. `code` says what is missing, for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, as it is kept with the attempt until the answer comes.

    `fresh` in seconds; `vector` whole, with its identity part; `restarts` how often we have started over by ourselves.
    """

    level: Assurance = Assurance.LOW
    fresh: int | None = None
    acr_values: tuple[str, ...] = ()
    vector: str | None = None
    claims: tuple[str, ...] = ()
    restarts: int = 0

    @property
    def identity(self) -> bool:
        """Whether a checked identity was asked for, which userinfo proves and not the ID token."""
        return self.vector is not None and credentials(self.vector) != self.vector

    def as_json(self) -> dict[str, Any]:
        """As the attempt keeps it."""
        return asdict(self)


def read_asked(kept: Mapping[str, Any]) -> Asked:
    """What an attempt has kept. Parts that others keep beside it are left alone."""
    return Asked(
        level=Assurance(kept.get("level", Assurance.LOW)),
        fresh=kept.get("fresh"),
        acr_values=tuple(kept.get("acr_values", ())),
        vector=kept.get("vector"),
        claims=tuple(kept.get("claims", ())),
        restarts=kept.get("restarts", 0),
    )


def what_to_ask(provider: Provider, demand: Demand, *, restarts: int = 0) -> Asked:
    """How that demand is put to the provider. What it cannot be asked for is left out, and so fails in the answer."""
    fresh = None if demand.fresh is None else int(demand.fresh.total_seconds())
    asked = Asked(level=demand.level, fresh=fresh, restarts=restarts)
    if provider.level_by == "vtr":
        asked = replace(asked, vector=_vector(provider, demand.level))
        return replace(asked, claims=provider.identity_claims) if asked.identity else asked
    if provider.level_by == "acr_values" and demand.level > Assurance.LOW:
        return replace(asked, acr_values=_values(provider, demand.level))
    return asked


def parameters(provider: Provider, asked: Asked) -> dict[str, str]:
    """The parameters of the authorization request that ask for it."""
    wanted: dict[str, str] = {}
    if asked.acr_values:
        wanted["acr_values"] = " ".join(asked.acr_values)
    if asked.vector:
        wanted["vtr"] = json.dumps([asked.vector])
    if asked.claims:  # in userinfo only: One Login knows no claims of the ID token
        wanted["claims"] = json.dumps({"userinfo": dict.fromkeys(asked.claims)}, separators=(",", ":"))
    if asked.fresh is not None and provider.max_age:
        wanted["max_age"] = str(asked.fresh)
    if asked.fresh is not None and provider.prompt_login:
        wanted["prompt"] = "login"
    return wanted


def can_reach(provider: Provider, level: Assurance) -> bool:
    """Whether a sign-in there can ever be of that level, as the settings have it."""
    listed = provider.vtr if provider.level_by == "vtr" else provider.acr_levels.values()
    return level <= max((Assurance[each.upper()] for each in listed), default=Assurance.LOW)


def can_renew(provider: Provider) -> bool:
    """Whether it can be asked to make sure of somebody anew."""
    return provider.max_age or provider.prompt_login


def credentials(vector: str) -> str:
    """A vector of trust without the part that stands for the identity: what the ID token's `vot` must say."""
    return ".".join(part for part in vector.split(".") if not part.startswith(IDENTITY))


def level_in(provider: Provider, claims: Mapping[str, object]) -> Assurance:
    """The level that the claims of an ID token prove."""
    by_vector = {vector: level for level, vector in provider.vtr.items() if credentials(vector) == vector}
    return level_of(claims, by_vector | provider.acr_levels)


def check_vector(asked: Asked, claims: Mapping[str, object]) -> None:
    """The token must say the very credentials that were asked for, no less and no more. Raises NotMet."""
    if asked.vector is not None and claims.get("vot") != credentials(asked.vector):
        raise NotMet("vot_other")


def check_fresh(asked: Asked, auth_time: float | None, *, now: float, leeway: float) -> None:
    """The person must have proved who they are lately. Raises NotMet; `auth_time_old` when trying again may help."""
    if asked.fresh is None:
        return
    if auth_time is None:
        raise NotMet("auth_time_missing")
    if auth_time > now + leeway:
        raise NotMet("auth_time_future")
    if now - auth_time > asked.fresh + leeway:
        raise NotMet("auth_time_old")


def _vector(provider: Provider, level: Assurance) -> str:
    """The lowest vector that is enough. A plain sign-in leaves the identity out: that takes a request of its own."""
    listed = sorted((Assurance[each.upper()], vector) for each, vector in provider.vtr.items())
    enough = [vector for each, vector in listed if each >= level] or [listed[-1][1]]
    return credentials(enough[0]) if level is Assurance.LOW else enough[0]


def _values(provider: Provider, level: Assurance) -> tuple[str, ...]:
    """The `acr` values that are enough, lowest first: the least trouble for the person comes first."""
    listed = [(Assurance[each.upper()], value) for value, each in provider.acr_levels.items()]
    return tuple(value for each, value in sorted(listed, key=lambda one: one[0]) if each >= level)
