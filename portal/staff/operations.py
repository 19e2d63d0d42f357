"""Begin and end the sessions of staff."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.identity import attempts, logouts
from portal.identity.ending import end_those as end_visits
from portal.identity.models import SessionRow
from portal.identity.operations import Left
from portal.identity.relying_party import Proven, get_party
from portal.identity.sealed import seal, unseal
from portal.identity.secret_values import kept_as, new_secret
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.staff.claims import Person
from portal.staff.models import StaffMemberRow, StaffSessionRow
from portal.staff.revocation import revoke

KEPT: Final = timedelta(days=90)
"""How long an ended session is remembered: long enough to look into what somebody did."""


@dataclass(frozen=True, slots=True)
class Started:
    """A new session, and the value of its cookie."""

    staff_id: uuid.UUID
    session_id: uuid.UUID
    cookie: str = field(repr=False)


def start_session(
    proven: Proven, person: Person, *, old_cookie: str | None, old_browser_hash: str, new_browser: str, language: str
) -> Started:
    """Sign a member of staff in. What they may do is looked up at each request, so nothing of it is kept here.

    The session that this browser had is ended. Raises SignInFailed when they have signed out there meanwhile.
    """
    logouts.refuse_if_overtaken(proven)
    staff_id = _note_member(proven, person, language)
    if old_cookie:
        end_those(StaffSessionRow.cookie_hash == kept_as(old_cookie), why="replaced")
    attempts.carry_over(old_browser_hash, new_browser)
    cookie, session_id, now = new_secret(), uuid.uuid4(), clock.now()
    session().execute(
        insert(StaffSessionRow).values(
            id=session_id,
            cookie_hash=kept_as(cookie),
            staff_id=staff_id,
            provider=proven.provider,
            issuer=proven.issuer,
            subject=proven.subject,
            sid=proven.sid,
            id_token=seal(proven.id_token),
            **_first_refresh(proven, now),
            refresh_failures=0,
            assurance=int(proven.assurance),
            authenticated_at=_moment(proven.auth_time),
            created_at=now,
            last_seen_at=now,
        )
    )
    audit.record(
        "staff.signed_in",
        actor=f"staff:{staff_id}",
        subject=f"staff_session:{session_id}",
        provider=proven.provider,
        groups=list(person.groups),
    )
    return Started(staff_id, session_id, cookie)


def sign_out(*, cookie: str | None, browser: str | None) -> Left | None:
    """Sign this browser out of the desk; the session that it had, to tell its provider."""
    if browser is not None:
        attempts.forget_attempts(browser)
    if not cookie:
        return None
    row = (
        session()
        .execute(
            update(StaffSessionRow)
            .where(StaffSessionRow.cookie_hash == kept_as(cookie))
            .values(last_seen_at=StaffSessionRow.last_seen_at)
            .returning(StaffSessionRow.id, StaffSessionRow.provider, StaffSessionRow.id_token, StaffSessionRow.ended_at)
        )
        .one_or_none()
    )
    if row is None or row.ended_at is not None:
        return None
    end_those(StaffSessionRow.id == row.id, why="signed_out")
    return Left(row.provider, unseal(row.id_token))


def end_those(which: ColumnElement[bool], *, why: str, revoked: bool = False) -> Sequence[uuid.UUID]:
    """End those that are still open, and with them every visit to a resident's place that was begun from them."""
    forgotten = {"id_token": None, **({"refresh_token": None} if revoked else {})}
    rows = (
        session()
        .execute(
            update(StaffSessionRow)
            .where(which, StaffSessionRow.ended_at.is_(None))
            .values(ended_at=clock.now(), ended_why=why, **forgotten)
            .returning(
                StaffSessionRow.id,
                StaffSessionRow.staff_id,
                StaffSessionRow.refresh_token.is_not(None).label("renews"),
            )
            .execution_options(synchronize_session=False)
        )
        .all()
    )
    ended = [row.id for row in rows]
    for row in rows:
        if row.renews:
            revoke.defer(session_id=str(row.id))
        audit.record(f"staff.{why}", actor=f"staff:{row.staff_id}", subject=f"staff_session:{row.id}")
    if ended:
        end_visits(SessionRow.staff_session_id.in_(ended), why="staff_left")
    return ended


@job("staff.tidy", cron="*/10 * * * *")
def tidy() -> None:
    """End sessions of long ago for good, and delete what nobody asks for any more."""
    now = clock.now()
    end_those(StaffSessionRow.created_at < now - timedelta(days=1), why="ran_out")
    delete_in_portions(StaffSessionRow, StaffSessionRow.created_at < now - KEPT)


def find_by_email(email: str) -> Sequence[uuid.UUID]:
    """The members of staff with this address, in whatever letters; at several providers they may be several."""
    query = select(StaffMemberRow.id).where(
        func.lower(StaffMemberRow.email) == email.lower(), StaffMemberRow.email != ""
    )
    return session().scalars(query).all()


def forget_member(staff_id: uuid.UUID) -> None:
    """End every session of somebody who has left the council. Their name goes; what they did stays, by their id.

    Free what they had with `portal.cases.leaving`: cases stand above this room.
    """
    end_those(StaffSessionRow.staff_id == staff_id, why="removed")
    session().execute(delete(StaffSessionRow).where(StaffSessionRow.staff_id == staff_id))
    gone = {"name": "", "email": "", "groups": [], "subject": _subject_of_gone(staff_id)}
    session().execute(update(StaffMemberRow).where(StaffMemberRow.id == staff_id).values(**gone))


def has_left(staff_id: uuid.UUID) -> bool:
    """Whether this member of staff has been forgotten."""
    query = select(StaffMemberRow.id).where(
        StaffMemberRow.id == staff_id, StaffMemberRow.subject == _subject_of_gone(staff_id)
    )
    return session().scalar(query) is not None


def _subject_of_gone(staff_id: uuid.UUID) -> str:
    return f"gone:{staff_id}"


def _note_member(proven: Proven, person: Person, language: str) -> uuid.UUID:
    now = clock.now()
    told = {"name": person.name, "email": person.email, "groups": list(person.groups), "seen_at": now}
    statement = (
        upsert(StaffMemberRow)
        .values(
            id=uuid.uuid4(),
            issuer=proven.issuer,
            subject=proven.subject,
            provider=proven.provider,
            language=language,
            created_at=now,
            **told,
        )
        .on_conflict_do_update(
            index_elements=["issuer", "subject"], set_={**told, "provider": proven.provider, "language": language}
        )
        .returning(StaffMemberRow.id)
    )
    return session().execute(statement).scalar_one()


def _first_refresh(proven: Proven, now: datetime) -> dict[str, object]:
    minutes = get_party(proven.provider).settings.refresh_minutes
    if proven.refresh_token is None or not minutes:
        return {}
    return {"refresh_token": seal(proven.refresh_token), "refresh_due_at": now + timedelta(minutes=minutes)}


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else min(datetime.fromtimestamp(seconds, UTC), clock.now())
