"""What a staff provider's claims say of somebody. Pure; nothing in them is believed to have any form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MOST_GROUPS: Final = 500
LONGEST_GROUP: Final = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Who has come to the desk. `groups` is in order, each once."""

    name: str
    email: str
    groups: tuple[str, ...]


def person_in(claims: Mapping[str, object], groups_claim: str) -> Person:
    """Name, address and groups. Somebody whose provider tells no name is called by their address, or not at all."""
    email = _text(claims.get("email"), 254)
    whole = " ".join(
        part for part in (_text(claims.get("given_name"), 90), _text(claims.get("family_name"), 90)) if part
    )
    name = _text(claims.get("name"), 200) or whole or email or _text(claims.get("preferred_username"), 200)
    return Person(name, email, groups_in(claims, groups_claim))


def groups_in(claims: Mapping[str, object], groups_claim: str) -> tuple[str, ...]:
    """The groups: a list of texts, or one text. Whatever else stands there counts for nothing."""
    told = claims.get(groups_claim)
    listed = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    fit = {group for group in listed if isinstance(group, str) and 0 < len(group) <= LONGEST_GROUP and _plain(group)}
    return tuple(sorted(fit)[:MOST_GROUPS])


def _text(value: object, longest: int) -> str:
    return value.strip()[:longest] if isinstance(value, str) and _plain(value) else ""


def _plain(value: str) -> bool:
    return value.isprintable()
