"""The one way in which sessions end, whoever ends them, and what their resident is told then."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, update

from portal import clock
from portal.db.session import session
from portal.identity.models import SessionRow
from portal.identity.revocation import revoke
from portal.web.languages import Lazy
from portal.web.languages import lazy_gettext as _

LOGGED_OUT: Final = "logged_out"
"""The provider said that the person has signed out there."""
NOT_RENEWED: Final = "not_renewed"
"""The provider no longer stands by this sign-in."""
BY_THEMSELVES: Final = "elsewhere"
"""They have signed this browser out from another one."""
EVERYWHERE: Final = "everywhere"
"""They have signed all others out, or all."""
NOT_ME: Final = "not_me"
"""Somebody said that a sign-in was not theirs, or the owner is back after that."""
SAID: Final[Mapping[str, str]] = {
    LOGGED_OUT: "elsewhere",
    BY_THEMSELVES: "elsewhere",
    EVERYWHERE: "elsewhere",
    NOT_RENEWED: "stopped",
}
"""For sessions that others have ended: the word in the address of the sign-in page."""
HELD: Final[Mapping[str, str]] = {"expired": "held", "elsewhere": "elsewhere_held", "stopped": "stopped_held"}
"""The same when what was being sent is kept."""
SENTENCES: Final[Mapping[str, Lazy]] = {
    "expired": _("We signed you out because you had not used the service for a while. Sign in to carry on."),
    "held": _(
        "We signed you out because you had not used the service for a while. What you were sending is kept for one"
        " day. Sign in with the same account to get it back."
    ),
    "elsewhere": _("You are signed out here because you signed out somewhere else. Sign in to carry on."),
    "elsewhere_held": _(
        "You are signed out here because you signed out somewhere else. What you were sending is kept for one day."
        " Sign in with the same account to get it back."
    ),
    "stopped": _(
        "We signed you out because the account you signed in with asks you to sign in again. Sign in to carry on."
    ),
    "stopped_held": _(
        "We signed you out because the account you signed in with asks you to sign in again. What you were sending is"
        " kept for one day. Sign in with the same account to get it back."
    ),
}


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that was open until now."""

    session_id: uuid.UUID
    account_id: uuid.UUID


def end_those(which: ColumnElement[bool], *, why: str, revoked: bool = False) -> list[Ended]:
    """End those that are still open, forget their ID tokens, and have their refresh tokens revoked after the commit.

    `why` is at most 20 letters. Who is told something else than that the time ran out has their word in `SAID`.
    `revoked` says that the provider takes the refresh tokens no more.
    """
    forgotten = {"id_token": None, **({"refresh_token": None} if revoked else {})}
    rows = session().execute(
        update(SessionRow)
        .where(which, SessionRow.ended_at.is_(None))
        .values(ended_at=clock.now(), ended_why=why, **forgotten)
        .returning(SessionRow.id, SessionRow.account_id, SessionRow.refresh_token.is_not(None).label("renews"))
        .execution_options(synchronize_session=False)
    )
    ended = []
    for row in rows.all():
        if row.renews:
            revoke.defer(session_id=str(row.id))
        ended.append(Ended(row.id, row.account_id))
    return ended
