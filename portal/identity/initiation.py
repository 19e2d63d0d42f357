"""Signing in that begins elsewhere: a provider's page, or a link of the council's, asks us to begin (Core 4).

Anybody can make such a link, so it does no more than show a page with one button. Were the sign-in to begin by itself,
another site could sign a resident in or out behind their back.
"""

from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity.authorization_request import login_hint
from portal.identity.next_path import FRONT, safe_next
from portal.identity.relying_party import RelyingParty, all_parties
from portal.identity.sessions import current_session_or_none
from portal.identity.setting_out import allow_leaving_for
from portal.web.access import public
from portal.web.csrf import exempt
from portal.web.page import render
from portal.web.state import web_state

bp = Blueprint("initiation", __name__, template_folder="templates")

TAKEN: Final = ("iss", "login_hint", "target_link_uri")
LONGEST: Final = 2048


@bp.get("/auth/initiate")
@public
def initiate() -> ResponseReturnValue:
    """The sign-in page with the one provider meant. Only one of ours, and only on to a page of ours."""
    party = _meant()
    target = _target(request.args.get("target_link_uri"))
    live = current_session_or_none()
    if live is not None and live.provider == party.name:
        return redirect(target)
    allow_leaving_for(party)
    return render(
        "identity/sign_in.html",
        parties=[(party.name, party.title)],
        next_path=target,
        hint=login_hint(request.args.get("login_hint")),
        why=None,
        lost_file=False,
    )


@bp.post("/auth/initiate")
@public
@exempt
def initiate_by_post() -> ResponseReturnValue:
    """The same by a form. Asked again by GET: a form of another site brings no Lax cookies."""
    _meant()
    sent = [(name, value) for name in TAKEN for value in request.form.getlist(name)]
    return redirect(f"{url_for('.initiate')}?{urlencode(sent)}", 303)


def _meant() -> RelyingParty:
    sent = request.form if request.method == "POST" else request.args
    values = [sent.getlist(name) for name in TAKEN]
    if any(len(each) > 1 or len("".join(each)) > LONGEST for each in values):
        abort(400)
    party = next((each for each in all_parties() if each.settings.issuer == sent.get("iss")), None)
    if party is None:
        abort(400)
    return party


def _target(sent: str | None) -> str:
    """The path of ours that a whole address or a path means; the front page for anything else."""
    if sent is None:
        return FRONT
    return safe_next(sent.removeprefix(web_state().settings.public_url) if "://" in sent else sent)
