"""Where somebody is signed in, in their own hands: the list, and the way out of one, of all others, of everything."""

import uuid
from typing import Any, Final

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.values import Account
from portal.audit import operations as audit
from portal.db.session import commits
from portal.errors import NotFound
from portal.identity import attempts, leaving, operations, queries, recovery
from portal.identity import not_me as not_me_pages
from portal.identity.assurance import Assurance
from portal.identity.ending import BY_THEMSELVES, EVERYWHERE, NOT_ME
from portal.identity.queries import SignIn
from portal.identity.relying_party import all_parties
from portal.identity.sessions import current_account, current_session
from portal.web.browser import find_browser_id
from portal.web.languages import Lazy, lazy_gettext, ngettext
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render
from portal.web.state import web_state

bp = Blueprint("sign_ins", __name__, url_prefix="/sign-ins")

ENDINGS: Final[dict[str, Lazy]] = {
    "signed_out": lazy_gettext("You signed out"),
    "replaced": lazy_gettext("You signed in again with the same browser"),
    BY_THEMSELVES: lazy_gettext("You signed it out from another device"),
    EVERYWHERE: lazy_gettext("You signed it out from another device"),
    "ran_out": lazy_gettext("It ran out because nobody was there"),
    "way_removed": lazy_gettext("You removed this way of signing in"),
    NOT_ME: lazy_gettext("Signed out because a sign-in was reported"),
}
OTHER_ENDING: Final = lazy_gettext("The place where you sign in ended it")


@bp.get("")
def sign_ins() -> str:
    """Open sessions, the last used first, and those of the last 30 days."""
    live, limits = current_session(), web_state().settings.sessions
    return render(
        "identity/sign_ins.html",
        here=live.id,
        open_now=queries.open_sessions(live.account.id, limits),
        ended=queries.ended_sessions(live.account.id, limits),
        how=_how,
        ending=lambda each: ENDINGS.get(each.ended_why, OTHER_ENDING),
    )


@bp.post("/<uuid:session_id>/end")
@commits
def end(session_id: uuid.UUID) -> ResponseReturnValue:
    """Sign out one browser. This one goes the whole way out, by its provider."""
    live = current_session()
    if session_id == live.id:
        return leaving.sign_out()
    if not operations.end_one_of_mine(live.account.id, session_id):
        raise NotFound(_("There is no such sign-in. It may have ended meanwhile."))
    _note(live.account, "identity.session_ended", subject=f"session:{session_id}")
    notify_next(_("That device has been signed out"))
    return redirect(url_for(".sign_ins"), 303)


@bp.post("/end-others")
@commits
def end_others() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    live = current_session()
    ended = operations.end_sessions(live.account.id, why=EVERYWHERE, but=live.id)
    _note(live.account, "identity.sessions_ended", count=ended)
    notify_next(
        ngettext("%(n)s other device has been signed out", "%(n)s other devices have been signed out", ended)
        if ended
        else _("You are signed in nowhere else")
    )
    return redirect(url_for(".sign_ins"), 303)


@bp.post("/end-all")
@commits
def end_all() -> ResponseReturnValue:
    """Sign out everywhere, here last: from here the provider hears of it."""
    live, here = current_session(), find_browser_id()
    if here is not None:
        attempts.wait_for(here)  # before the account is taken, as callbacks do
    ended = operations.end_sessions(live.account.id, why=EVERYWHERE, but=live.id)
    _note(live.account, "identity.sessions_ended", count=ended)
    return leaving.sign_out()


@bp.get("/not-me")
def not_me() -> str:
    """Ask first: it signs out everybody, the owner too."""
    return render("identity/not_me_ask.html", by_mail=False)


@bp.post("/not-me")
@commits
def report() -> ResponseReturnValue:
    """Somebody else has been here. From here on the way back leads by the provider."""
    account = current_account()
    recovery.report(account.id, doubted_since=recovery.in_doubt_since(), actor=f"account:{account.id}")
    return not_me_pages.after_report()


def _how(each: SignIn) -> str:
    """Such as `With your council account, in two steps`."""
    title = next((party.title for party in all_parties() if party.name == each.provider), each.provider)
    if each.assurance is Assurance.HIGH:
        return _("With %(provider)s, with your identity proven", provider=title)
    if each.assurance is Assurance.MEDIUM:
        return _("With %(provider)s, in two steps", provider=title)
    return _("With %(provider)s", provider=title)


def _note(account: Account, act: str, *, subject: str = "", count: int | None = None) -> None:
    details: dict[str, Any] = {} if count is None else {"count": count}  # a number, among names that are text
    audit.record(act, actor=f"account:{account.id}", subject=subject, account_id=account.id, **details)
