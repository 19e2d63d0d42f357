"""What a client hears of its authorization request, at its own registered address.

`iss` (RFC 9207; not in the shape of One Login) and `state` go with every answer, errors included, in whichever way the
answer travels.
"""

from typing import Final
from urllib.parse import urlencode

from flask import make_response
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.provider.leaving import leave
from portal.provider.parameters import Asked, ProtocolError
from portal.provider.state import provider
from portal.web.headers import csp_nonce
from portal.web.languages import current_language
from portal.web.page import render

NO_ADDRESS: Final = 400


def with_code(asked: Asked, code: str) -> ResponseReturnValue:
    """The client may have it: a code."""
    return _send(asked, {"code": code})


def refused(asked: Asked, error: ProtocolError) -> ResponseReturnValue:
    """The client may not, and hears why. Where no address is known, the person sees a page."""
    if not asked.redirect_uri:
        return bad_request(f"{error.error}: {error.description}")
    return _send(asked, {"error": error.error, "error_description": error.description})


def bad_request(reason: str) -> ResponseReturnValue:
    """A page: there is nowhere to send anybody."""
    return render("provider/bad_request.html", reason=reason), NO_ADDRESS


def _send(asked: Asked, answer: dict[str, str]) -> ResponseReturnValue:
    if provider().shape.sends_issuer:
        answer["iss"] = provider().issuer
    if asked.state is not None:
        answer["state"] = asked.state
    if asked.response_mode == "form_post":
        return _form(asked, answer)
    joint = "&" if "?" in asked.redirect_uri else "?"
    return leave(f"{asked.redirect_uri}{joint}{urlencode(answer)}", asked.client)


def _form(asked: Asked, answer: dict[str, str]) -> Response:
    """A page whose form brings the answer (Form Post Response Mode): sent at once, or by a button without scripts.

    Its policy is its own. Without `form-action`: its one form leads to the client, and Chromium would hold to that
    whatever the client's address redirects on to (see `leaving`).
    """
    title = asked.client.title_in(current_language())
    page = render("provider/form_post.html", title=title, address=asked.redirect_uri, answer=answer)
    response = make_response(page)
    response.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{csp_nonce()}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
    # `same-origin` would blank the Origin of this very form, by which the client may judge who sends it.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
