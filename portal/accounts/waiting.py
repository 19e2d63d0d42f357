"""A person comes by a new provider with an e-mail address that an account has. Their identity waits for proof.

Never merged for the address alone: addresses are passed on, shared by families and taken over. Never sent away to
begin anew either. How the account is proven is in `portal.accounts.proofs`.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, exists, func, insert, literal, select, text, update
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts import claims as worth
from portal.accounts import identities
from portal.accounts.identities import Way
from portal.accounts.models import (
    AccountRow,
    IdentityRow,
    ProfileRow,
    VerifiedClaimRow,
    WaitingCandidateRow,
    WaitingIdentityRow,
)
from portal.audit import operations as audit
from portal.db.session import session
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job

LASTS: Final = timedelta(hours=1)
MOVED_KEPT: Final = timedelta(days=180)
"""How long an identity is kept after it was moved and last used: so long a move can be taken back."""
MOST_CANDIDATES: Final = 5
"""So many may share one mailbox. More is a desk's own address, and of no use for finding somebody's account."""

_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended(lower(:email), 16))")
_HAVE_IT = (
    select(ProfileRow.account_id)
    .where(func.lower(ProfileRow.email) == func.lower(bindparam("email")), ProfileRow.email_confirmed_at.is_not(None))
    .union(
        select(VerifiedClaimRow.account_id).where(
            # Written out, not bound: the index is for this name alone.
            VerifiedClaimRow.name == literal("email", literal_execute=True),
            func.lower(VerifiedClaimRow.value) == func.lower(bindparam("email")),
        )
    )
)
_CANDIDATES = (
    select(AccountRow.id)
    .where(AccountRow.id.in_(_HAVE_IT), AccountRow.closed_at.is_(None))
    .order_by(AccountRow.created_at, AccountRow.id)
    .limit(MOST_CANDIDATES)
)
_SAID_THERE = select(VerifiedClaimRow.value).where(
    VerifiedClaimRow.account_id == bindparam("account_id"),
    VerifiedClaimRow.issuer == bindparam("issuer"),
    VerifiedClaimRow.name == "email",
)
_OTHER = aliased(IdentityRow)
# The last way into an account stays, whatever became of the one that took its place.
_HAS_ANOTHER = exists().where(_OTHER.account_id == IdentityRow.account_id, _OTHER.moved_at.is_(None))
_WAITING = select(
    WaitingIdentityRow.id,
    WaitingIdentityRow.provider,
    WaitingIdentityRow.issuer,
    WaitingIdentityRow.subject,
    WaitingIdentityRow.next_path,
    WaitingIdentityRow.apart,
).where(WaitingIdentityRow.browser_hash == bindparam("browser_hash"), WaitingIdentityRow.expires_at > bindparam("now"))
_CALLED = (
    select(IdentityRow.id)
    .where(IdentityRow.account_id == WaitingCandidateRow.account_id, IdentityRow.moved_to == bindparam("issuer"))
    .exists()
)
_CANDIDATES_OF = (
    select(
        WaitingCandidateRow.account_id,
        WaitingCandidateRow.by_mail,
        WaitingCandidateRow.token_hash,
        _CALLED.label("called"),
    )
    .where(WaitingCandidateRow.waiting_id == bindparam("waiting_id"))
    .order_by(WaitingCandidateRow.account_id)
)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who came back from a provider, proven, and where they were going. `level` is what the sign-in is worth to us."""

    provider: str
    issuer: str
    subject: str
    level: str
    next_path: str
    claims: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that it may be.

    `by_mail`: its own mailbox is proof enough. `called`: the council is moving its people to this very provider.
    """

    account_id: uuid.UUID
    by_mail: bool
    token_hash: str | None
    called: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An identity that waits in this browser. `apart`: its person wants an account of their own."""

    id: uuid.UUID
    provider: str
    issuer: str
    subject: str
    next_path: str
    apart: bool
    candidates: tuple[Candidate, ...]

    @property
    def called(self) -> bool:
        """Whether the council has changed providers, so that the old way is about to end."""
        return any(candidate.called for candidate in self.candidates)

    def find_candidate(self, account_id: uuid.UUID) -> Candidate | None:
        """That account, when it may be theirs."""
        return next((each for each in self.candidates if each.account_id == account_id), None)


