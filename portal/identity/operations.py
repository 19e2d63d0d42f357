"""Begin and end sessions."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, DateTime, bindparam, delete, insert, select

from portal import clock
from portal.accounts import operations as accounts
from portal.accounts.values import Account
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import Conflict
from portal.identity import attempts, held_posts, logouts, refresh
from portal.identity.ending import BY_THEMSELVES, EVERYWHERE, NOT_ME, end_those
from portal.identity.exchange import SignInFailed
from portal.identity.models import (
    AccountHoldRow,
    HeldPostRow,
    KnownDeviceRow,
    LogoutTokenRow,
    SessionRow,
    SignInAttemptRow,
    SignInNoticeRow,
)
from portal.identity.relying_party import Proven
from portal.identity.sealed import seal, unseal
from portal.identity.secret_values import kept_as, new_secret
from portal.identity.sessions import Session
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job

KEPT: Final = timedelta(days=30)
"""How long an ended session is remembered, so that a resident can see where they were signed in."""


_ALL_ENDED = (
    select(SessionRow.id)
    .where(
        SessionRow.account_id == bindparam("account_id"),
        SessionRow.ended_why.in_([EVERYWHERE, NOT_ME]),
        SessionRow.ended_at > bindparam("since", type_=DateTime(timezone=True)),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Started:
    """A new session, and the value of its cookie."""

    account: Account
    session_id: uuid.UUID
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Left:
    """A session that somebody has signed out of, with the ID token that was kept for telling the provider."""

    provider: str
    id_token: str | None = field(repr=False)


def start_session(
    proven: Proven,
    *,
    old_cookie: str | None,
    old_browser_hash: str,
    new_browser: str,
    device: str,
    continues: Session | None = None,
) -> Started:
    """Sign in to the account that the identity opens.

    `continues` is a session of the same account for which more has been proved: this one takes its place and lasts no
    longer than it would have.

    The session that this browser had is ended; the id is always new, so that none can be planted beforehand.
    Raises NotFound when the account is closed.
    """
    account = accounts.account_for_identity(
        issuer=proven.issuer,
        subject=proven.subject,
        claims=proven.claims,
        level=proven.assurance.name.lower(),
    )
    if old_cookie:
        _replace(old_cookie, proven)
    attempts.carry_over(old_browser_hash, new_browser)
    held_for = held_posts.carry_over(old_browser_hash, new_browser, account.id)
    cookie, session_id, now = new_secret(), uuid.uuid4(), clock.now()
    session().execute(
        insert(SessionRow).values(
            id=session_id,
            cookie_hash=kept_as(cookie),
            account_id=account.id,
            provider=proven.provider,
            issuer=proven.issuer,
            subject=proven.subject,
            sid=proven.sid,
            id_token=seal(proven.id_token),
            **refresh.first(proven, now),
            assurance=int(proven.assurance),
            device=device,
            holds_post=bool(held_for),
            authenticated_at=_moment(proven.auth_time),
            created_at=continues.created_at if continues else now,
            last_seen_at=now,
        )
    )
    audit.record(
        "identity.stepped_up" if continues else "identity.signed_in",
        actor=f"account:{account.id}",
        subject=f"session:{session_id}",
        account_id=account.id,
        provider=proven.provider,
        assurance=proven.assurance.name.lower(),
    )
    return Started(account, session_id, cookie)


def hold_still(proven: Proven) -> uuid.UUID | None:
    """The account that is about to be entered, if there is one yet. Raises SignInFailed when that was ended meanwhile.

    From here to the end of the transaction nobody signs them out at the provider, nor reports or changes the account:
    they wait, and then find the session.
    """
    logouts.refuse_if_overtaken(proven)
    try:
        return accounts.lock_owner(issuer=proven.issuer, subject=proven.subject)
    except Conflict:
        raise SignInFailed("way_removed_meanwhile") from None


def refuse_if_all_ended(account_id: uuid.UUID, proven: Proven) -> None:
    """Nobody is let in who set out before their owner signed everybody out. Raises SignInFailed."""
    if proven.begun_at is None:
        return
    if session().scalar(_ALL_ENDED, {"account_id": account_id, "since": proven.begun_at}) is not None:
        raise SignInFailed("signed_out_meanwhile")


def id_token_of(session_id: uuid.UUID) -> str | None:
    """The ID token that a session was begun with, to tell its provider whom we mean."""
    return unseal(session().scalar(select(SessionRow.id_token).where(SessionRow.id == session_id)))


def sign_out(*, cookie: str | None, browser: str | None) -> Left | None:
    """Sign this browser out; the session that it had, to tell its provider. One that has run out counts as well.

    All that the browser began or was sending is forgotten: somebody is leaving, perhaps a computer that others use.
    """
    if browser is not None:
        attempts.wait_for(browser)
    left = _leave(cookie) if cookie else None
    _forget_what_was_begun(browser)
    return left


def end_session(session_id: uuid.UUID, account_id: uuid.UUID, *, browser: str | None) -> str | None:
    """Sign out; the ID token that was kept for telling the provider, when there is one."""
    if browser is not None:
        attempts.wait_for(browser)
    id_token = session().scalar(select(SessionRow.id_token).where(SessionRow.id == session_id))
    _end(SessionRow.id == session_id, why="signed_out")
    _forget_what_was_begun(browser)
    audit.record(
        "identity.signed_out",
        actor=f"account:{account_id}",
        subject=f"session:{session_id}",
        account_id=account_id,
    )
    return unseal(id_token)


def end_sessions(account_id: uuid.UUID, *, why: str, but: uuid.UUID | None = None) -> int:
    """End every session of an account, or every one but this; how many there were. Their tokens are gone with them."""
    accounts.lock(account_id)  # a callback that is under way ends before, and is counted here, or finds out after
    mine = SessionRow.account_id == account_id
    return _end(mine if but is None else mine & (SessionRow.id != but), why=why)


def end_one_of_mine(account_id: uuid.UUID, session_id: uuid.UUID) -> bool:
    """Sign one's own account out at another browser. False when that is not a session of theirs that is open."""
    return _end((SessionRow.account_id == account_id) & (SessionRow.id == session_id), why=BY_THEMSELVES) == 1


