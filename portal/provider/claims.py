"""What we say of a person, and to whom. A fixed list: no column becomes a claim by being added to the table."""

from portal.provider.models import Person

Claims = dict[str, str | bool | int]

CLAIMS = (
    "sub",
    "name",
    "given_name",
    "family_name",
    "birthdate",
    "updated_at",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
)


def claims_for(person: Person, scope: str) -> Claims:
    """The claims of `person` that `scope` opens."""
    scopes = scope.split()
    claims: Claims = {"sub": str(person.id)}
    if "profile" in scopes:
        claims |= _profile(person)
    if "email" in scopes:
        claims["email"] = person.email
        claims["email_verified"] = person.email_verified_at is not None
    if "phone" in scopes and person.phone:
        claims["phone_number"] = person.phone
        claims["phone_number_verified"] = False
    return claims


def _profile(person: Person) -> Claims:
    claims: Claims = {
        "name": f"{person.given_name} {person.family_name}".strip(),
        "given_name": person.given_name,
        "family_name": person.family_name,
        "updated_at": int(person.changed_at.timestamp()),
    }
    if person.birthdate:
        claims["birthdate"] = person.birthdate.isoformat()
    return claims
