"""What a resident was sending when their session had ended: kept until it is sent, for a day at most, for nobody else.

Kept only when we know whose session it was. On a shared computer the next person must never find what the last one
typed, so without a known account nothing is kept, and signing in as somebody else deletes it.
"""

import uuid
from datetime import timedelta
from typing import Final

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, delete, insert, select, update
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db.session import beside, session
from portal.identity.models import HeldPostRow, SessionRow
from portal.identity.next_path import safe_next
from portal.identity.secret_values import kept_as
from portal.identity.sessions import current_session
from portal.web.browser import find_browser_id
from portal.web.kept import FIELD, is_secret
from portal.web.languages import gettext as _
from portal.web.page import render, stand

bp = Blueprint("held_posts", __name__, template_folder="templates")

LIFETIME: Final = timedelta(hours=24)
MOST_BYTES: Final = 64 * 1024
MOST_FOR_A_BROWSER: Final = 5


def hold_post(form: MultiDict[str, str], *, browser: str, account_id: uuid.UUID, path: str) -> bool:
    """Keep what was typed; says whether it did. Files, secrets and the form's token are left out."""
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


def find_held(*, browser: str, account_id: uuid.UUID, path: str) -> MultiDict[str, str] | None:
    """What is held for this very page. It stays: the page may be fetched by a browser that only looks ahead."""
    fields = session().scalar(
        select(HeldPostRow.fields).where(
            _mine(browser, account_id), HeldPostRow.path == path, HeldPostRow.created_at > clock.now() - LIFETIME
        )
    )
    return None if fields is None else MultiDict([(str(name), str(value)) for name, value in fields])


def say_so(path: str) -> None:
    """The banner on a page whose form is filled with what was held, unless something weightier stands there."""
    if "standing" not in g:
        stand(
            _("What you were sending is in the form again. Check it, then send it."),
            link=_("Start with an empty form"),
            href=url_for("held_posts.ask", next=path),
        )


def discard(*, browser: str, account_id: uuid.UUID, session_id: uuid.UUID, path: str) -> None:
    """The form was taken, or is not wanted any more. In a transaction of its own: the page's is over by then."""
    mine = _mine(browser, account_id)
    with beside() as connection:
        connection.execute(delete(HeldPostRow).where(mine, HeldPostRow.path == path))
        if connection.execute(select(HeldPostRow.id).where(mine).limit(1)).first() is None:
            connection.execute(update(SessionRow).where(SessionRow.id == session_id).values(holds_post=False))


@bp.get("/empty-form")
def ask() -> str:
    """Ask first: what was typed is gone then."""
    return render("identity/empty_form.html", next_path=safe_next(request.args.get("next")))


@bp.post("/empty-form")
def throw_away() -> ResponseReturnValue:
    """Throw away what is held for that page, and go there."""
    live, browser, path = current_session(), find_browser_id(), safe_next(request.form.get("next"))
    if browser is not None:
        discard(browser=browser, account_id=live.account.id, session_id=live.id, path=path)
    return redirect(path, 303)


def forget_held(browser: str) -> None:
    """Delete all that this browser was sending."""
    session().execute(delete(HeldPostRow).where(HeldPostRow.browser_hash == kept_as(browser)))


def _mine(browser: str, account_id: uuid.UUID) -> ColumnElement[bool]:
    return (HeldPostRow.browser_hash == kept_as(browser)) & (HeldPostRow.account_id == account_id)


def _is_kept(name: str) -> bool:
    return name != FIELD and not is_secret(name)


def _is_text(part: str) -> bool:
    try:
        part.encode()
    except UnicodeEncodeError:
        return False
    return True
