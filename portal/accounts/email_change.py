"""Change the e-mail address: written only after its owner has opened a link, and the old address is told."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import clock
from portal.accounts import queries
from portal.accounts.models import EmailChangeRow, ProfileRow
from portal.accounts.values import Account, EmailChange
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import Refused
from portal.notify import contact_problems
from portal.notify import operations as notify
from portal.web import limits
from portal.web.languages import gettext as _

LINK_LASTS = timedelta(hours=24)
WAITING = select(EmailChangeRow.email, EmailChangeRow.expires_at).where(
    EmailChangeRow.account_id == bindparam("account_id"),
    EmailChangeRow.token_hash == bindparam("token_hash"),
    EmailChangeRow.expires_at > bindparam("now"),
)


def ask(account: Account, *, email: str, link: Callable[[str], str]) -> None:
    """Send a link to the new address; `link` makes its URL from a token. An earlier link stops working.

    Raises Refused when it is the address we have and letters arrive there, TooMany.
    """
    current = queries.get_profile(account.id).email
    comes_back = contact_problems.problems_of(account.id, email=current, phone=None)
    if current is not None and current.lower() == email.lower() and not comes_back:
        raise Refused(_("This is the email address that we have already."))
    limits.hit(f"email-change:{account.id}", limit=5, seconds=3600)
    # Nobody's inbox is flooded by several accounts either. The key holds no address.
    limits.hit(f"email-change-to:{_hash(email.lower())}", limit=5, seconds=86_400)
    token = secrets.token_urlsafe(32)
    now = clock.now()
    values = {
        "email": email,
        "token_hash": _hash(token),
        "asked_at": now,
        "expires_at": now + LINK_LASTS,
    }
    session().execute(
        upsert(EmailChangeRow)
        .values(account_id=account.id, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )
    notify.send(email, "accounts/mail/confirm_email.txt", account.language, account.id, link=link(token))
    audit.record("email.change_asked", actor=f"account:{account.id}", account_id=account.id)


def find_waiting(account: Account, token: str) -> EmailChange | None:
    """The change that this link would confirm; None when it is used, too old, replaced, or somebody else's."""
    row = session().execute(WAITING, _key(account, token)).one_or_none()
    return EmailChange(row.email, row.expires_at) if row else None


def confirm(account: Account, *, token: str) -> None:
    """Make the new address the account's, and tell the old one. Raises Refused when the link does not work."""
    row = session().execute(WAITING.with_for_update(), _key(account, token)).one_or_none()
    if row is None:
        raise Refused(_("This link no longer works."))
    old = session().scalar(select(ProfileRow.email).where(ProfileRow.account_id == account.id).with_for_update())
    session().execute(
        update(ProfileRow)
        .where(ProfileRow.account_id == account.id)
        .values(email=row.email, email_confirmed_at=clock.now())
    )
    session().execute(delete(EmailChangeRow).where(EmailChangeRow.account_id == account.id))
    contact_problems.clear(account.id, "email")  # the link came by a letter
    if old is not None and old.lower() != row.email.lower():
        notify.send(old, "accounts/mail/email_changed.txt", account.language, account.id)
    audit.record("email.changed", actor=f"account:{account.id}", account_id=account.id, fields=["email"])


def cancel(account: Account) -> None:
    """Forget the new address; its link stops working."""
    gone = session().scalar(
        delete(EmailChangeRow).where(EmailChangeRow.account_id == account.id).returning(EmailChangeRow.account_id)
    )
    if gone is not None:
        audit.record("email.change_cancelled", actor=f"account:{account.id}", account_id=account.id)


def _key(account: Account, token: str) -> dict[str, object]:
    return {"account_id": account.id, "token_hash": _hash(token), "now": clock.now()}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