def hold_back(newcomer: Newcomer, *, browser_hash: str, usable: Collection[str]) -> bool:
    """Let an unknown identity wait when an account has its verified e-mail address; says whether it waits.

    `usable` are the issuers that somebody can sign in with today. Whoever has asked for an account of their own is let
    through once.
    """
    confirmed = worth.verified(newcomer.claims, newcomer.level)
    email = confirmed.get("email")
    if email is None or _is_known(newcomer):
        return False
    # Two tabs that come back at once would each find the account that the other has just opened.
    session().execute(_ONE_AT_A_TIME, {"email": email})
    if _is_known(newcomer):
        return False
    before = find(browser_hash)
    session().execute(delete(WaitingIdentityRow).where(WaitingIdentityRow.browser_hash == browser_hash))
    if before is not None and before.apart and (before.issuer, before.subject) == (newcomer.issuer, newcomer.subject):
        return False
    candidates = _candidates(email, worth.birthdate(confirmed))
    if candidates:
        _wait(newcomer, browser_hash, {each: _mail_is_enough(each, newcomer, email, usable) for each in candidates})
    return bool(candidates)


def leads_in(way: Way, *, to: str, same_address: bool, usable: Collection[str]) -> bool:
    """Whether the resident can still be expected to sign in by this way, so that a mailbox alone proves nothing.

    Not when its provider is gone, or the council moves its people to the newcomer's issuer `to`. Nor when the newcomer
    comes from that same provider with the address that it last confirmed for this way: a provider gives an address to
    one person at a time, so what they had there was deleted and made anew.
    """
    if way.issuer not in usable or way.moved_to == to:
        return False
    return way.issuer != to or not same_address


def find(browser_hash: str) -> Waiting | None:
    """What waits in this browser."""
    row = session().execute(_WAITING, {"browser_hash": browser_hash, "now": clock.now()}).one_or_none()
    if row is None:
        return None
    candidates = session().execute(_CANDIDATES_OF, {"waiting_id": row.id, "issuer": row.issuer})
    return Waiting(*row, candidates=tuple(Candidate(*each) for each in candidates))


def set_apart(waiting: Waiting) -> None:
    """The person says that the account is not theirs: coming back by the provider once more opens a new one."""
    session().execute(update(WaitingIdentityRow).where(WaitingIdentityRow.id == waiting.id).values(apart=True))


def drop(waiting: Waiting) -> None:
    """Nothing waits any more."""
    session().execute(delete(WaitingIdentityRow).where(WaitingIdentityRow.id == waiting.id))


@job("accounts.tidy", cron="*/10 * * * *")
def tidy() -> None:
    """Delete what has waited for too long, and the old halves of moves of long ago."""
    now = clock.now()
    delete_in_portions(WaitingIdentityRow, WaitingIdentityRow.expires_at < now)
    long_ago = now - MOVED_KEPT
    delete_in_portions(
        IdentityRow, (IdentityRow.moved_at < long_ago) & (IdentityRow.last_used_at < long_ago) & _HAS_ANOTHER
    )


def _is_known(newcomer: Newcomer) -> bool:
    return identities.find_owner(issuer=newcomer.issuer, subject=newcomer.subject) is not None


def _candidates(email: str, born: date | None) -> list[uuid.UUID]:
    """The open accounts with this verified address, without those of people born on another day."""
    found = session().scalars(_CANDIDATES, {"email": email}).all()
    return [account_id for account_id in found if not identities.is_other_person(account_id, born)]


def _mail_is_enough(account_id: uuid.UUID, newcomer: Newcomer, email: str, usable: Collection[str]) -> bool:
    key = {"account_id": account_id, "issuer": newcomer.issuer}
    said = session().execute(_SAID_THERE, key).scalar_one_or_none()
    same = said is not None and said.lower() == email.lower()
    ways = identities.ways_of(account_id)
    return not any(leads_in(way, to=newcomer.issuer, same_address=same, usable=usable) for way in ways)


def _wait(newcomer: Newcomer, browser_hash: str, candidates: Mapping[uuid.UUID, bool]) -> None:
    waiting_id, now = uuid.uuid4(), clock.now()
    session().execute(
        insert(WaitingIdentityRow).values(
            id=waiting_id,
            browser_hash=browser_hash,
            provider=newcomer.provider,
            issuer=newcomer.issuer,
            subject=newcomer.subject,
            next_path=newcomer.next_path,
            apart=False,
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    for account_id, by_mail in candidates.items():
        session().execute(
            insert(WaitingCandidateRow).values(waiting_id=waiting_id, account_id=account_id, by_mail=by_mail)
        )
        audit.record(
            "identity.waits", actor="system:accounts", account_id=account_id, issuer=newcomer.issuer, by_mail=by_mail
        )
