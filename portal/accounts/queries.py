"""Read accounts and profiles. Statements are built once: the first runs on every page."""

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import String, bindparam, func, select

from portal.accounts.models import (
    AccountRow,
    AddressRow,
    EmailChangeRow,
    IdentityRow,
    ProfileRow,
    VerifiedClaimRow,
    WaitingCandidateRow,
    WaitingIdentityRow,
)
from portal.accounts.values import Account, Called, EmailChange, PostalAddress, Profile, VerifiedClaim
from portal.db.session import session
from portal.errors import NotFound
from portal.web.languages import gettext as _

ACCOUNT = (
    select(AccountRow.id, AccountRow.language, ProfileRow.preferred_name, ProfileRow.given_name)
    .join(ProfileRow, ProfileRow.account_id == AccountRow.id)
    .where(AccountRow.id == bindparam("account_id"), AccountRow.closed_at.is_(None))
)
CALLED = (
    select(
        AccountRow.id,
        AccountRow.language,
        ProfileRow.preferred_name,
        ProfileRow.given_name,
        ProfileRow.family_name,
    )
    .join(ProfileRow, ProfileRow.account_id == AccountRow.id)
    .where(AccountRow.id.in_(bindparam("accounts", expanding=True)), AccountRow.closed_at.is_(None))
)
PROFILE = (
    select(
        AccountRow.language,
        ProfileRow.given_name,
        ProfileRow.family_name,
        ProfileRow.preferred_name,
        ProfileRow.date_of_birth,
        ProfileRow.email,
        ProfileRow.email_confirmed_at,
        ProfileRow.phone,
        ProfileRow.contact_by,
        ProfileRow.contact_needs,
        EmailChangeRow.email.label("new_email"),
        EmailChangeRow.expires_at,
    )
    .join(ProfileRow, ProfileRow.account_id == AccountRow.id)
    .join(EmailChangeRow, EmailChangeRow.account_id == AccountRow.id, isouter=True)
    .where(AccountRow.id == bindparam("account_id"), AccountRow.closed_at.is_(None))
)
ADDRESSES = (
    select(AddressRow.kind, AddressRow.uprn, AddressRow.lines, AddressRow.postcode, AddressRow.since_at)
    .where(AddressRow.account_id == bindparam("account_id"))
    .order_by(AddressRow.kind.desc())
)
VERIFIED = (
    select(
        VerifiedClaimRow.name,
        VerifiedClaimRow.value,
        VerifiedClaimRow.issuer,
        VerifiedClaimRow.level,
        VerifiedClaimRow.verified_at,
    )
    .where(VerifiedClaimRow.account_id == bindparam("account_id"))
    .order_by(VerifiedClaimRow.verified_at.desc(), VerifiedClaimRow.issuer, VerifiedClaimRow.name)
)
IDENTITIES = (
    select(
        IdentityRow.issuer,
        IdentityRow.subject,
        IdentityRow.linked_at,
        IdentityRow.last_used_at,
        IdentityRow.moved_to,
        IdentityRow.moved_at,
    )
    .where(IdentityRow.account_id == bindparam("account_id"))
    .order_by(IdentityRow.linked_at, IdentityRow.id)
)
# Without the subject: until it is proven, that is somebody else's.
WAITING = (
    select(WaitingIdentityRow.issuer, WaitingIdentityRow.created_at, WaitingIdentityRow.expires_at)
    .join(WaitingCandidateRow, WaitingCandidateRow.waiting_id == WaitingIdentityRow.id)
    .where(WaitingCandidateRow.account_id == bindparam("account_id"))
    .order_by(WaitingIdentityRow.created_at, WaitingIdentityRow.id)
)
BEGINNING = (
    select(AccountRow.id)
    .where(AccountRow.id.between(bindparam("first"), bindparam("last")))
    .order_by(AccountRow.id)
    .limit(2)
)
WITH_EMAIL = (
    select(AccountRow.id)
    .join(ProfileRow, ProfileRow.account_id == AccountRow.id)
    .where(func.lower(ProfileRow.email) == func.lower(bindparam("email", type_=String)), AccountRow.closed_at.is_(None))
    .order_by(AccountRow.id)
)
OPENED = select(AccountRow.created_at).where(AccountRow.id == bindparam("account_id"))


def reference_of(account_id: uuid.UUID) -> str:
    """The beginning of an account's id, short enough to read out on the telephone: `3f2a 90bc`."""
    return f"{account_id.hex[:4]} {account_id.hex[4:8]}"


