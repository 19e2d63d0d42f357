"""The ways of signing in to an account. Each is an identity at a provider, proven before it is linked.

Who asks has proven both sides; this room only makes sure that an identity opens one account, and that an account
never loses its last way in. Each change is told to the account's own e-mail address.
"""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import clock
from portal.accounts import operations
from portal.accounts.models import (
    IdentityRow,
    ProfileRow,
    VerifiedClaimRow,
    WaitingCandidateRow,
    WaitingIdentityRow,
)
from portal.accounts.values import Account
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused
from portal.notify import operations as notify
from portal.web.languages import gettext as _

OWNER = select(IdentityRow.account_id).where(
    IdentityRow.issuer == bindparam("issuer"), IdentityRow.subject == bindparam("subject")
)
WAYS = (
    select(
        IdentityRow.id,
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
ADDRESS = select(ProfileRow.email).where(
    ProfileRow.account_id == bindparam("account_id"), ProfileRow.email_confirmed_at.is_not(None)
)
BIRTHDATES = select(VerifiedClaimRow.issuer, VerifiedClaimRow.value).where(
    VerifiedClaimRow.account_id == bindparam("account_id"), VerifiedClaimRow.name == "birthdate"
)


@dataclass(frozen=True, slots=True)
class Way:
    """One identity that opens the account. `moved_at` is set once another has taken its place."""

    id: uuid.UUID
    issuer: str
    subject: str
    linked_at: datetime
    last_used_at: datetime
    moved_to: str | None
    moved_at: datetime | None


def find_owner(*, issuer: str, subject: str) -> uuid.UUID | None:
    """The id of the account that this identity opens."""
    return session().execute(OWNER, {"issuer": issuer, "subject": subject}).scalar_one_or_none()


def ways_of(account_id: uuid.UUID) -> tuple[Way, ...]:
    """Every identity of the account, the oldest first."""
    return tuple(Way(*row) for row in session().execute(WAYS, {"account_id": account_id}))


def get_way(account: Account, way_id: uuid.UUID) -> Way:
    """One of the account's own. Raises NotFound."""
    for way in ways_of(account.id):
        if way.id == way_id:
            return way
    raise NotFound(_("There is no such way of signing in on your account."))


def find_address(account_id: uuid.UUID) -> str | None:
    """The e-mail address that the account's resident has confirmed."""
    return session().execute(ADDRESS, {"account_id": account_id}).scalar_one_or_none()


def is_other_person(account_id: uuid.UUID, born: date | None, *, own: str | None = None) -> bool:
    """Whether a provider has checked that the resident was born on another day.

    The one fact that a person keeps for life; names change with marriage, addresses with a move. `own` is the issuer
    that says so now of an identity which opens the account already: it may put right what it said before, unless
    several of its people open the account, when it may have said that of another one.
    """
    if born is None:
        return False
    known = session().execute(BIRTHDATES, {"account_id": account_id})
    others = {row.issuer for row in known if row.value != born.isoformat()}
    if own in others and sum(way.issuer == own for way in ways_of(account_id)) == 1:
        others.remove(own)
    return bool(others)


def link(account: Account, *, issuer: str, subject: str, title: str, proven_by: str, born: date | None = None) -> None:
    """Let this identity open the account too. Doing it twice is doing it once.

    `title` is the provider's name in the account's language; `proven_by` says how the account was proven
    (`session`, `old_way`, `mail`); `born` is the date of birth, when the provider has checked it.
    Raises Conflict when it opens another account, Refused when it is another person's.
    """
    if is_other_person(account.id, born):
        raise Refused(_("Your date of birth there is not the one that was confirmed for this account."))
    now = clock.now()
    made = session().scalar(
        upsert(IdentityRow)
        .values(
            id=uuid.uuid4(),
            account_id=account.id,
            issuer=issuer,
            subject=subject,
            linked_at=now,
            last_used_at=now,
        )
        .on_conflict_do_nothing(index_elements=["issuer", "subject"])
        .returning(IdentityRow.id)
    )
    if made is None:
        if find_owner(issuer=issuer, subject=subject) != account.id:
            raise Conflict(_("This way of signing in belongs to another account."))
        return
    session().execute(
        update(IdentityRow)
        .where(
            IdentityRow.account_id == account.id,
            IdentityRow.moved_to == issuer,
            IdentityRow.moved_at.is_(None),
        )
        .values(moved_at=now)
    )
    audit.record(
        "identity.linked",
        actor=f"account:{account.id}",
        subject=f"identity:{made}",
        account_id=account.id,
        issuer=issuer,
        proven_by=proven_by,
    )
    _tell(account, "accounts/mail/way_added.txt", title)


def unlink(account: Account, way_id: uuid.UUID, *, usable: Collection[str], title: str) -> Way:
    """Take a way of signing in off the account. `usable` are the issuers that somebody can sign in with today.

    Raises NotFound, and Refused when no other way would be left that leads in.
    """
    # Two removals at the same moment would each count the other's as the one that is left.
    operations.lock(account.id)
    way = get_way(account, way_id)
    if why_kept := why_not_removed(way, ways_of(account.id), usable):
        raise Refused(why_kept)
    _take(account, way, title)
    return way


def unlink_since(
    account: Account, since: datetime, *, but: Collection[uuid.UUID], title: Callable[[str, str], str]
) -> tuple[Way, ...]:
    """Take away every way that was added since then, but for these. Those that are gone.

    `title` gives an issuer's name in a language.
    """
    operations.lock(account.id)
    late = tuple(way for way in ways_of(account.id) if way.linked_at > since and way.id not in but)
    for way in late:
        _take(account, way, title(way.issuer, account.language))
    return late


def why_not_removed(way: Way, ways: Collection[Way], usable: Collection[str]) -> str | None:
    """Why this one has to stay: no other leads in. One whose provider is gone, or that was moved, does not count."""
    if any(other.id != way.id and other.issuer in usable and other.moved_at is None for other in ways):
        return None
    return _("This is the only way to sign in to your account. Add another way before you remove it.")


def forget(account_id: uuid.UUID) -> None:
    """Erase every identity of a person, what providers verified, and what waits for their account."""
    theirs = select(WaitingCandidateRow.waiting_id).where(WaitingCandidateRow.account_id == account_id)
    session().execute(delete(WaitingIdentityRow).where(WaitingIdentityRow.id.in_(theirs)))
    for row in (IdentityRow, VerifiedClaimRow):
        session().execute(delete(row).where(row.account_id == account_id))


def _take(account: Account, way: Way, title: str) -> None:
    """Take one way away, with what its provider alone has said; one that was moved there leads in again."""
    session().execute(delete(IdentityRow).where(IdentityRow.id == way.id))
    if not any(other.issuer == way.issuer for other in ways_of(account.id)):
        session().execute(
            delete(VerifiedClaimRow).where(
                VerifiedClaimRow.account_id == account.id, VerifiedClaimRow.issuer == way.issuer
            )
        )
        session().execute(
            update(IdentityRow)
            .where(IdentityRow.account_id == account.id, IdentityRow.moved_to == way.issuer)
            .values(moved_at=None)
        )
    audit.record(
        "identity.unlinked",
        actor=f"account:{account.id}",
        subject=f"identity:{way.id}",
        account_id=account.id,
        issuer=way.issuer,
    )
    _tell(account, "accounts/mail/way_removed.txt", title)


def _tell(account: Account, template: str, title: str) -> None:
    address = find_address(account.id)
    if address is not None:
        notify.send(address, template, account.language, account.id, provider=title)
