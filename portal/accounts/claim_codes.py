"""Accounts that staff keep for somebody who rings or writes, and the code by which that person makes them theirs.

The code is read out or stands in a letter. It is kept as a hash that only our secret key can make, good for one use
and for a month, and counted: whoever guesses is stopped long before a guess is likely to be right. Only a form that is
sent uses it up, so a program that opens the addresses in people's mail does not.
"""

import uuid
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, insert, select, update

from portal import clock
from portal.accounts import spoken_codes
from portal.accounts.models import AccountRow, ClaimCodeRow, ProfileRow
from portal.accounts.operations import lock
from portal.accounts.values import Account
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused
from portal.web import limits
from portal.web.languages import gettext as _

PURPOSE: Final = "claim"
GOOD_FOR: Final = timedelta(days=30)
TRIES: Final = 5
WITHIN_SECONDS: Final = 3600
_AGAINST_ALL = select(AccountRow.id).where(AccountRow.id == bindparam("source")).with_for_update()


def open_for_caller(
    actor: str,
    *,
    given_name: str,
    family_name: str,
    phone: str | None = None,
    language: str = "en",
    account_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """A new account that nobody can sign in to yet, for somebody who asks staff to fill in a form.

    `account_id` is its id where files of it were taken in before.
    """
    account_id, now = account_id or uuid.uuid4(), clock.now()
    session().execute(insert(AccountRow).values(id=account_id, language=language, created_at=now, unclaimed_since=now))
    session().execute(
        insert(ProfileRow).values(
            account_id=account_id,
            given_name=given_name,
            family_name=family_name,
            preferred_name="",
            phone=phone,
            contact_needs="",
        )
    )
    audit.record("account.opened_for_caller", actor=actor, account_id=account_id)
    return account_id


def make_code(actor: str, account_id: uuid.UUID) -> str:
    """A new code, as it is read out: `7K3M-9XPQ-2TVB`. Codes made before no longer count.

    Raises NotFound when this is no account that is waiting for its resident.
    """
    lock(account_id)
    if not is_unclaimed(account_id):
        raise NotFound(_("This account has its resident already."))
    now = clock.now()
    session().execute(
        update(ClaimCodeRow)
        .where(ClaimCodeRow.account_id == account_id, ClaimCodeRow.used_at.is_(None), ClaimCodeRow.expires_at > now)
        .values(expires_at=now)
    )
    code = spoken_codes.new_code()
    session().execute(
        insert(ClaimCodeRow).values(
            id=uuid.uuid4(),
            code_hash=spoken_codes.kept(code, PURPOSE),
            account_id=account_id,
            made_by=actor,
            made_at=now,
            expires_at=now + GOOD_FOR,
        )
    )
    audit.record("account.claim_code_made", actor=actor, account_id=account_id)
    return spoken_codes.grouped(code)


def is_unclaimed(account_id: uuid.UUID) -> bool:
    """Whether the account waits for its resident."""
    query = select(AccountRow.unclaimed_since).where(AccountRow.id == account_id, AccountRow.closed_at.is_(None))
    return session().scalar(query) is not None


def take_code(account: Account, typed: str) -> uuid.UUID:
    """The account that the code opens, locked as by `lock`: `close_claimed` it once all it holds is locked.

    Raises TooMany; Conflict when they have used it themselves, as by a second click; and Refused in the same words
    whether there is no such code, or somebody else used it, or it is too old.
    """
    limits.hit(f"claim:{account.id}", limit=TRIES, seconds=WITHIN_SECONDS)
    hashes = spoken_codes.looked_up(typed, PURPOSE)
    row = session().scalar(select(ClaimCodeRow).where(ClaimCodeRow.code_hash.in_(hashes)))
    if row is None:
        raise _wrong()
    lock(row.account_id)
    now = clock.now()
    used = session().scalar(
        update(ClaimCodeRow)
        .where(ClaimCodeRow.id == row.id, ClaimCodeRow.used_at.is_(None), ClaimCodeRow.expires_at > now)
        .values(used_at=now, claimed_by_id=account.id)
        .returning(ClaimCodeRow.account_id)
        .execution_options(synchronize_session=False)
    )
    if used is None:
        raise _used(row.id, account)
    if not is_unclaimed(used) or used == account.id:
        raise _wrong()
    said = {"actor": f"account:{account.id}"}
    audit.record("account.claimed", account_id=used, subject=f"account:{account.id}", **said)
    audit.record("account.claimed", account_id=account.id, subject=f"account:{used}", **said)
    limits.forget(f"claim:{account.id}")
    return used


def keep_used(source: uuid.UUID, account: Account) -> None:
    """The code goes over with what it opened, so that who sends it once more is not told that it is wrong."""
    theirs = update(ClaimCodeRow).where(ClaimCodeRow.account_id == source, ClaimCodeRow.claimed_by_id == account.id)
    session().execute(theirs.values(account_id=account.id).execution_options(synchronize_session=False))


def close_claimed(source: uuid.UUID) -> None:
    """Close the account that was claimed.

    It is locked against being referred to before it is changed: after that, who is waiting would look at the row as it
    was, and open a case for an account that is closed.
    """
    session().execute(_AGAINST_ALL, {"source": source})
    closed = {"closed_at": clock.now(), "unclaimed_since": None}
    session().execute(update(AccountRow).where(AccountRow.id == source).values(closed))


def _used(code_id: uuid.UUID, account: Account) -> Refused | Conflict:
    """What is wrong with a code that counts no longer. By whom, is read again: it may have been used just now."""
    if session().scalar(select(ClaimCodeRow.claimed_by_id).where(ClaimCodeRow.id == code_id)) != account.id:
        return _wrong()
    limits.forget(f"claim:{account.id}")
    return Conflict(_("You have added this to your account already."))


def _wrong() -> Refused:
    return Refused(_("This code does not work. Check it, or ring us for a new one."))
