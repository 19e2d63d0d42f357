"""Throw away what has expired, once a day, in the worker."""

from datetime import timedelta

from portal import clock
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.provider.models import AccessToken, Code, Login, MailedLink, PushedRequest, SigningKey, UsedAssertion
from portal.signing.ring import REMEMBERED

KEPT = timedelta(days=1)
LOGINS_KEPT = timedelta(days=30)


@job("provider.tidy", cron="17 3 * * *")
def tidy() -> None:
    """Delete codes, tokens, links, pushed requests and assertions a day after they expired, sign-ins and keys later."""
    now = clock.now()
    for table in (Code, AccessToken, MailedLink, PushedRequest, UsedAssertion):
        delete_in_portions(table, table.expires_at < now - KEPT)
    delete_in_portions(Login, Login.expires_at < now - LOGINS_KEPT)
    delete_in_portions(SigningKey, SigningKey.published_until < now - REMEMBERED)
