"""What programs ask every site for: robots, a small picture, whom to tell of a hole."""

from datetime import timedelta
from typing import Final

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal import clock
from portal.web.access import public
from portal.web.page import asset
from portal.web.state import web_state

bp = Blueprint("well_known", __name__)

OPEN_PAGES: Final = ("web.help_page", "web.accessibility", "web.privacy", "web.cookies_page")
CONTACT_LASTS: Final = timedelta(days=364)
"""RFC 9116 asks for less than a year, so that nobody writes to an address that was left behind."""


@bp.get("/robots.txt")
@public
def robots() -> Response:
    """Search engines may list the front page and the public pages; there is nothing else for them."""
    root = request.script_root
    files = (f"{root}/static/", f"{root}/theme.css", f"{root}/council-logo")
    allowed = (f"{root}/$", *map(url_for, OPEN_PAGES), *files)
    return _text(["User-agent: *", *(f"Allow: {path}" for path in allowed), f"Disallow: {root}/"])


@bp.get("/favicon.ico")
@public
def favicon() -> AnyResponse:
    """Where browsers look that read no link to it: at the same picture."""
    return redirect(asset("favicon.svg"))


@bp.get("/.well-known/security.txt")
@public
def security_txt() -> Response:
    """Whom to tell of a hole (RFC 9116)."""
    settings = web_state().settings
    expires = (clock.now() + CONTACT_LASTS).replace(microsecond=0, tzinfo=None)
    return _text(
        [
            f"Contact: mailto:{settings.council.email}",
            f"Expires: {expires.isoformat()}Z",
            "Preferred-Languages: en, cy",
            f"Canonical: {settings.public_url}{url_for('.security_txt')}",
        ]
    )


def _text(lines: list[str]) -> Response:
    answer = Response("\n".join([*lines, ""]), mimetype="text/plain")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer
