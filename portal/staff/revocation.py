"""Refresh tokens of staff sessions that are over, given back to the provider. Best effort, by a job."""

import logging
import uuid

from sqlalchemy import select, update

from portal import clock
from portal.db.session import release, session
from portal.identity.exchange import SignInFailed
from portal.identity.revocation import TRIED_FOR, give_back
from portal.identity.sealed import unseal
from portal.jobs.queue import job
from portal.staff.models import StaffSessionRow

log = logging.getLogger(__name__)


@job("staff.revoke", attempts=12)
def revoke(session_id: str) -> None:
    """Revoke the refresh token of an ended session, then forget it: a job's arguments lie open in the database."""
    columns = select(StaffSessionRow.provider, StaffSessionRow.refresh_token, StaffSessionRow.ended_at)
    row = session().execute(columns.where(StaffSessionRow.id == uuid.UUID(session_id))).one_or_none()
    if row is None or row.refresh_token is None or row.ended_at is None:
        return
    release()
    try:
        give_back(row.provider, unseal(row.refresh_token))
    except SignInFailed as failure:
        log.warning("Refresh token not revoked: %s, provider %s, session %s", failure.code, row.provider, session_id)
        if failure.down and clock.now() - row.ended_at < TRIED_FOR:
            raise
    forget = update(StaffSessionRow).where(StaffSessionRow.id == uuid.UUID(session_id)).values(refresh_token=None)
    session().execute(forget, execution_options={"synchronize_session": False})
