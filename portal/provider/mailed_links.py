"""Links that are mailed: each for one purpose, good once and for an hour. Nothing here commits."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy import update

from portal import clock
from portal.db.session import session
from portal.errors import NotFound
from portal.provider.addresses import folded
from portal.provider.models import MailedLink
from portal.provider.secrets_kept import digest, new_secret

LIFETIME: Final = timedelta(hours=1)
REGISTER, CONFIRM, RESET = "register", "confirm", "reset"
MAIL: Final = "provider/mail"
LinkAddress = Callable[[str, str], str]
"""Purpose and token to the whole address of the page that takes the link."""


def make(purpose: str, email: str, onward: str) -> str:
    """A link for that mailbox. Returns its token."""
    token = new_secret()
    link = MailedLink(
        digest=digest(token),
        purpose=purpose,
        email=folded(email),
        onward=onward,
        expires_at=clock.now() + LIFETIME,
        used_at=None,
    )
    session().add(link)
    return token


def spend(token: str, purpose: str) -> MailedLink:
    """Use a link up. Of two who send it at once, one gets NotFound."""
    now = clock.now()
    spent: MailedLink | None = session().scalar(
        update(MailedLink)
        .where(
            MailedLink.digest == digest(token),
            MailedLink.purpose == purpose,
            MailedLink.used_at.is_(None),
            MailedLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(MailedLink)
    )
    if spent is None:
        raise NotFound
    return spent


def end_resets(email: str) -> None:
    """Close every way to a new password that was mailed to this address: somebody else may have read it."""
    session().execute(
        update(MailedLink)
        .where(MailedLink.email == email, MailedLink.purpose == RESET, MailedLink.used_at.is_(None))
        .values(used_at=clock.now())
    )
