"""Which member of staff is signed in. A row of its own table and a cookie of its own: a resident's opens nothing here.

The cookie stands at the root of the host although only /desk reads it: a cookie with `__Host-` in its name can be
planted by no neighbouring host, and that name is for the root alone.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from flask import g
from sqlalchemy import bindparam, select, update

from portal import clock
from portal.db.session import beside, session
from portal.errors import Forbidden
from portal.identity.secret_values import kept_as
from portal.settings.staff import Desk
from portal.staff.models import StaffMemberRow, StaffSessionRow
from portal.staff.values import Staff, StaffSession
from portal.web import cookies, languages
from portal.web.csrf import NOBODY, made_for
from portal.web.languages import gettext as _
from portal.web.state import web_state

COOKIE: Final = "staff"
SEEN_EVERY: Final = timedelta(minutes=1)
TOLD_FOR: Final = timedelta(hours=12)

_OPENED = (
    select(
        StaffSessionRow.id,
        StaffSessionRow.provider,
        StaffSessionRow.issuer,
        StaffSessionRow.subject,
        StaffSessionRow.sid,
        StaffSessionRow.authenticated_at,
        StaffSessionRow.created_at,
        StaffSessionRow.last_seen_at,
        StaffSessionRow.refresh_due_at,
        StaffSessionRow.ended_at,
        StaffSessionRow.ended_why,
        StaffMemberRow.id.label("staff_id"),
        StaffMemberRow.name,
        StaffMemberRow.email,
        StaffMemberRow.groups,
        StaffMemberRow.language,
    )
    .join(StaffMemberRow, StaffMemberRow.id == StaffSessionRow.staff_id)
    .where(StaffSessionRow.cookie_hash == bindparam("cookie_hash"))
)
_SEEN = (
    update(StaffSessionRow)
    .where(StaffSessionRow.id == bindparam("session_id"), StaffSessionRow.last_seen_at < bindparam("before"))
    .values(last_seen_at=bindparam("seen_at"))
)
_MEMBER = select(
    StaffMemberRow.id, StaffMemberRow.name, StaffMemberRow.email, StaffMemberRow.groups, StaffMemberRow.language
).where(StaffMemberRow.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Found:
    """What the cookie opened: a live session, or why it opens none any more, in a word of `ending.SENTENCES`."""

    live: StaffSession | None = None
    why: str | None = None


def load(limits: Desk) -> Found:
    """Look the cookie up, once for each request to the desk, and keep what was found for `current_staff`."""
    value = cookies.get(COOKIE)
    found = _look_up(value, limits) if value else Found()
    g.staff_found = found
    if found.live is not None:
        languages.prefer(found.live.staff.language)
        made_for(str(found.live.staff.id))
    return found


def current_staff_session_or_none() -> StaffSession | None:
    """The session of the member of staff at this browser, on pages of the desk."""
    found: Found = g.get("staff_found") or Found()
    return found.live


def current_staff_session() -> StaffSession:
    """The same. Raises Forbidden; on pages of the desk it never does."""
    live = current_staff_session_or_none()
    if live is None:
        raise Forbidden(_("Sign in at the desk to see this page."))
    return live


def current_staff() -> Staff:
    """Who works here. Raises Forbidden; on pages of the desk it never does."""
    return current_staff_session().staff


def find_members(ids: set[uuid.UUID]) -> dict[uuid.UUID, Staff]:
    """The members of staff with these ids, for pages of the desk that say who did something. Never for residents."""
    rows = session().execute(_MEMBER, {"ids": list(ids)}) if ids else ()
    return {row.id: Staff(row.id, row.name, row.email, tuple(row.groups), row.language) for row in rows}


def with_groups(live: StaffSession, groups: tuple[str, ...]) -> StaffSession:
    """The session as this request knows it, once the provider has said which groups they are in now."""
    now = replace(live, staff=replace(live.staff, groups=groups))
    g.staff_found = Found(now)
    g.pop("staff_grants", None)
    return now


def forget_live(why: str) -> Found:
    """This session has just been ended, by the provider: the rest of the request knows it no more."""
    g.staff_found = Found(why=why)
    for name in ("signed_in_as", "time_left", "staff_grants"):
        g.pop(name, None)
    made_for(NOBODY)
    return Found(why=why)


def mark_seen(live: StaffSession) -> datetime:
    """Note that they are here, at most once a minute, in a transaction of its own; the moment that counts as last."""
    now = clock.now()
    if now - live.last_seen_at < SEEN_EVERY:
        return live.last_seen_at
    with beside() as connection:
        connection.execute(_SEEN, {"session_id": live.id, "before": now - SEEN_EVERY, "seen_at": now})
    return now


def limits_now() -> Desk:
    """How long staff stay signed in, as the settings say."""
    return web_state().settings.desk


def _look_up(value: str, limits: Desk) -> Found:
    row = session().execute(_OPENED, {"cookie_hash": kept_as(value)}).one_or_none()
    if row is None:
        return Found()
    now = clock.now()
    if row.ended_at is not None:
        return Found(why=row.ended_why if now - row.ended_at < TOLD_FOR else None)
    if now - row.last_seen_at > timedelta(minutes=limits.idle_minutes):
        return Found(why="expired")
    if now - row.created_at > timedelta(hours=limits.absolute_hours):
        return Found(why="expired")
    return Found(
        StaffSession(
            id=row.id,
            staff=Staff(row.staff_id, row.name, row.email, tuple(row.groups), row.language),
            provider=row.provider,
            issuer=row.issuer,
            subject=row.subject,
            sid=row.sid,
            authenticated_at=row.authenticated_at,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            refresh_due_at=row.refresh_due_at,
        )
    )
