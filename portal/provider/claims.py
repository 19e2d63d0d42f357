"""What we say of a person, and to whom. A fixed list: no column becomes a claim by being added to the table.

There is no `address`: we know nobody's here, and a scope that is offered and never filled is a promise not kept.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.provider.models import Person

Claims = dict[str, str | bool | int | list[str]]


@dataclass(frozen=True, slots=True)
class About:
    """What of a person may become a claim: the columns of those names, read without the rest."""

    id: uuid.UUID
    given_name: str
    family_name: str
    birthdate: date | None
    changed_at: datetime
    email: str
    email_verified_at: datetime | None
    phone: str | None
    groups: list[str]


OPENED_BY = {
    "name": "profile",
    "given_name": "profile",
    "family_name": "profile",
    "birthdate": "profile",
    "updated_at": "profile",
    "email": "email",
    "email_verified": "email",
    "phone_number": "phone",
    "phone_number_verified": "phone",
    "groups": "groups",
}
"""Each claim with the scope that opens it."""
CLAIMS = ("sub", *OPENED_BY)


def opened(scopes: Collection[str]) -> set[str]:
    """The names of the claims that these scopes open."""
    return {name for name, scope in OPENED_BY.items() if scope in scopes}


def within(scopes: Collection[str], granted: Mapping[str, Sequence[str]] | None) -> Mapping[str, Sequence[str]] | None:
    """Of claims that were granted by name, those that a client of these scopes may still have."""
    closed = OPENED_BY.keys() - opened(scopes)
    return granted and {member: [name for name in names if name not in closed] for member, names in granted.items()}


def claims_for(person: About, scope: str, also: Collection[str] = ()) -> Claims:
    """`sub`, the claims of `person` that `scope` opens, and those named in `also`."""
    return {"sub": str(person.id)} | named(person, opened(scope.split()) | set(also))


def named(person: Person | About, names: Collection[str]) -> Claims:
    """The claims of those names, as far as we know them. `sub` is never among them."""
    every: dict[str, str | bool | int | list[str] | None] = {
        "name": f"{person.given_name} {person.family_name}".strip(),
        "given_name": person.given_name,
        "family_name": person.family_name,
        "birthdate": person.birthdate.isoformat() if person.birthdate else None,
        "updated_at": int(person.changed_at.timestamp()),
        "email": person.email,
        "email_verified": person.email_verified_at is not None,
        "phone_number": person.phone,
        "phone_number_verified": False if person.phone else None,
        "groups": sorted(person.groups),
    }
    return {name: value for name, value in every.items() if name in names and value is not None}
