"""Refresh tokens of sessions that are over, given back to the provider (RFC 7009). Best effort, by a job."""

import logging
import uuid
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select, update

from portal import clock
from portal.db.session import release, session
from portal.errors import NotFound
from portal.identity.exchange import SignInFailed
from portal.identity.models import SessionRow
from portal.identity.relying_party import get_party
from portal.identity.sealed import unseal
from portal.jobs.queue import job

log = logging.getLogger(__name__)

TRIED_FOR: Final = timedelta(hours=1)


@job("identity.revoke", attempts=12)
def revoke(session_id: str) -> None:
    """Revoke the refresh token of an ended session, then forget it.

    The token stays in its row until then: a job's arguments lie open in the database.
    """
    revoke_from(SessionRow, session_id)


def revoke_from(rows: type[Any], session_id: str) -> None:  # staff have a table of their own, above this room
    """The same for a session of whichever kind: `rows` is its table, with those columns."""
    columns = select(rows.provider, rows.refresh_token, rows.ended_at)
    row = session().execute(columns.where(rows.id == uuid.UUID(session_id))).one_or_none()
    if row is None or row.refresh_token is None or row.ended_at is None:
        return
    release()
    try:
        give_back(row.provider, unseal(row.refresh_token))
    except SignInFailed as failure:
        log.warning("Refresh token not revoked: %s, provider %s, session %s", failure.code, row.provider, session_id)
        if failure.down and clock.now() - row.ended_at < TRIED_FOR:
            raise
    forget = update(rows).where(rows.id == uuid.UUID(session_id)).values(refresh_token=None)
    session().execute(forget, execution_options={"synchronize_session": False})


def give_back(provider: str, refresh_token: str | None) -> None:
    """Tell the provider that this refresh token is not needed any more. Raises SignInFailed."""
    try:
        party = get_party(provider)
    except NotFound:
        return  # taken out of the settings since
    endpoint = party.metadata().revocation_endpoint
    if endpoint is not None and refresh_token is not None:
        party.exchange.revoke(endpoint, refresh_token)
