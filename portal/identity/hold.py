"""What is held back on an account that somebody has reported: one mark on a view, asked by the guard.

Who reports and how the hold ends is in `portal.identity.recovery`.
"""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from flask import Flask, g, make_response, request, url_for
from flask.typing import ResponseReturnValue

from portal.errors import Forbidden
from portal.identity.sessions import current_session_or_none
from portal.web.languages import gettext as _
from portal.web.page import render, stand

log = logging.getLogger(__name__)

HELD_PAGE: Final = "not_me.held"
View = TypeVar("View", bound=Callable[..., object])


def sensitive(view: View) -> View:
    """Refuse this view while the account is held: it changes where things go, or who may come in."""
    view.__dict__["sensitive"] = True
    return view


def is_sensitive(app: Flask, endpoint: str) -> bool:
    """Whether this endpoint is refused while the account is held."""
    return bool(getattr(app.view_functions.get(endpoint), "sensitive", False))


def refuse_while_held() -> None:
    """For acts that are not a page of their own. Raises Forbidden while the account of who is signed in is held."""
    live = current_session_or_none()
    if live is not None and live.held_at is not None:
        raise Forbidden(
            _("Somebody reported a sign-in to this account. Until that is settled, this cannot be changed.")
        )


def refusal() -> ResponseReturnValue:
    """The page in the place of one that is held back."""
    log.info("Page refused while the account is held: %s", request.endpoint)
    g.pop("standing", None)  # the page says it itself
    return make_response(render("identity/held_back.html"), 403)


def say_so() -> None:
    """The banner on every page of an account that is held, but for the one that it leads to."""
    if request.endpoint == HELD_PAGE:
        return
    stand(
        _("Somebody reported a sign-in to your account, so some changes are held."),
        link=_("See what to do next"),
        href=url_for(HELD_PAGE),
    )
