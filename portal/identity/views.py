"""Signing in: the page with the providers, and the way to one."""

from typing import Final

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from portal.db.session import commits
from portal.identity.authorization_request import login_hint
from portal.identity.ending import SENTENCES
from portal.identity.next_path import safe_next
from portal.identity.relying_party import all_parties, get_party
from portal.identity.sessions import current_session_or_none
from portal.identity.setting_out import allow_leaving_for, set_out
from portal.web import limits
from portal.web.access import public
from portal.web.page import render

bp = Blueprint("identity", __name__, template_folder="templates")

MOST_FROM_AN_ADDRESS: Final = 300
"""A council's libraries and offices share one address, so this only stops programs that fill our table."""
WITHIN_SECONDS: Final = 600


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """One button for each provider. Shown whatever state the providers are in."""
    next_path = safe_next(request.args.get("next"))
    if current_session_or_none() is not None:
        return redirect(next_path)
    for party in all_parties():
        allow_leaving_for(party)
    return render(
        "identity/sign_in.html",
        parties=[(party.name, party.title) for party in all_parties()],
        next_path=next_path,
        hint="",
        why=SENTENCES.get(request.args.get("why", "")),
        lost_file="file" in request.args,
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
