""" "This was not me": the link from the mail, what to do next, and the way to lift the hold.

Programs that scan mail open every link before its reader does. So fetching a page here changes nothing; only its button
does, and pressing it a second time says that it is done.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, select

from portal import clock
from portal.accounts import operations as accounts
from portal.accounts.queries import reference_of
from portal.db.session import commits, session
from portal.identity import devices, guard, recovery
from portal.identity.assurance import Assurance
from portal.identity.models import SignInNoticeRow
from portal.identity.relying_party import all_parties
from portal.identity.sealed import seal, unseal
from portal.identity.secret_values import kept_as
from portal.identity.sessions import current_session
from portal.web import cookies
from portal.web.access import public
from portal.web.languages import format_datetime
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("not_me", __name__)

FRESH: Final = timedelta(minutes=15)
"""How long ago whoever lifts a hold may have shown the provider who they are. It must also be after the report."""

REPORTED: Final = "reported"
"""The cookie of a browser that has just reported: what we say then is true of nobody else."""

_NOTICE = select(SignInNoticeRow).where(SignInNoticeRow.token_hash == bindparam("token_hash"))


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where a provider helps those who fear for their account there."""

    title: str
    recovery_url: str | None
    account_url: str | None


@bp.route("/not-me/<token>", methods=["GET", "POST"])
@public
@commits
def from_mail(token: str) -> ResponseReturnValue:
    """The page behind the link. It needs no sign-in: whoever was locked out must be able to press it."""
    notice = _notice(token)
    if notice is None or clock.now() - notice.sent_at > devices.LINK_LASTS:
        return make_response(render("identity/not_me_dead.html"), 410)
    if notice.used_at is not None:
        return render("identity/not_me_done.html", again=True, ways_back=_ways_back())
    if request.method == "POST":
        recovery.report(notice.account_id, doubted_since=recovery.in_doubt_since(), actor="system:mail")
        return after_report()
    return render("identity/not_me_ask.html", by_mail=True)


@bp.get("/not-me")
@public
def what_now() -> ResponseReturnValue:
    """What to do after the report: the same for everybody who has made one, so it tells nothing of anybody."""
    if unseal(cookies.get(REPORTED)) != REPORTED:
        return redirect(url_for("sign_ins.sign_ins"), 303)  # by way of the sign-in page, for who is not signed in
    return render("identity/not_me_done.html", again=False, ways_back=_ways_back())


@bp.get("/held")
def held() -> ResponseReturnValue:
    """What is held and what is still to do."""
    live = current_session()
    hold = recovery.find_hold(live.account.id)
    if hold is None:
        return redirect(url_for("sign_ins.sign_ins"))
    return render(
        "identity/held.html",
        hold=hold,
        fresh=recovery.is_fresh(live),
        ways_back=_ways_back(),
        reference=reference_of(live.account.id),
    )


@bp.post("/held/send-link")
@commits
def send_link() -> ResponseReturnValue:
    """Send the link once more."""
    if recovery.send_link(current_session().account):
        notify_next(_("We have sent you another link. The earlier one no longer works."))
    return redirect(url_for(".held"), 303)


@bp.route("/held/lift/<token>", methods=["GET", "POST"])
@guard.demands(Assurance.LOW, fresh=FRESH)
@commits
def lift(token: str) -> ResponseReturnValue:
    """The page behind the link that lifts the hold. Who is signed in has signed in after the report: see `arrival`."""
    live = current_session()
    hold = recovery.find_hold(live.account.id)
    if hold is None or not recovery.opens(live, token):
        return make_response(render("identity/lift_dead.html", still_held=live.held_at is not None), 410)
    if request.method == "POST":
        taken = recovery.lift(live, token=token)
        devices.know_this_browser(live.account.id)
        notify_next(
            _(
                "Your account is yours again. Ways to sign in here that were added since %(at)s have been removed.",
                at=format_datetime(hold.doubted_since),
            )
            if taken
            else _("Your account is yours again")
        )
        return redirect(url_for("sign_ins.sign_ins"), 303)
    return render("identity/lift.html", since=hold.doubted_since)


def after_report() -> ResponseReturnValue:
    """Lead whoever has just reported to what they can do now."""
    cookies.put(REPORTED, seal(REPORTED), max_age=3600)
    return redirect(url_for("not_me.what_now"), 303)


def _notice(token: str) -> SignInNoticeRow | None:
    """The letter that the link is from.

    Whoever presses the button takes the account first, as all do, and looks again then: the buttons of two letters are
    pressed one after the other, and the second finds that it is done.
    """
    found = session().scalar(_NOTICE, {"token_hash": kept_as(token)})
    if found is None or request.method != "POST":
        return found
    accounts.lock(found.account_id)
    return session().scalar(_NOTICE, {"token_hash": kept_as(token)}, execution_options={"populate_existing": True})


def _ways_back() -> list[WayBack]:
    return [
        WayBack(party.title, party.settings.recovery_url, party.settings.account_url)
        for party in all_parties()
        if party.settings.recovery_url or party.settings.account_url
    ]
