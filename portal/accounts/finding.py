"""Find a caller's account at the desk: by e-mail address, or by name and postcode together."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, String, bindparam, func, select, text

from portal.accounts.models import FOLDED_NAME, AccountRow, AddressRow, ProfileRow
from portal.db.session import session

MOST: Final = 20
_LEFT_OUT: Final = "[\u0300-\u036f'’. -]"  # accents that stand by themselves, and what is not heard


@dataclass(frozen=True, slots=True)
class Match:
    """An account that may be the caller's. The postcode is of their home, empty when they told none."""

    account_id: uuid.UUID
    name: str
    email: str
    postcode: str
    unclaimed: bool


_FOUND = (
    select(
        AccountRow.id,
        ProfileRow.given_name,
        ProfileRow.family_name,
        ProfileRow.email,
        AddressRow.postcode,
        AccountRow.unclaimed_since,
    )
    .join(ProfileRow, ProfileRow.account_id == AccountRow.id)
    .join(AddressRow, (AddressRow.account_id == AccountRow.id) & (AddressRow.kind == "home"), isouter=True)
    .where(AccountRow.closed_at.is_(None))
    .order_by(ProfileRow.family_name, ProfileRow.given_name, AccountRow.id)
    .limit(MOST)
)


# The very words of the index, so that it serves: “O’Neill” is found by “oneill” and “Gŵyn” by “gwyn”.
_SAME_NAME: Final = text(
    f"{FOLDED_NAME.replace('family_name', 'portal.profile.family_name')}"
    f" = {FOLDED_NAME.replace('family_name', 'cast(:family_name as text)')}"
)
_BY_EMAIL = _FOUND.where(func.lower(ProfileRow.email) == func.lower(bindparam("email", type_=String)))
_BY_HOME = _FOUND.where(
    AddressRow.postcode == bindparam("postcode"),
    _SAME_NAME,
)
_UNCLAIMED = _FOUND.where(
    AccountRow.unclaimed_since.is_not(None),
    _SAME_NAME,
)


def find_by_email(email: str) -> list[Match]:
    """The accounts with this confirmed e-mail address."""
    return [_match(row) for row in session().execute(_BY_EMAIL, {"email": email})]


def find_by_home(family_name: str, postcode: str) -> list[Match]:
    """The accounts of that last name with a home at that postcode, as it is printed."""
    return [_match(row) for row in session().execute(_BY_HOME, {"family_name": family_name, "postcode": postcode})]


def find_unclaimed(family_name: str) -> list[Match]:
    """The accounts of that last name that staff keep for somebody: they may have rung before."""
    return [_match(row) for row in session().execute(_UNCLAIMED, {"family_name": family_name})]


def _match(row: Row[*tuple[Any, ...]]) -> Match:  # a row of `_FOUND`
    name = f"{row.given_name} {row.family_name}".strip()
    return Match(row.id, name, row.email or "", row.postcode or "", row.unclaimed_since is not None)
