"""Throw away what has expired, once a day, in the worker."""

from datetime import timedelta

from sqlalchemy import delete

from portal import clock
from portal.db.session import session
from portal.jobs.queue import job
from portal.provider.keys import REMEMBERED
from portal.provider.models import AccessToken, Code, Login, MailedLink, SigningKey, UsedAssertion

KEPT = timedelta(days=1)
LOGINS_KEPT = timedelta(days=30)


@job("provider.tidy", cron="17 3 * * *")
def tidy() -> None:
    """Delete codes, tokens, links and assertions a day after they expired, sign-ins and keys later."""
    now = clock.now()
    for table in (Code, AccessToken, MailedLink, UsedAssertion):
        session().execute(delete(table).where(table.expires_at < now - KEPT))
    session().execute(delete(Login).where(Login.expires_at < now - LOGINS_KEPT))
    session().execute(delete(SigningKey).where(SigningKey.published_until < now - REMEMBERED))
