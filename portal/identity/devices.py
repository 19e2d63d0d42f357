"""Browsers that an account has been used with, and the mail when a new one signs in.

A long-lived cookie names the browser. What a browser tells of itself is the same for thousands, and an address changes
on every bus; neither would know a stranger from the owner.
"""

import re
import uuid
from datetime import timedelta
from hashlib import sha256
from typing import Final

from flask import url_for
from sqlalchemy import bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.models import AccountRow, ProfileRow
from portal.accounts.values import Account
from portal.audit import operations as audit
from portal.db.session import session
from portal.identity.models import AccountHoldRow, KnownDeviceRow, SessionRow, SignInNoticeRow
from portal.identity.operations import KEPT
from portal.identity.relying_party import get_party
from portal.identity.secret_values import kept_as, new_secret
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.notify import operations as notify
from portal.web import cookies
from portal.web.state import web_state

COOKIE: Final = "device"
LASTS: Final = timedelta(days=400)
"""Browsers keep no cookie for longer."""
MOST_FOR_AN_ACCOUNT: Final = 20
LINK_LASTS: Final = timedelta(days=7)
MOST_LETTERS: Final = 5
"""In a day. A browser that could not be told of any more stays unknown, so that its next sign-in is."""
DAY: Final = timedelta(days=1)
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{43}")

_MINE = KnownDeviceRow.account_id == bindparam("whose")
_SEEN = (
    update(KnownDeviceRow)
    .where(_MINE, KnownDeviceRow.digest == bindparam("known_digest"))
    .values(last_seen_at=bindparam("now"))
    .returning(KnownDeviceRow.digest)
    .execution_options(synchronize_session=False)
)
# Browsers are forgotten when a report is settled, sessions after a month: at any later sign-in one of these is true.
_IS_WATCHED = select(
    exists().where(_MINE)
    | exists().where(AccountHoldRow.account_id == bindparam("whose"))
    | exists().where(SessionRow.account_id == bindparam("whose"), SessionRow.id != bindparam("session_id"))
    | exists().where(AccountRow.id == bindparam("whose"), AccountRow.created_at < bindparam("long_ago"))
)
_LETTERS = select(func.count()).where(
    SignInNoticeRow.account_id == bindparam("whose"), SignInNoticeRow.sent_at > bindparam("since")
)
_ADDRESS = select(ProfileRow.email).where(
    ProfileRow.account_id == bindparam("whose"), ProfileRow.email_confirmed_at.is_not(None)
)
_BEYOND = (
    select(KnownDeviceRow.digest)
    .where(_MINE)
    .order_by(KnownDeviceRow.last_seen_at.desc(), KnownDeviceRow.digest)
    .offset(MOST_FOR_AN_ACCOUNT)
)


def note_sign_in(account: Account, *, session_id: uuid.UUID, provider: str, device: str) -> None:
    """Somebody has signed in with this browser: know it from now on, and tell the owner when it is new.

    Not at an account's very first sign-in, when nothing is known of it and nobody could be surprised.
    """
    value = _cookie()
    key = {"whose": account.id}
    now = clock.now()
    if session().scalar(_SEEN, key | {"known_digest": _digest(account.id, value), "now": now}) is None:
        watched = session().scalar(_IS_WATCHED, key | {"session_id": session_id, "long_ago": now - KEPT})
        told = not watched or _tell(account, provider=provider, device=device)
        if told:
            _know(account.id, value)
    cookies.put(COOKIE, value, max_age=int(LASTS.total_seconds()))


def know_this_browser(account_id: uuid.UUID) -> None:
    """Know the browser of this request: its person has just shown that the account is theirs."""
    value = _cookie()
    _know(account_id, value)
    cookies.put(COOKIE, value, max_age=int(LASTS.total_seconds()))


def _tell(account: Account, *, provider: str, device: str) -> bool:
    """Write to the owner; False when they have had enough letters for a day. Without an address nobody can be told."""
    now = clock.now()
    address = session().scalar(_ADDRESS, {"whose": account.id})
    if address is None:
        return True
    sent = session().scalar(_LETTERS, {"whose": account.id, "since": now - DAY}) or 0
    if sent >= MOST_LETTERS:
        return False
    token = new_secret()
    session().execute(insert(SignInNoticeRow).values(token_hash=kept_as(token), account_id=account.id, sent_at=now))
    notify.send(
        address,
        "identity/mail/new_device.txt",
        account.language,
        account.id,
        at=now,
        provider=get_party(provider).settings.called(account.language),
        device=device,
        last=sent + 1 == MOST_LETTERS,
        link=web_state().settings.public_url + url_for("not_me.from_mail", token=token),
    )
    audit.record("identity.new_device_told", actor="system:identity", account_id=account.id)
    return True


def _know(account_id: uuid.UUID, value: str) -> None:
    now = clock.now()
    row = upsert(KnownDeviceRow).values(
        account_id=account_id, digest=_digest(account_id, value), first_seen_at=now, last_seen_at=now
    )
    session().execute(row.on_conflict_do_update(index_elements=["account_id", "digest"], set_={"last_seen_at": now}))
    beyond = session().scalars(_BEYOND, {"whose": account_id}).all()
    if beyond:
        session().execute(
            delete(KnownDeviceRow)
            .where(KnownDeviceRow.account_id == account_id, KnownDeviceRow.digest.in_(beyond))
            .execution_options(synchronize_session=False)
        )


@job("identity.tidy_devices", cron="20 3 * * *")
def tidy_devices() -> None:
    """Forget browsers whose cookie has run out, and letters whose link no longer works.

    An account's latest browser stays known: a sign-in after years of silence must be told of too.
    """
    now = clock.now()
    later = aliased(KnownDeviceRow)
    has_later = exists().where(
        later.account_id == KnownDeviceRow.account_id, later.last_seen_at > KnownDeviceRow.last_seen_at
    )
    delete_in_portions(KnownDeviceRow, (KnownDeviceRow.last_seen_at < now - LASTS) & has_later)
    delete_in_portions(SignInNoticeRow, SignInNoticeRow.sent_at < now - LINK_LASTS)


def _cookie() -> str:
    value = cookies.get(COOKIE)
    return value if value and _FORM.fullmatch(value) else new_secret()


def _digest(account_id: uuid.UUID, value: str) -> str:
    """Of both together, so that the table does not tell which residents share a computer."""
    return sha256(f"{account_id}:{value}".encode()).hexdigest()
