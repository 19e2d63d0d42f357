"""Refresh tokens of staff sessions that are over, given back to the provider. Best effort, by a job."""

from portal.identity.revocation import revoke_from
from portal.jobs.queue import job
from portal.staff.models import StaffSessionRow


@job("staff.revoke", attempts=12)
def revoke(session_id: str) -> None:
    """Revoke the refresh token of an ended session, then forget it."""
    revoke_from(StaffSessionRow, session_id)
