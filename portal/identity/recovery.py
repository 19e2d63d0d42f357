"""From "this was not me" until the owner is back: the account is held, and how the hold ends.

It is made for the case that somebody else is signed in, perhaps with the right password. Such a person may sign in
again and again, but cannot lift the hold: that takes a sign-in made after the report and a link sent to an e-mail
address that was the owner's before the doubt began. Who reports falsely costs the owner these two steps, no more.
"""

import hmac
import logging
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from flask import url_for
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import clock
from portal.accounts import email_change, identities
from portal.accounts import operations as accounts
from portal.accounts.identities import Way
from portal.accounts.models import AccountRow, IdentityRow, ProfileRow
from portal.accounts.values import Account
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import NotFound, Refused, TooMany
from portal.identity import operations, queries
from portal.identity.ending import NOT_ME
from portal.identity.exchange import SignInFailed
from portal.identity.known_providers import title_of, usable_issuers
from portal.identity.models import AccountHoldRow, KnownDeviceRow, SignInAttemptRow, SignInNoticeRow
from portal.identity.queries import SignIn
from portal.identity.relying_party import Proven
from portal.identity.secret_values import kept_as, new_secret
from portal.identity.sessions import Session
from portal.notify import operations as notify
from portal.web import limits
from portal.web.languages import gettext as _
from portal.web.state import web_state

log = logging.getLogger(__name__)

LINK_LASTS: Final = timedelta(days=7)
IN_DOUBT: Final = timedelta(days=30)
"""Who does not know one of their sign-ins has seen thirty days of them, or letters that they did not act upon: any of
these may be the one after which somebody else was at work."""
OLD_SIGN_IN: Final = "held_old_sign_in"
TIMELESS_SIGN_IN: Final = "held_timeless_sign_in"
"""The provider does not say when it last made sure of them: however often they come, it proves nothing."""
NOT_SINCE: Final = frozenset({OLD_SIGN_IN, TIMELESS_SIGN_IN})
MOST_LETTERS: Final = 5
"""So many links in a day and no more."""

_HELD = (
    select(
        AccountHoldRow.held_at,
        AccountHoldRow.doubted_since,
        AccountHoldRow.token_hash,
        AccountHoldRow.link_sent_at,
        AccountRow.created_at,
        ProfileRow.email,
        ProfileRow.email_confirmed_at,
    )
    .join(AccountRow, AccountRow.id == AccountHoldRow.account_id)
    .join(ProfileRow, ProfileRow.account_id == AccountHoldRow.account_id)
    .where(AccountHoldRow.account_id == bindparam("account_id"))
)


_HELD_SINCE = (
    select(AccountHoldRow.held_at)
    .join(IdentityRow, IdentityRow.account_id == AccountHoldRow.account_id)
    .where(IdentityRow.issuer == bindparam("issuer"), IdentityRow.subject == bindparam("subject"))
)


class _Held(NamedTuple):
    """The hold, and the address that may lift it, in the order in which they are asked for."""

    held_at: datetime
    doubted_since: datetime
    token_hash: str | None
    link_sent_at: datetime | None
    created_at: datetime
    email: str | None
    email_confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hold:
    """What the owner must know of the hold. `by_mail`: whether a link can lift it; otherwise only the council can."""

    held_at: datetime
    doubted_since: datetime
    by_mail: bool
    link_sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Released:
    """What the council has lifted, and what it has ended with it. `ended` were open until now, 50 at most."""

    held_at: datetime
    doubted_since: datetime
    ended: Sequence[SignIn]
    removed: Sequence[Way]
    left: Sequence[Way]


def in_doubt_since() -> datetime:
    """From when on nothing is trusted that was changed on an account which is reported now."""
    return clock.now() - IN_DOUBT


def report(account_id: uuid.UUID, *, doubted_since: datetime, actor: str) -> None:
    """Somebody says "this was not me": end every session, and hold what is sensitive until the owner is back.

    Browsers are forgotten, so that the next sign-in is told of. A change of e-mail address that waits is cancelled, and
    so is whatever was begun at a provider in this account's name.
    """
    account = _account(account_id)
    ended = operations.end_sessions(account_id, why=NOT_ME)
    for table in (KnownDeviceRow, SignInAttemptRow):
        session().execute(delete(table).where(table.account_id == account_id))
    email_change.cancel(account)
    now = clock.now()
    session().execute(
        update(SignInNoticeRow)
        .where(SignInNoticeRow.account_id == account_id, SignInNoticeRow.used_at.is_(None))
        .values(used_at=now)
    )
    fresh = upsert(AccountHoldRow).values(account_id=account_id, held_at=now, doubted_since=doubted_since)
    session().execute(
        fresh.on_conflict_do_update(
            index_elements=["account_id"],
            set_={"held_at": now, "doubted_since": func.least(AccountHoldRow.doubted_since, doubted_since)},
        )
    )
    audit.record("account.held", actor=actor, account_id=account_id, sessions_ended=ended)
    try:
        send_link(account)
    except TooMany:
        log.info("No further link for account %s today; the last one still works", account_id)


def send_link(account: Account) -> bool:
    """Send the link that lifts the hold to the owner's address. False when no address can be trusted.

    Raises TooMany: who can press the button may not fill a mailbox. The last link that was sent goes on working.
    """
    row = _row(account.id)
    if row is None or row.email is None or not _may_lift(row):
        return False
    limits.hit(f"hold-link:{account.id}", limit=MOST_LETTERS, seconds=86_400)
    token, now = new_secret(), clock.now()
    session().execute(
        update(AccountHoldRow)
        .where(AccountHoldRow.account_id == account.id)
        .values(token_hash=kept_as(token), link_sent_at=now)
    )
    link = web_state().settings.public_url + url_for("not_me.lift", token=token)
    notify.send(row.email, "identity/mail/account_held.txt", account.language, account.id, link=link)
    return True


