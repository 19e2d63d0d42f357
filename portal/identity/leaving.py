"""The way out: our session ends first, whatever the provider does; then the browser goes there to end its own.

OpenID Connect RP-Initiated Logout 1.0. The provider's answer changes nothing for us, so the page that says "signed out"
says it whatever `state` comes back, or none.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import commit, commits
from portal.identity import operations
from portal.identity.next_path import FRONT
from portal.identity.relying_party import RelyingParty, all_parties
from portal.identity.secret_values import new_secret
from portal.identity.sessions import current_session_or_none
from portal.identity.setting_out import leave_for
from portal.identity.views import bp
from portal.web import browser, cookies
from portal.web.access import public
from portal.web.csrf import SESSION_COOKIE
from portal.web.page import render
from portal.web.state import web_state

LONGEST: Final = 2048
"""One Login's firewall refuses longer addresses."""
LONGEST_HINT: Final = 254


@bp.post("/sign-out")
@public
@commits
def sign_out() -> ResponseReturnValue:
    """Sign out here and at the provider. Also for a session that has run out meanwhile: at the provider it lives on.

    Ours is ended for good before we look at what the provider has said of itself: nothing there keeps a session open.
    """
    left = operations.sign_out(cookie=cookies.get(SESSION_COOKIE), browser=browser.find_browser_id())
    commit()
    cookies.drop(SESSION_COOKIE)
    browser.renew()
    for name in ("signed_in_as", "time_left"):
        g.pop(name, None)
    return leave(left, all_parties(), back=url_for("identity.signed_out"))


@bp.get("/signed-out")
@public
def signed_out() -> ResponseReturnValue:
    """The end, reached with whatever `state` or none."""
    if current_session_or_none() is not None:
        return redirect(FRONT)  # signed in again meanwhile; saying otherwise would be wrong
    return render("identity/signed_out.html")


def leave(left: operations.Left | None, parties: Iterable[RelyingParty], *, back: str) -> ResponseReturnValue:
    """On to the provider of the ended session, and then `back`; straight there when there is none to tell."""
    party = next((each for each in parties if left is not None and each.name == left.provider), None)
    elsewhere = logout_address(party, left.id_token, back=back) if party is not None and left is not None else None
    if party is None or elsewhere is None:
        return redirect(back, 303)
    return leave_for(elsewhere, party)


def logout_address(party: RelyingParty, id_token: str | None, *, back: str) -> str | None:
    """Where the provider ends its own session, when it says so, and then sends them `back`.

    Asks nobody: signing out waits for no network.

    With the ID token the provider need not ask the person whether they mean it; without it, `client_id` still says
    where to send them back. Some want the one and some the other, so both are sent where they fit.
    """
    metadata = party.documents.known_metadata()
    if metadata is None or metadata.end_session_endpoint is None:
        return None
    plain = {
        "client_id": party.settings.client_id,
        "post_logout_redirect_uri": web_state().settings.public_url + back,
        "state": new_secret(),
    }
    hints = _hints(id_token) if id_token is not None and party.settings.logout_hint else {}
    joint = "&" if "?" in metadata.end_session_endpoint else "?"
    for query in (hints | plain, plain):
        address = metadata.end_session_endpoint + joint + urlencode(query)
        if len(address) < LONGEST:
            return address
    return None


def _hints(id_token: str) -> dict[str, str]:
    """Whose session it is: the ID token itself, and who signed in, for a provider that has told us how it calls them.

    Entra asks which account is to be signed out unless it gets its own `login_hint` claim back.
    """
    hints = {"id_token_hint": id_token}
    body = id_token.split(".")[1] if id_token.count(".") == 2 else ""
    try:
        login = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))).get("login_hint")
    except (ValueError, AttributeError):
        return hints
    if isinstance(login, str) and 0 < len(login) <= LONGEST_HINT and login.isprintable():
        hints["logout_hint"] = login
    return hints


__all__ = ["bp", "logout_address"]
