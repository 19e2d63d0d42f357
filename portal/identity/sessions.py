"""Who is signed in. A session is a row; the cookie holds an opaque id and nothing else.

`load` asks one question of the database for session and account together. Everything else here reads what it found.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import g
from sqlalchemy import bindparam, select, update

from portal import clock
from portal.accounts.models import AccountRow, ProfileRow
from portal.accounts.values import Account
from portal.db.session import beside, session
from portal.errors import Forbidden
from portal.identity.assurance import Assurance
from portal.identity.models import SessionRow
from portal.identity.secret_values import kept_as
from portal.settings import Sessions
from portal.web import cookies, languages
from portal.web.csrf import SESSION_COOKIE
from portal.web.languages import gettext as _

SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A resident signed in with this browser. `sid` is the provider's name for its own session."""

    id: uuid.UUID
    account: Account
    provider: str
    issuer: str
    subject: str
    sid: str | None
    assurance: Assurance
    holds_post: bool
    authenticated_at: datetime
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What the cookie opened: a live session, or at least whose session it was that has run out."""

    live: Session | None = None
    expired_account_id: uuid.UUID | None = None


_OPENED = (
    select(
        SessionRow.id,
        SessionRow.account_id,
        SessionRow.provider,
        SessionRow.issuer,
        SessionRow.subject,
        SessionRow.sid,
        SessionRow.assurance,
        SessionRow.holds_post,
        SessionRow.authenticated_at,
        SessionRow.created_at,
        SessionRow.last_seen_at,
        AccountRow.language,
        ProfileRow.preferred_name,
        ProfileRow.given_name,
    )
    .join(AccountRow, AccountRow.id == SessionRow.account_id)
    .join(ProfileRow, ProfileRow.account_id == AccountRow.id, isouter=True)
    .where(
        SessionRow.cookie_hash == bindparam("cookie_hash"),
        SessionRow.ended_at.is_(None),
        AccountRow.closed_at.is_(None),
    )
)
_SEEN = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session_id"), SessionRow.last_seen_at < bindparam("before"))
    .values(last_seen_at=bindparam("seen_at"))
)


def load(limits: Sessions) -> Found:
    """Look the cookie up, once for each request, and keep what was found for `current_session`.

    The page speaks the account's language, unless a link or an earlier choice in this browser says another.
    """
    value = cookies.get(SESSION_COOKIE)
    found = _look_up(value, limits) if value else Found()
    g.identity_found = found
    if found.live is not None:
        g.signed_in_as = found.live.account.display_name
    return found


def current_session_or_none() -> Session | None:
    """The session of who is signed in."""
    found: Found = g.get("identity_found") or Found()
    return found.live


def current_session() -> Session:
    """The session of who is signed in. Raises Forbidden; on pages that need sign-in it never does."""
    found = current_session_or_none()
    if found is None:
        raise Forbidden(_("Sign in to see this page."))
    return found


def current_account_or_none() -> Account | None:
    """Who is signed in, on pages that are open to all."""
    found = current_session_or_none()
    return found.account if found else None


def current_account() -> Account:
    """Who is signed in. Raises Forbidden; on pages that need sign-in it never does."""
    return current_session().account


def mark_seen(found: Session) -> None:
    """Note that the resident is here, at most once a minute.

    In a transaction of its own: it neither waits for the page's nor is lost with it, and holds its lock for a moment.
    """
    now = clock.now()
    if now - found.last_seen_at < SEEN_EVERY:
        return
    with beside() as connection:
        connection.execute(_SEEN, {"session_id": found.id, "before": now - SEEN_EVERY, "seen_at": now})


def _look_up(value: str, limits: Sessions) -> Found:
    row = session().execute(_OPENED, {"cookie_hash": kept_as(value)}).one_or_none()
    if row is None:
        return Found()
    now = clock.now()
    if now - row.last_seen_at > timedelta(minutes=limits.idle_minutes):
        return Found(expired_account_id=row.account_id)
    if now - row.created_at > timedelta(hours=limits.absolute_hours):
        return Found(expired_account_id=row.account_id)
    languages.prefer(row.language)
    return Found(
        live=Session(
            id=row.id,
            account=Account(row.account_id, row.preferred_name or row.given_name or _("Resident"), row.language),
            provider=row.provider,
            issuer=row.issuer,
            subject=row.subject,
            sid=row.sid,
            assurance=Assurance(row.assurance),
            holds_post=row.holds_post,
            authenticated_at=row.authenticated_at,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
        )
    )