def find_hold(account_id: uuid.UUID) -> Hold | None:
    """The hold on this account; None when there is none."""
    row = _row(account_id)
    return Hold(row.held_at, row.doubted_since, _may_lift(row), row.link_sent_at) if row else None


def is_fresh(live: Session) -> bool:
    """Whether this person has shown the provider who they are since the report."""
    return live.held_at is not None and live.authenticated_at is not None and live.authenticated_at > live.held_at


def refuse_old_sign_in(proven: Proven) -> None:
    """Let nobody into a held account by a session that the provider had before the report: it may be the stranger's.

    Raises SignInFailed, upon which the provider is asked to make sure of them anew.
    """
    held_at = session().scalar(_HELD_SINCE, {"issuer": proven.issuer, "subject": proven.subject})
    if held_at is None:
        return
    if proven.auth_time is None:
        raise SignInFailed(TIMELESS_SIGN_IN, id_token=proven.id_token)
    if proven.auth_time <= held_at.timestamp():
        raise SignInFailed(OLD_SIGN_IN, id_token=proven.id_token)


def opens(live: Session, token: str) -> bool:
    """Whether this link lifts the hold on the account of who is signed in."""
    row = _row(live.account.id)
    return row is not None and _is_good(row, token)


def lift(live: Session, *, token: str) -> int:
    """The owner is back: lift the hold, and keep nobody but them. How many ways of signing in were taken away.

    What somebody else may have left behind goes too: every other session, and each way of signing in that was added
    since the doubt began, but for the one that was used now. Raises Refused.
    """
    accounts.lock(live.account.id)
    row = _row(live.account.id)
    if row is None or not _is_good(row, token):
        raise Refused(_("This link no longer works."))
    if live.authenticated_at is None or live.authenticated_at <= row.held_at:
        raise Refused(_("Sign in again first."))
    operations.end_sessions(live.account.id, why=NOT_ME, but=live.id)
    here = [way.id for way in identities.ways_of(live.account.id) if _is_of(way, live)]
    taken = len(identities.unlink_since(live.account, _trusted_until(row), but=here, title=title_of))
    _end(live.account.id, actor=f"account:{live.account.id}", ways_removed=taken)
    return taken


def release(account_id: uuid.UUID, *, actor: str, keep: Collection[uuid.UUID] = ()) -> Released:
    """The council has made sure of who the owner is: lift the hold, and leave nothing of what somebody else began.

    Every session is ended, since nobody can say which of them are the owner's; and each way of signing in that was
    added since the doubt began is taken away, but for those to `keep`, which the owner has named.
    Raises NotFound without a hold, and Refused when no way would be left or one to keep is not the account's.
    """
    accounts.lock(account_id)
    row = _row(account_id)
    if row is None:
        raise NotFound(_("This account is not held."))
    before = identities.ways_of(account_id)
    if unknown := set(keep) - {way.id for way in before}:
        raise Refused(f"Identity {sorted(unknown)[0]} does not open this account. Nothing has been changed.")
    stays = [way for way in before if way.id in keep or way.linked_at <= _trusted_until(row)]
    if not any(way.issuer in usable_issuers() and way.moved_at is None for way in stays):
        raise Refused("No way of signing in would be left. Ask the owner which is theirs, and name it with --keep.")
    open_until_now = queries.open_sessions(account_id, web_state().settings.sessions)
    operations.end_sessions(account_id, why=NOT_ME)
    removed = identities.unlink_since(_account(account_id), _trusted_until(row), but=keep, title=title_of)
    _end(account_id, actor=actor, ways_removed=len(removed))
    return Released(row.held_at, row.doubted_since, open_until_now, removed, identities.ways_of(account_id))


def _row(account_id: uuid.UUID) -> _Held | None:
    found = session().execute(_HELD, {"account_id": account_id}).one_or_none()
    return _Held(*found) if found else None


def _trusted_until(row: _Held) -> datetime:
    """Ways that were added later are in doubt. What the account was opened with was not added."""
    return max(row.doubted_since, row.created_at)


def _is_of(way: Way, live: Session) -> bool:
    return (way.issuer, way.subject) == (live.issuer, live.subject)


def _may_lift(row: _Held) -> bool:
    """Whether the address is surely the owner's: confirmed before the doubt began, or the account's first."""
    if row.email is None or row.email_confirmed_at is None:
        return False
    return row.email_confirmed_at <= _trusted_until(row)


def _is_good(row: _Held, token: str) -> bool:
    if row.token_hash is None or row.link_sent_at is None or clock.now() - row.link_sent_at > LINK_LASTS:
        return False
    return hmac.compare_digest(row.token_hash, kept_as(token))


def _end(account_id: uuid.UUID, *, actor: str, ways_removed: int = 0) -> None:
    session().execute(delete(AccountHoldRow).where(AccountHoldRow.account_id == account_id))
    session().execute(delete(KnownDeviceRow).where(KnownDeviceRow.account_id == account_id))
    audit.record("account.released", actor=actor, account_id=account_id, ways_removed=ways_removed)


def _account(account_id: uuid.UUID) -> Account:
    """The account, closed or not: what a link says is true of a closed one as well."""
    language = session().scalar(select(AccountRow.language).where(AccountRow.id == account_id))
    return Account(account_id, "", language or "en")
