"""The secret address of a resident's calendar: made, shown, changed, stopped, and looked up by who calls it."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.models import AccountRow
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.db.session import session
from portal.home.models import CalendarFeedRow
from portal.identity.models import AccountHoldRow
from portal.identity.sealed import seal, unseal
from portal.identity.secret_values import kept_as

PURPOSE = "addresses of calendars"

_FEED = (
    select(AccountRow.id, AccountRow.language, CalendarFeedRow.made_at, AccountHoldRow.held_at)
    .select_from(CalendarFeedRow)
    .join(AccountRow, AccountRow.id == CalendarFeedRow.account_id)
    .join(AccountHoldRow, AccountHoldRow.account_id == AccountRow.id, isouter=True)
    .where(CalendarFeedRow.secret_hash == bindparam("secret_hash"), AccountRow.closed_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class Feed:
    """Whose calendar a secret opens. While their account is held, nobody is shown anything."""

    account: Account
    made_at: datetime
    held: bool


def find_secret(account: Account) -> str | None:
    """The secret of the resident's own address."""
    return unseal(
        session().scalar(select(CalendarFeedRow.secret).where(CalendarFeedRow.account_id == account.id)), PURPOSE
    )


def make(account: Account) -> bool:
    """A new secret. Returns whether it took the place of another."""
    changed = stop(account)
    secret = secrets.token_urlsafe(32)
    row = {
        "account_id": account.id,
        "secret_hash": kept_as(secret),
        "secret": seal(secret, PURPOSE),
        "made_at": clock.now(),
    }
    # Of two clicks at once the second one's address counts, and is the one that the page then shows.
    made = insert(CalendarFeedRow).values(row)
    session().execute(
        made.on_conflict_do_update(
            index_elements=[CalendarFeedRow.account_id],
            set_={name: made.excluded[name] for name in ("secret_hash", "secret", "made_at")},
        )
    )
    record("calendar.address_made", actor=f"account:{account.id}", account_id=account.id, changed=changed)
    return changed


def stop(account: Account) -> bool:
    """Let no address lead to the calendar. Returns whether one did."""
    gone = session().scalar(
        delete(CalendarFeedRow).where(CalendarFeedRow.account_id == account.id).returning(CalendarFeedRow.account_id)
    )
    if gone is not None:
        record("calendar.address_stopped", actor=f"account:{account.id}", account_id=account.id)
    return gone is not None


def find_feed(secret: str) -> Feed | None:
    """Whose calendar this secret opens."""
    row = session().execute(_FEED, {"secret_hash": kept_as(secret)}).one_or_none()
    if row is None:
        return None
    return Feed(Account(row.id, "", row.language), row.made_at, row.held_at is not None)


def everything_about(account_id: uuid.UUID) -> dict[str, Any] | None:
    """That there is an address, and since when, for the data export; the secret itself stands on its page."""
    made_at = session().scalar(select(CalendarFeedRow.made_at).where(CalendarFeedRow.account_id == account_id))
    return {"made_at": made_at} if made_at else None


def forget(account_id: uuid.UUID) -> None:
    """No address leads to this person any more."""
    session().execute(delete(CalendarFeedRow).where(CalendarFeedRow.account_id == account_id))
