"""Who is signed in. A session is a row; the cookie holds an opaque id and nothing else.

`load` asks one question of the database for session and account together. Everything else here reads what it found.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol, cast

from flask import g
from sqlalchemy import Row, bindparam, select, update

from portal import clock
from portal.accounts import operations as accounts
from portal.accounts.models import AccountRow, ProfileRow
from portal.accounts.values import Account
from portal.db.session import beside, session
from portal.errors import Forbidden
from portal.identity.assurance import Assurance
from portal.identity.ending import NOT_RENEWED, SAID
from portal.identity.models import AccountHoldRow, SessionRow
from portal.identity.secret_values import kept_as
from portal.settings.council import Sessions
from portal.web import cookies, languages
from portal.web.csrf import NOBODY, SESSION_COOKIE, made_for
from portal.web.languages import gettext as _
from portal.web.time_left import TimeLeft, warned_minutes

SEEN_EVERY: Final = timedelta(minutes=1)
TOLD_FOR: Final = timedelta(hours=24)
"""How long a browser is told that its session was ended elsewhere. Later, nobody remembers what it was about."""


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
    authenticated_at: datetime | None
    created_at: datetime
    last_seen_at: datetime
    refresh_due_at: datetime | None = None
    """When the provider is asked next whether the sign-in still counts: see `portal.identity.refresh`."""
    visit: "Visit | None" = None
    """Set when it is not the resident who is here, but staff in their place."""
    held_at: datetime | None = None
    """Since when nothing sensitive may be changed on this account: see `portal.identity.hold`."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A member of staff in a resident's place: to look, or to fill in forms for somebody who has rung.

    `channel` is how the caller came to us, and `identity_check` how staff made sure of them.
    """

    staff_id: uuid.UUID
    staff_session_id: uuid.UUID
    mode: Literal["look", "assist"]
    channel: str
    identity_check: str


class Lasting(Protocol):
    """A session as far as its end goes."""

    @property
    def id(self) -> uuid.UUID:
        """Its id."""

    @property
    def created_at(self) -> datetime:
        """When it began."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the cookie opened: a live session, or at least whose session it was and why it is over."""

    live: Session | None = None
    expired_account_id: uuid.UUID | None = None
    why: str | None = None
    """For the sign-in page, as in `ending.SENTENCES`."""


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
        SessionRow.refresh_due_at,
        SessionRow.ended_at,
        SessionRow.ended_why,
        SessionRow.staff_id,
        SessionRow.staff_session_id,
        SessionRow.mode,
        SessionRow.channel,
        SessionRow.identity_check,
        AccountRow.language,
        ProfileRow.preferred_name,
        ProfileRow.given_name,
        AccountHoldRow.held_at,
    )
    .join(AccountRow, AccountRow.id == SessionRow.account_id)
    .join(ProfileRow, ProfileRow.account_id == AccountRow.id, isouter=True)
    .join(AccountHoldRow, AccountHoldRow.account_id == AccountRow.id, isouter=True)
    .where(
        SessionRow.cookie_hash == bindparam("cookie_hash"),
        AccountRow.closed_at.is_(None),
    )
)
_NOW = (
    select(AccountHoldRow.held_at)
    .select_from(SessionRow)
    .join(AccountHoldRow, AccountHoldRow.account_id == SessionRow.account_id, isouter=True)
    .where(SessionRow.id == bindparam("session_id"), SessionRow.ended_at.is_(None))
    .with_for_update(of=SessionRow)
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
        made_for(str(found.live.account.id))
    return found


def forget_live(live: Session) -> Found:
    """This session has just been ended, by the provider: the rest of the request knows it no more."""
    found = Found(expired_account_id=live.account.id, why=SAID[NOT_RENEWED])
    g.identity_found = found
    for name in ("signed_in_as", "time_left"):
        g.pop(name, None)
    made_for(NOBODY)
    return found


def current_session_or_none() -> Session | None:
    """The session of who is signed in."""
    found: Found = g.get("identity_found") or Found()
    return found.live


def carry(live: Session | None) -> None:
    """In a thread that works for a request: the session of who is signed in there. What staff may see depends on it."""
    g.identity_found = Found(live)


def current_session() -> Session:
    """The session of who is signed in. Raises Forbidden; on pages that need sign-in it never does."""
    found = current_session_or_none()
    if found is None:
        raise Forbidden(_("Sign in to see this page."))
    return found


def after_waiting(before: Session) -> Session | None:
    """The session as it is now, and stays until the end of the transaction; None when somebody has ended it meanwhile.

    For those who waited for the network since the request began: a report, or a way out, may have come in between.
    """
    accounts.lock(before.account.id)
    row = session().execute(_NOW, {"session_id": before.id}).one_or_none()
    return replace(before, held_at=row.held_at) if row else None


def current_account_or_none() -> Account | None:
    """Who is signed in, on pages that are open to all."""
    found = current_session_or_none()
    return found.account if found else None


def current_account() -> Account:
    """Who is signed in. Raises Forbidden; on pages that need sign-in it never does."""
    return current_session().account


def current_actor() -> str:
    """Who is doing this, as cases and the audit trail say it: the resident, or staff in their place.

    Raises Forbidden when nobody is signed in.
    """
    live = current_session()
    return f"account:{live.account.id}" if live.visit is None else f"staff:{live.visit.staff_id}"


def actor_for(account_id: uuid.UUID) -> str:
    """Who does something with this resident's own things: staff in their place, else the resident themselves, whoever
    asks. For rooms that are also called where nobody is signed in.
    """
    live = current_session_or_none()
    return current_actor() if live is not None and live.account.id == account_id else f"account:{account_id}"


def current_channel() -> str:
    """How this comes to us: by the portal, or by staff who fill it in for somebody who has rung, come or written."""
    live = current_session_or_none()
    return "web" if live is None or live.visit is None else live.visit.channel


def current_identity_check() -> str:
    """How staff made sure of who has rung; empty for residents themselves."""
    live = current_session_or_none()
    return "" if live is None or live.visit is None else live.visit.identity_check


def mark_seen(found: Session) -> datetime:
    """Note that the resident is here, at most once a minute; the moment that counts as their last.

    In a transaction of its own: it neither waits for the page's nor is lost with it, and holds its lock for a moment.
    """
    now = clock.now()
    if now - found.last_seen_at < SEEN_EVERY:
        return found.last_seen_at
    with beside() as connection:
        connection.execute(_SEEN, {"session_id": found.id, "before": now - SEEN_EVERY, "seen_at": now})
    return now


def time_left(found: Lasting, limits: Sessions, *, seen_at: datetime) -> TimeLeft:
    """Until when this session lasts for somebody who was last here at `seen_at`: a resident's, or one of staff."""
    longest = found.created_at + timedelta(hours=limits.absolute_hours)
    ends_at = min(seen_at + timedelta(minutes=limits.idle_minutes), longest)
    return TimeLeft(
        ends_at=ends_at,
        seconds=max(0, int((ends_at - clock.now()).total_seconds())),
        warn_seconds=warned_minutes(limits) * 60,
        can_stay=ends_at < longest,
        longest_hours=limits.absolute_hours,
        mark=kept_as(str(found.id))[:12],
    )


def _look_up(value: str, limits: Sessions) -> Found:
    row = session().execute(_OPENED, {"cookie_hash": kept_as(value)}).one_or_none()
    if row is None:
        return Found()
    now = clock.now()
    if row.ended_at is not None:
        said = SAID.get(row.ended_why) if now - row.ended_at < TOLD_FOR else None
        return Found(expired_account_id=row.account_id, why=said) if said else Found()
    if now - row.last_seen_at > timedelta(minutes=limits.idle_minutes):
        return Found(expired_account_id=row.account_id, why="expired")
    if now - row.created_at > timedelta(hours=limits.absolute_hours):
        return Found(expired_account_id=row.account_id, why="expired")
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
            refresh_due_at=row.refresh_due_at,
            visit=_visit(row),
            held_at=row.held_at,
        )
    )


def _visit(row: Row[*tuple[Any, ...]]) -> Visit | None:  # the row of `_OPENED`, of too many columns to name twice
    if row.mode is None:
        return None
    mode = cast(Literal["look", "assist"], row.mode)
    return Visit(row.staff_id, row.staff_session_id, mode, row.channel or "", row.identity_check or "")
