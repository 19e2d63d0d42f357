"""Staff signing in and out at the desk, and staying signed in."""

from typing import Final

from flask import Blueprint, g, jsonify, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import commit, commits
from portal.identity.assurance import Assurance, Demand
from portal.identity.ending import SENTENCES
from portal.identity.leaving import leave
from portal.identity.relying_party import get_party, staff_parties
from portal.identity.setting_out import allow_leaving_for, set_out
from portal.identity.time_left import watching
from portal.staff import operations
from portal.staff.gate import PREFIX, next_at_desk
from portal.staff.rights import ANY, needs
from portal.staff.sessions import COOKIE, current_staff_session_or_none
from portal.web import browser, cookies, limits
from portal.web.access import public
from portal.web.languages import format_time
from portal.web.page import render
from portal.web.time_left import TimeLeft

bp = Blueprint("staff", __name__, url_prefix=PREFIX, template_folder="templates")

MOST_FROM_AN_ADDRESS: Final = 300
WITHIN_SECONDS: Final = 600


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """One button for each provider of staff. Residents' are not among them."""
    next_path = next_at_desk(request.args.get("next"))
    if current_staff_session_or_none() is not None:
        return redirect(next_path)
    parties = staff_parties()
    for party in parties:
        allow_leaving_for(party)
    return render(
        "staff/sign_in.html",
        parties=[(party.name, party.title) for party in parties],
        next_path=next_path,
        why=SENTENCES.get(request.args.get("why", "")),
    )


@bp.post("/sign-in/<provider>")
@public
@commits
def begin(provider: str) -> ResponseReturnValue:
    """Send the browser to the provider, by the same way as residents go to theirs."""
    party = get_party(provider)
    limits.hit(f"staff sign-in from {request.remote_addr}", limit=MOST_FROM_AN_ADDRESS, seconds=WITHIN_SECONDS)
    least = Demand(Assurance[party.settings.least_level.upper()])
    return set_out(party, next_path=next_at_desk(request.form.get("next")), purpose="staff", demand=least)


@bp.post("/sign-out")
@public
@commits
def sign_out() -> ResponseReturnValue:
    """Sign out here and at the provider. Pressed twice, or too late, it is no error.

    The browser drops what our pages keep in its storage, such as words about a case for when a line is cut: colleagues
    share phones and counters.
    """
    left = operations.sign_out(cookie=cookies.get(COOKIE), browser=browser.find_browser_id())
    commit()
    cookies.drop(COOKIE)
    browser.renew()
    for name in ("signed_in_as", "time_left"):
        g.pop(name, None)
    answer = make_response(leave(left, staff_parties(), back=url_for("staff.signed_out")))
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


@bp.get("/signed-out")
@public
def signed_out() -> ResponseReturnValue:
    """The end, reached with whatever `state` or none."""
    if current_staff_session_or_none() is not None:
        return redirect(PREFIX)
    return render("staff/signed_out.html")


@bp.get("/signed-in-until")
@public
@watching
def signed_in_until() -> ResponseReturnValue:
    """For the page's script. Whoever is signed out hears 0, and nobody else ever does."""
    left: TimeLeft | None = g.get("time_left")
    if left is None:
        return jsonify(seconds=0, can_stay=False, until=None)
    return jsonify(seconds=max(1, left.seconds), can_stay=left.can_stay, until=format_time(left.ends_at))


@bp.get("/stay-signed-in")
@needs(ANY)
def stay() -> str:
    """Being fetched is what keeps somebody signed in."""
    return render("identity/stay.html")
