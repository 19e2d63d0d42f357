"""What the warning before the end of a session asks: how long is left, and to stay."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Flask, g, jsonify
from flask.typing import ResponseReturnValue

from portal.web.access import public
from portal.web.languages import format_time
from portal.web.page import render
from portal.web.time_left import TimeLeft

bp = Blueprint("time_left", __name__)

View = TypeVar("View", bound=Callable[..., object])


def watching(view: View) -> View:
    """A page asks this by itself: it does not count as the resident being here."""
    view.__dict__["watching"] = True
    return view


def is_watching(app: Flask, endpoint: str | None) -> bool:
    """Whether a request for this endpoint says nothing of anybody being here."""
    return bool(getattr(app.view_functions.get(endpoint or ""), "watching", False))


@bp.get("/signed-in-until")
@public
@watching
def signed_in_until() -> ResponseReturnValue:
    """For the page's script. Whoever is signed out hears 0: being led to the sign-in page would tell it nothing.

    Nobody else ever does, not in their last second either: at 0 the page sends what was typed, to be kept and not to
    be done.
    """
    left: TimeLeft | None = g.get("time_left")
    if left is None:
        return jsonify(seconds=0, can_stay=False, until=None)
    return jsonify(seconds=max(1, left.seconds), can_stay=left.can_stay, until=format_time(left.ends_at))


@bp.get("/stay-signed-in")
def stay() -> str:
    """Being fetched is what keeps somebody signed in; so it is a page to open beside a form that is being filled in."""
    return render("identity/stay.html")
