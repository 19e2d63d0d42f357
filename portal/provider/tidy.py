"""Throw away what has expired, once a day, in the worker."""

from datetime import timedelta

from portal import clock
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.provider.factor_models import HalfLogin, SpentChallenge
from portal.provider.models import (
    AccessToken,
    Code,
    Login,
    MailedLink,
    PushedRequest,
    RefreshFamily,
    RefreshToken,
    SigningKey,
    UsedAssertion,
)
from portal.provider.one_login_models import CoreIdentityKey
from portal.signing.ring import REMEMBERED

KEPT = timedelta(days=1)
LOGINS_KEPT = timedelta(days=30)
SOON_OVER = (
    *(AccessToken, RefreshToken, RefreshFamily),
    *(MailedLink, PushedRequest, UsedAssertion, HalfLogin, SpentChallenge),
)


@job("provider.tidy", cron="17 3 * * *")
def tidy() -> None:
    """Delete a day after it expired whatever is good for minutes, hours or days; sign-ins, codes and keys later."""
    now = clock.now()
    for table in SOON_OVER:
        delete_in_portions(table, table.expires_at < now - KEPT)
    # A code says which clients took part in a sign-in, and are told of its end.
    delete_in_portions(Code, Code.expires_at < now - LOGINS_KEPT)
    delete_in_portions(Login, Login.expires_at < now - LOGINS_KEPT)
    for keys in (SigningKey, CoreIdentityKey):
        delete_in_portions(keys, keys.published_until < now - REMEMBERED)
