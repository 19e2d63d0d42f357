"""Proving who you are: the page that begins it, and the one that whoever proves it at a counter is sent back to.

A provider may take days to answer, when somebody has shown their documents at a Post Office. It then writes to them
with a link to here (One Login: “landing page”), and they finish by the same two steps as everybody: signed in first,
then the identity.
"""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.identity import asking
from portal.identity.assurance import Assurance
from portal.identity.guard import demands
from portal.identity.relying_party import all_parties
from portal.identity.sessions import current_session
from portal.web.page import render

bp = Blueprint("proof", __name__, template_folder="templates")


def is_possible() -> bool:
    """Whether anybody can be proven here at all: by some provider in the settings."""
    return any(asking.can_reach(party.settings, Assurance.HIGH) for party in all_parties())


@bp.get("/prove-your-identity")
def prove() -> ResponseReturnValue:
    """Say what it is for, and lead on. For everybody who is signed in."""
    return render(
        "identity/prove.html",
        is_proven=current_session().assurance >= Assurance.HIGH,
        possible=is_possible(),
        onward=url_for(".proven"),
    )


@bp.get("/prove-your-identity/done")
@demands(Assurance.HIGH)
def proven() -> ResponseReturnValue:
    """Reached by nobody who has not: the gate before it leads to the provider, and back to here."""
    return render("identity/proven.html")