def accounts_beginning(digits: str) -> list[uuid.UUID]:
    """The accounts whose id begins with these hexadecimal digits, closed ones too: at most two of them."""
    first, last = (uuid.UUID(digits.ljust(32, end)) for end in "0f")
    return list(session().scalars(BEGINNING, {"first": first, "last": last}))


def accounts_with_email(email: str) -> list[uuid.UUID]:
    """The open accounts that have this e-mail address."""
    return list(session().scalars(WITH_EMAIL, {"email": email}))


def get_account(account_id: uuid.UUID) -> Account:
    """The account as every page needs it. Raises NotFound when there is none, or it is closed."""
    row = session().execute(ACCOUNT, {"account_id": account_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such account."))
    return Account(row.id, row.preferred_name or row.given_name or _("Resident"), row.language)


def called(account_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Called]:
    """By account: their language and what they are called, for those that are open. One statement."""
    found = session().execute(CALLED, {"accounts": list(account_ids)}) if account_ids else ()
    return {
        row.id: Called(
            row.language, row.preferred_name or row.given_name, f"{row.given_name} {row.family_name}".strip()
        )
        for row in found
    }


def get_profile(account_id: uuid.UUID) -> Profile:
    """Everything on the profile pages. Raises NotFound when there is no account, or it is closed."""
    key = {"account_id": account_id}
    row = session().execute(PROFILE, key).one_or_none()
    if row is None:
        raise NotFound(_("There is no such account."))
    return Profile(
        account_id=account_id,
        language=row.language,
        given_name=row.given_name,
        family_name=row.family_name,
        preferred_name=row.preferred_name,
        date_of_birth=row.date_of_birth,
        email=row.email,
        email_confirmed_at=row.email_confirmed_at,
        phone=row.phone,
        contact_by=row.contact_by,
        contact_needs=row.contact_needs,
        addresses=tuple(
            PostalAddress(found.kind, found.uprn, tuple(found.lines), found.postcode, found.since_at)
            for found in session().execute(ADDRESSES, key)
        ),
        verified=tuple(VerifiedClaim(*found) for found in session().execute(VERIFIED, key)),
        email_change=EmailChange(row.new_email, row.expires_at) if row.new_email else None,
    )


def everything_about(account_id: uuid.UUID) -> dict[str, Any]:
    """All that this room keeps on one resident, as plain JSON values, for the download of their data."""
    profile = get_profile(account_id)
    key = {"account_id": account_id}
    return {
        "account": {
            "id": str(account_id),
            "language": profile.language,
            "opened_at": session().execute(OPENED, key).scalar_one().isoformat(),
        },
        "profile": {
            "given_name": profile.given_name,
            "family_name": profile.family_name,
            "preferred_name": profile.preferred_name,
            "date_of_birth": profile.date_of_birth.isoformat() if profile.date_of_birth else None,
            "email": profile.email,
            "email_confirmed_at": profile.email_confirmed_at.isoformat() if profile.email_confirmed_at else None,
            "phone": profile.phone,
            "contact_by": profile.contact_by,
            "contact_needs": profile.contact_needs,
        },
        "addresses": [
            {
                "kind": address.kind,
                "uprn": address.uprn,
                "lines": list(address.lines),
                "postcode": address.postcode,
                "since_at": address.since_at.isoformat(),
            }
            for address in profile.addresses
        ],
        "verified": [
            {
                "name": claim.name,
                "value": claim.value,
                "issuer": claim.issuer,
                "level": claim.level,
                "verified_at": claim.verified_at.isoformat(),
            }
            for claim in profile.verified
        ],
        "email_change": None
        if profile.email_change is None
        else {
            "email": profile.email_change.email,
            "expires_at": profile.email_change.expires_at.isoformat(),
        },
        "identities": [
            {
                "issuer": identity.issuer,
                "subject": identity.subject,
                "linked_at": identity.linked_at.isoformat(),
                "last_used_at": identity.last_used_at.isoformat(),
                "moved_to": identity.moved_to,
                "moved_at": identity.moved_at.isoformat() if identity.moved_at else None,
            }
            for identity in session().execute(IDENTITIES, key)
        ],
        "identities_waiting": [
            {
                "issuer": held.issuer,
                "since_at": held.created_at.isoformat(),
                "expires_at": held.expires_at.isoformat(),
            }
            for held in session().execute(WAITING, key)
        ],
    }
