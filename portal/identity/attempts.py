"""Unfinished sign-ins: begun, taken up once by their callback, forgotten after an hour."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast

from sqlalchemy import BigInteger, bindparam, delete, func, insert, select, update

from portal import clock
from portal.db.session import session
from portal.identity.models import SignInAttemptRow
from portal.identity.next_path import FRONT
from portal.identity.sealed import PATHS, seal, unseal
from portal.identity.secret_values import kept_as, new_secret

Purpose = Literal["sign_in", "step_up", "link", "prove", "staff"]
"""Why somebody goes to a provider: to sign in, to prove more for their session, to add a way of signing in, to prove
that an account is theirs; or, to a provider for staff alone, to sign in at the desk."""
LIFETIME: Final = timedelta(hours=1)
MOST_FOR_A_BROWSER: Final = 60
"""Many tabs are somebody's habit; more than this is a program. The oldest are dropped."""
OLD_ID_COUNTS: Final = timedelta(minutes=1)
"""How long the id that a browser had before it signed in still takes up what it began: the answer for a second tab
may be on its way while the first one's brings the new id."""

_ALONE = select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger)))
_WHOSE = select(SignInAttemptRow.browser_hash).where(SignInAttemptRow.state_hash == bindparam("state_hash"))


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in under way. `browser_hash` is of the browser that it belongs to; empty before it is written down."""

    provider: str
    issuer: str
    next_path: str
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    state: str = field(repr=False, default="")
    purpose: Purpose = "sign_in"
    account_id: uuid.UUID | None = None
    begun_at: datetime | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)
    """What was asked for beyond the scopes, as JSON values."""
    browser_hash: str = field(repr=False, default="")


class NoAttempt(Exception):
    """The callback belongs to no sign-in that could be finished. `code` says why, for the log."""

    def __init__(self, code: str, next_path: str = FRONT) -> None:
        super().__init__(code)
        self.code = code
        self.next_path = next_path


def new_attempt(
    *,
    provider: str,
    issuer: str,
    next_path: str,
    purpose: Purpose = "sign_in",
    account_id: uuid.UUID | None = None,
    asked: Mapping[str, Any] | None = None,
) -> Attempt:
    """A new sign-in, not yet written down: its request may have to be pushed to the provider first."""
    return Attempt(
        provider=provider,
        issuer=issuer,
        next_path=next_path,
        nonce=new_secret(),
        code_verifier=new_secret(),
        state=new_secret(),
        purpose=purpose,
        account_id=account_id,
        asked=asked or {},
    )


def write_down(attempt: Attempt, browser: str) -> None:
    """Keep a sign-in that this browser begins, and drop its oldest ones beyond what is reasonable."""
    browser_hash = kept_as(browser)
    session().execute(
        insert(SignInAttemptRow).values(
            state_hash=kept_as(attempt.state),
            browser_hash=browser_hash,
            provider=attempt.provider,
            issuer=attempt.issuer,
            nonce=attempt.nonce,
            code_verifier=attempt.code_verifier,
            next_path=seal(attempt.next_path, PATHS),
            purpose=attempt.purpose,
            account_id=attempt.account_id,
            asked=dict(attempt.asked),
            created_at=clock.now(),
        )
    )
    beyond = (
        select(SignInAttemptRow.state_hash)
        .where(SignInAttemptRow.browser_hash == browser_hash)
        .order_by(SignInAttemptRow.created_at.desc(), SignInAttemptRow.state_hash)
        .offset(MOST_FOR_A_BROWSER)
    )
    session().execute(delete(SignInAttemptRow).where(SignInAttemptRow.state_hash.in_(beyond)))


def take_attempt(state: str, browser: str | None, *, provider: str) -> Attempt:
    """The sign-in that `state` belongs to; it counts as used from now on. Raises NoAttempt with the cause."""
    row = session().scalar(select(SignInAttemptRow).where(SignInAttemptRow.state_hash == kept_as(state)))
    if row is None:
        raise NoAttempt("state_unknown")
    if browser is None:
        raise NoAttempt("cookie_missing")
    if not _is_of(row, kept_as(browser)):
        raise NoAttempt("other_browser")
    next_path = unseal(row.next_path, PATHS) or FRONT
    if row.used_at is not None:
        raise NoAttempt("replayed", next_path)
    if clock.now() - row.created_at > LIFETIME:
        raise NoAttempt("expired", next_path)
    # Two copies of one callback may arrive at once: only one of them changes the row.
    mine = session().scalar(
        update(SignInAttemptRow)
        .where(SignInAttemptRow.state_hash == row.state_hash, SignInAttemptRow.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(SignInAttemptRow.state_hash)
        .execution_options(synchronize_session=False)
    )
    if mine is None:
        raise NoAttempt("replayed", next_path)
    if row.provider != provider:
        raise NoAttempt("other_provider", next_path)  # one provider's answer at another one's address
    return Attempt(
        provider=row.provider,
        issuer=row.issuer,
        next_path=next_path,
        nonce=row.nonce,
        code_verifier=row.code_verifier,
        state=state,
        purpose=cast(Purpose, row.purpose),
        account_id=row.account_id,
        begun_at=row.created_at,
        asked=row.asked,
        browser_hash=row.browser_hash,
    )


def still_wanted(attempt: Attempt) -> str | None:
    """The hash of the browser that the sign-in belongs to now; None when it was given up, by signing out, meanwhile.

    Until this transaction ends, whoever signs out in that browser waits. Taken before any lock on an account.
    """
    found: str | None = attempt.browser_hash
    locked = None
    while found is not None and found != locked:  # another tab may have signed in: then the id is a new one
        _lock(found)
        locked, found = found, session().scalar(_WHOSE, {"state_hash": kept_as(attempt.state)})
    return found


def carry_over(old_browser_hash: str, new_browser: str) -> None:
    """The browser has a new id after signing in: its other tabs may still finish."""
    session().execute(
        update(SignInAttemptRow)
        .where(SignInAttemptRow.browser_hash == old_browser_hash)
        .values(browser_hash=kept_as(new_browser), browser_before=old_browser_hash, renewed_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def wait_for(browser: str) -> None:
    """Until the end of the transaction nothing that this browser began is finished; what is just being so, is by now.

    Taken first by who signs out: then come sessions, then what was begun, as for all who end them.
    """
    _lock(kept_as(browser))


def forget_attempts(browser: str) -> None:
    """Nothing that this browser began may be finished any more, be it on its way already."""
    wait_for(browser)
    session().execute(delete(SignInAttemptRow).where(SignInAttemptRow.browser_hash == kept_as(browser)))


def _is_of(row: SignInAttemptRow, browser_hash: str) -> bool:
    if row.browser_hash == browser_hash:
        return True
    lately = row.renewed_at is not None and clock.now() - row.renewed_at < OLD_ID_COUNTS
    return lately and row.browser_before == browser_hash


def _lock(browser_hash: str) -> None:
    session().execute(_ALONE, {"key": int.from_bytes(bytes.fromhex(browser_hash[:16]), signed=True)})
