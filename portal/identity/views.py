"""Signing in and out: the page with the providers, the way to one, and the way out."""

from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import commits
from portal.identity import operations
from portal.identity.authorization_request import login_hint
from portal.identity.next_path import FRONT, safe_next
from portal.identity.relying_party import RelyingParty, all_parties, get_party
from portal.identity.secret_values import new_secret
from portal.identity.sessions import current_session_or_none
from portal.identity.setting_out import allow_leaving_for, leave_for, set_out
from portal.web import browser, cookies, limits
from portal.web.access import public
from portal.web.csrf import SESSION_COOKIE
from portal.web.page import render
from portal.web.state import web_state

bp = Blueprint("identity", __name__, template_folder="templates")

LONGEST_LOGOUT_ADDRESS: Final = 2048  # One Login's firewall refuses longer ones
MOST_FROM_AN_ADDRESS: Final = 300
"""A council's libraries and offices share one address, so this only stops programs that fill our table."""
WITHIN_SECONDS: Final = 600
WHY: Final = frozenset({"expired", "held"})


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """One button for each provider. Shown whatever state the providers are in."""
    next_path = safe_next(request.args.get("next"))
    if current_session_or_none() is not None:
        return redirect(next_path)
    why = request.args.get("why")
    for party in all_parties():
        allow_leaving_for(party)
    return render(
        "identity/sign_in.html",
        parties=[(party.name, party.title) for party in all_parties()],
        next_path=next_path,
        why=why if why in WHY else None,
    )


@bp.post("/sign-in/<provider>")
@public
@commits
def begin(provider: str) -> ResponseReturnValue:
    """Write down that a sign-in begins, and send the browser to the provider."""
    party = get_party(provider)
    limits.hit(f"sign-in begun from {request.remote_addr}", limit=MOST_FROM_AN_ADDRESS, seconds=WITHIN_SECONDS)
    return set_out(
        party, next_path=safe_next(request.form.get("next")), login_hint=login_hint(request.form.get("hint"))
    )


@bp.post("/sign-out")
@public
@commits
def sign_out() -> ResponseReturnValue:
    """End our session first, whatever the provider does; then send the browser there to end its own."""
    live = current_session_or_none()
    id_token = None
    if live is not None:
        id_token = operations.end_session(live.id, live.account.id, browser=browser.find_browser_id())
        party = next((each for each in all_parties() if each.name == live.provider), None)
    else:
        party = None
    cookies.drop(SESSION_COOKIE)
    browser.renew()
    g.pop("signed_in_as", None)
    elsewhere = _logout_address(party, id_token) if party is not None else None
    if party is None or elsewhere is None:
        return redirect(url_for(".signed_out"), 303)
    return leave_for(elsewhere, party)


@bp.get("/signed-out")
@public
def signed_out() -> ResponseReturnValue:
    """The end, reached with whatever `state` or none: our session ended before the provider was asked."""
    if current_session_or_none() is not None:
        return redirect(FRONT)  # signed in again meanwhile; saying otherwise would be wrong
    return render("identity/signed_out.html")


def _logout_address(party: RelyingParty, id_token: str | None) -> str | None:
    """Where the provider ends its own session, when it says so. Asks nobody: signing out waits for no network."""
    metadata = party.documents.known_metadata()
    if metadata is None or metadata.end_session_endpoint is None:
        return None
    query = {
        "client_id": party.settings.client_id,
        "post_logout_redirect_uri": web_state().settings.public_url + url_for(".signed_out"),
        "state": new_secret(),
    }
    joint = "&" if "?" in metadata.end_session_endpoint else "?"
    whole = metadata.end_session_endpoint + joint + urlencode({"id_token_hint": id_token or "", **query})
    if id_token and len(whole) < LONGEST_LOGOUT_ADDRESS:
        return whole
    return metadata.end_session_endpoint + joint + urlencode(query)
