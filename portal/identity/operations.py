"""Begin and end sessions."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, insert, select, update

from portal import clock
from portal.accounts import operations as accounts
from portal.accounts.values import Account
from portal.audit import operations as audit
from portal.db.session import session
from portal.identity import attempts, held_posts
from portal.identity.models import HeldPostRow, SessionRow, SignInAttemptRow
from portal.identity.relying_party import Proven
from portal.identity.secret_values import kept_as, new_secret
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job

KEPT: Final = timedelta(days=30)
"""How long an ended session is remembered, so that a resident can see where they were signed in."""


@dataclass(frozen=True, slots=True)
class Started:
    """A new session: the value of its cookie, and the paths for which something that was typed waits."""

    account: Account
    cookie: str = field(repr=False)
    held_for: frozenset[str]


def start_session(
    proven: Proven, *, old_cookie: str | None, old_browser: str, new_browser: str, device: str
) -> Started:
    """Sign in to the account that the identity opens.

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
        _end(SessionRow.cookie_hash == kept_as(old_cookie), why="replaced")
    attempts.carry_over(old_browser, new_browser)
    held_for = held_posts.carry_over(old_browser, new_browser, account.id)
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
            id_token=proven.id_token,
            assurance=int(proven.assurance),
            device=device,
            holds_post=bool(held_for),
            authenticated_at=_moment(proven.auth_time) or now,
            created_at=now,
            last_seen_at=now,
        )
    )
    audit.record(
        "identity.signed_in",
        actor=f"account:{account.id}",
        subject=f"session:{session_id}",
        account_id=account.id,
        provider=proven.provider,
        assurance=proven.assurance.name.lower(),
    )
    return Started(account, cookie, held_for)


def end_session(session_id: uuid.UUID, account_id: uuid.UUID, *, browser: str | None) -> str | None:
    """Sign out; the ID token that was kept for telling the provider, when there is one."""
    id_token = session().scalar(select(SessionRow.id_token).where(SessionRow.id == session_id))
    _end(SessionRow.id == session_id, why="signed_out")
    if browser is not None:
        attempts.forget_attempts(browser)
        held_posts.forget_held(browser)
    audit.record(
        "identity.signed_out",
        actor=f"account:{account_id}",
        subject=f"session:{session_id}",
        account_id=account_id,
    )
    return id_token


def note_failure(provider: str, code: str) -> None:
    """Write a failed sign-in into the audit trail. `code` is one of ours, never the provider's words."""
    audit.record("identity.sign_in_failed", actor="system:identity", subject=f"provider:{provider}", code=code)


@job("identity.tidy", cron="*/10 * * * *")
def tidy() -> None:
    """Delete what has run out: unfinished sign-ins, held forms, sessions of long ago; and tokens of dead sessions."""
    now = clock.now()
    delete_in_portions(SignInAttemptRow, SignInAttemptRow.created_at < now - attempts.LIFETIME)
    delete_in_portions(HeldPostRow, HeldPostRow.created_at < now - held_posts.LIFETIME)
    # No session lives for more than a day (settings allow no more), and what was held for it is gone a day later.
    session().execute(
        update(SessionRow)
        .where(SessionRow.ended_at.is_(None), SessionRow.created_at < now - timedelta(days=2))
        .values(ended_at=now, ended_why="ran_out", id_token=None)
        .execution_options(synchronize_session=False)
    )
    delete_in_portions(SessionRow, SessionRow.created_at < now - KEPT)


def _end(which: ColumnElement[bool], *, why: str) -> None:
    session().execute(
        update(SessionRow)
        .where(which, SessionRow.ended_at.is_(None))
        .values(ended_at=clock.now(), ended_why=why, id_token=None)
        .execution_options(synchronize_session=False)
    )


def _moment(seconds: float | None) -> datetime | None:
    """The provider's time of authentication, never in the future: clocks differ."""
    return None if seconds is None else min(datetime.fromtimestamp(seconds, UTC), clock.now())
