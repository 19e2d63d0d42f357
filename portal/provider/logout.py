"""Sign-out at the provider: asked for by a relying party (RP-Initiated Logout 1.0) or by the person."""

from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.db.session import commits
from portal.provider import browser_login, sign_ins
from portal.provider.clients import Client
from portal.provider.id_tokens import Hint, read_hint
from portal.provider.leaving import leave
from portal.provider.queries import clients_with_a_home, find_client
from portal.web.access import public
from portal.web.csrf import exempt
from portal.web.headers import allow_form_target
from portal.web.page import render

bp = Blueprint("logout", __name__)

LONGEST: Final = {"id_token_hint": 4096, "client_id": 100, "post_logout_redirect_uri": 500, "state": 1024}


@bp.get("/logout")
@public
@commits
def logout() -> ResponseReturnValue:
    """End the sign-in when the client proves that it is its own; otherwise ask the person.

    An ID token is not a key: whoever finds an old one in a log ends nothing by it. Only the browser of that sign-in
    does, whether or not it still counts there, or a token that has not expired.

    Writes although it is a GET, as the protocol has it; a look by HEAD ends nothing. It redirects only to an address
    that the client in the hint has registered, character for character; in every other case it shows a page.
    """
    if request.method == "HEAD":
        return Response()
    hint = _hint()
    login = browser_login.carried_login()
    if hint is None or (login is not None and login.person_id != hint.person_id):
        if login is None:
            return redirect(url_for("logout.signed_out"), 303)
        return _ask_first()
    if login is not None or hint.is_fresh:
        sign_ins.end_login(hint.login_id)
    browser_login.sign_out()
    return redirect(_way_back(hint.client, request.args) or url_for("logout.signed_out"), 303)


@bp.post("/logout")
@public
@exempt
def logout_by_post() -> ResponseReturnValue:
    """The same request in a body. Asked again by GET: a form of another site brings no Lax cookies.

    What no client of ours would send is left behind, or the address would grow as long as anybody likes.
    """
    sent = [
        (name, value)
        for name, longest in LONGEST.items()
        for value in request.form.getlist(name)[:2]  # two are enough to be seen as doubled
        if len(value) <= longest
    ]
    return redirect(f"{url_for('logout.logout')}?{urlencode(sent)}".rstrip("?"), 303)


@bp.post("/sign-out")
@public
@commits
def sign_out() -> ResponseReturnValue:
    """The person says so themselves, and so may be sent back to the client that asked without proof."""
    browser_login.sign_out()
    client, target = _way_back_unproven(request.form)
    if client is None or target is None:
        return redirect(url_for("logout.signed_out"), 303)
    return leave(target, client)


@bp.get("/signed-out")
@public
def signed_out() -> str:
    """What has happened, and ways on."""
    return render("provider/signed_out.html", homes=clients_with_a_home())


def _ask_first() -> str:
    """The page with the person's own button. It carries what the client said, which is looked at again then."""
    _client, target = _way_back_unproven(request.args)
    if target is not None:
        allow_form_target(target)
    carried = {name: _one(name, request.args) or "" for name in LONGEST if name in request.args} if target else {}
    return render("provider/sign_out.html", carried=carried)


def _way_back_unproven(said: MultiDict[str, str]) -> tuple[Client | None, str | None]:
    """A client without a hint, and where it wants the person sent, when that is registered.

    A hint that is no good spoils it.

    The person confirms on a page of ours (RP-Initiated Logout 3), so a stranger's link alone sends nobody anywhere.
    """
    client = None if "id_token_hint" in said else find_client(_one("client_id", said))
    return client, _way_back(client, said) if client is not None else None


def _way_back(client: Client, said: MultiDict[str, str]) -> str | None:
    """The address after signing out with its state, or None unless the client has registered just that."""
    target = _one("post_logout_redirect_uri", said)
    if target is None or target not in client.post_logout_redirect_uris:
        return None
    state = _one("state", said)
    if state and len(state) <= LONGEST["state"] and state.isascii() and state.isprintable():
        target += ("&" if "?" in target else "?") + urlencode({"state": state})
    return target


def _hint() -> Hint | None:
    """The hint, when `client_id` does not contradict it."""
    client_id = _one("client_id", request.args)
    if client_id is None and "client_id" in request.args:
        return None
    return read_hint(_one("id_token_hint", request.args) or "", client_id=client_id)


def _one(name: str, said: MultiDict[str, str]) -> str | None:
    """The parameter's value if it is there once."""
    values = said.getlist(name)
    return values[0] if len(values) == 1 else None