def forget(account_id: uuid.UUID) -> None:
    """Erase all that this room keeps of a person: where they were signed in, what they were sending, reports."""
    accounts.lock(account_id)
    for table in (SessionRow, SignInAttemptRow, HeldPostRow, KnownDeviceRow, SignInNoticeRow, AccountHoldRow):
        session().execute(delete(table).where(table.account_id == account_id))


def note_failure(provider: str, code: str) -> None:
    """Write a failed sign-in into the audit trail. `code` is one of ours, never the provider's words."""
    audit.record("identity.sign_in_failed", actor="system:identity", subject=f"provider:{provider}", code=code)


@job("identity.tidy", cron="*/10 * * * *")
def tidy() -> None:
    """Delete what has run out: unfinished sign-ins, held forms, sessions of long ago; and tokens of dead sessions."""
    now = clock.now()
    delete_in_portions(SignInAttemptRow, SignInAttemptRow.created_at < now - attempts.LIFETIME)
    delete_in_portions(HeldPostRow, HeldPostRow.created_at < now - held_posts.LIFETIME)
    delete_in_portions(LogoutTokenRow, LogoutTokenRow.forget_at < now)
    # No session lives for more than a day (settings allow no more), and what was held for it is gone a day later.
    _end(SessionRow.created_at < now - timedelta(days=2), why="ran_out")
    delete_in_portions(SessionRow, SessionRow.created_at < now - KEPT)


def _leave(cookie: str) -> Left | None:
    mine = SessionRow.cookie_hash == kept_as(cookie)
    columns = select(SessionRow.id, SessionRow.account_id, SessionRow.provider, SessionRow.id_token)
    row = session().execute(columns.where(mine, SessionRow.ended_at.is_(None))).one_or_none()
    if row is None:
        return None
    _end(mine, why="signed_out")
    audit.record(
        "identity.signed_out",
        actor=f"account:{row.account_id}",
        subject=f"session:{row.id}",
        account_id=row.account_id,
    )
    return Left(row.provider, unseal(row.id_token))


def _forget_what_was_begun(browser: str | None) -> None:
    if browser is not None:
        attempts.forget_attempts(browser)
        held_posts.forget_held(browser)


def _replace(old_cookie: str, proven: Proven) -> None:
    """End the session that this browser had.

    When it was the same person's, its refresh token is forgotten and not revoked: with some providers (Keycloak) it is
    of the same session there as the new one, and revoking either ends both.
    """
    theirs = SessionRow.cookie_hash == kept_as(old_cookie)
    same_person = (SessionRow.issuer == proven.issuer) & (SessionRow.subject == proven.subject)
    end_those(theirs & same_person, why="replaced", revoked=True)
    end_those(theirs, why="replaced")


def _end(which: ColumnElement[bool], *, why: str) -> int:
    return len(end_those(which, why=why))


def _moment(seconds: float | None) -> datetime | None:
    """The provider's time of authentication, never in the future: clocks differ."""
    return None if seconds is None else min(datetime.fromtimestamp(seconds, UTC), clock.now())
