"""What a resident was sending when their session had ended: kept for a day, given back once, to nobody else.

Kept only when we know whose session it was. On a shared computer the next person must never find what the last one
typed, so without a known account nothing is kept, and signing in as somebody else deletes it.
"""

import uuid
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db.session import beside, session
from portal.identity.models import HeldPostRow, SessionRow
from portal.identity.secret_values import kept_as
from portal.web.kept import FIELD

LIFETIME: Final = timedelta(hours=24)
MOST_BYTES: Final = 64 * 1024
MOST_FOR_A_BROWSER: Final = 5


def hold_post(form: MultiDict[str, str], *, browser: str, account_id: uuid.UUID, path: str) -> bool:
    """Keep what was typed; says whether it did. Files, passwords and the form's token are left out."""
    fields = [(name, value) for name, value in form.items(multi=True) if _is_kept(name)]
    size = sum(len(name.encode("utf-8", "replace")) + len(value.encode("utf-8", "replace")) for name, value in fields)
    # PostgreSQL stores no NUL in text, and a half of a surrogate pair is no text at all.
    if not fields or size > MOST_BYTES or any("\0" in part or not _is_text(part) for pair in fields for part in pair):
        return False
    browser_hash = kept_as(browser)
    session().execute(delete(HeldPostRow).where(HeldPostRow.browser_hash == browser_hash, HeldPostRow.path == path))
    session().execute(
        insert(HeldPostRow).values(
            id=uuid.uuid4(),
            browser_hash=browser_hash,
            account_id=account_id,
            path=path,
            fields=fields,
            created_at=clock.now(),
        )
    )
    beyond = (
        select(HeldPostRow.id)
        .where(HeldPostRow.browser_hash == browser_hash)
        .order_by(HeldPostRow.created_at.desc(), HeldPostRow.id)
        .offset(MOST_FOR_A_BROWSER)
    )
    session().execute(delete(HeldPostRow).where(HeldPostRow.id.in_(beyond)))
    return True


def carry_over(old_browser_hash: str, new_browser: str, account_id: uuid.UUID) -> frozenset[str]:
    """After signing in: keep what is this account's, delete what is another's. The paths that something waits for."""
    mine = HeldPostRow.browser_hash == old_browser_hash
    session().execute(delete(HeldPostRow).where(mine, HeldPostRow.account_id != account_id))
    kept = session().scalars(
        update(HeldPostRow)
        .where(mine)
        .values(browser_hash=kept_as(new_browser))
        .returning(HeldPostRow.path)
        .execution_options(synchronize_session=False)
    )
    return frozenset(kept.all())


def give_back(*, browser: str, account_id: uuid.UUID, session_id: uuid.UUID, path: str) -> MultiDict[str, str] | None:
    """What was held for this very page, once.

    In a transaction of its own, since pages that are only fetched change nothing.
    """
    here = (HeldPostRow.browser_hash == kept_as(browser)) & (HeldPostRow.account_id == account_id)
    with beside() as connection:
        taken = connection.execute(
            delete(HeldPostRow)
            .where(here, HeldPostRow.path == path, HeldPostRow.created_at > clock.now() - LIFETIME)
            .returning(HeldPostRow.fields)
        ).first()
        if taken is None:
            return None
        if connection.execute(select(HeldPostRow.id).where(here).limit(1)).first() is None:
            connection.execute(update(SessionRow).where(SessionRow.id == session_id).values(holds_post=False))
    return MultiDict([(str(name), str(value)) for name, value in taken.fields])


def forget_held(browser: str) -> None:
    """Delete all that this browser was sending."""
    session().execute(delete(HeldPostRow).where(HeldPostRow.browser_hash == kept_as(browser)))


def _is_kept(name: str) -> bool:
    return name != FIELD and "password" not in name.lower()


def _is_text(part: str) -> bool:
    try:
        part.encode()
    except UnicodeEncodeError:
        return False
    return True
