"""Write to a resident without knowing their address."""

from typing import Any

from portal.accounts.queries import get_profile
from portal.accounts.values import Account
from portal.notify.operations import send


def can_tell(account: Account) -> bool:
    """Whether there is a confirmed address to write to."""
    profile = get_profile(account.id)
    return profile.email is not None and profile.email_confirmed_at is not None


def tell(account: Account, *, template: str, **values: Any) -> bool:
    """E-mail a resident in their language, once the current transaction is committed.

    `template` is `<slug>/mail/<name>.txt` among the service's templates: the first line is the subject. Nothing
    personal belongs in it, since mail is read by others; give a reference and a link. False when they have no
    confirmed address.
    """
    profile = get_profile(account.id)
    if profile.email is None or profile.email_confirmed_at is None:
        return False
    send(profile.email, template, profile.language, account.id, **values)
    return True
