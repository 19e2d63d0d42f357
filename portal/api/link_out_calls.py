"""Who calls, what they may, and what their body says: the same for every call of a remote application."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from flask import Blueprint, Flask, Response, request
from pydantic import ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from portal.api.link_out_problems import PATH, problem, refuse
from portal.api.link_out_shapes import Impossible, Shape
from portal.errors import TooMany, Unavailable
from portal.linkouts.queries import find_by_token
from portal.linkouts.values import LinkOut, NotTaken
from portal.registry.switches import reasons
from portal.web import cookies, limits, programs
from portal.web.access import public

P = ParamSpec("P")
S = TypeVar("S", bound=Shape)
bp = Blueprint("link_outs", __name__, url_prefix=PATH)

KEY: Final = re.compile(r"[A-Za-z0-9._-]{1,60}")
MOST_BYTES: Final = 16 * 1024
MOST_CALLS: Final = 600
"""Of one application in a minute."""
MOST_REFUSED: Final = 60
"""Wrong tokens from one address in ten minutes before it is no longer listened to. Right ones are not counted."""


def install(app: Flask) -> None:
    """Programs call here: no session is read, no cookie written, no form token asked for."""
    programs.add(app, PATH, refuse)
    app.after_request_funcs.setdefault(bp.name, []).append(cookies.write_none)
    app.register_blueprint(bp)


def by_application(
    scope: str = "",
) -> Callable[[Callable[Concatenate[LinkOut, P], Response]], Callable[P, Response]]:
    """Call the view with the application whose token was brought, if it may do this. Its own token is its proof."""

    def mark(view: Callable[Concatenate[LinkOut, P], Response]) -> Callable[P, Response]:
        @wraps(view)
        def called(*args: P.args, **kwargs: P.kwargs) -> Response:
            link_out = _caller()
            if scope and scope not in link_out.scopes:
                raise NotTaken("scope", f"The operator has not given this application the scope {scope}.")
            return view(link_out, *args, **kwargs)

        return public(called)

    return mark


def body(shape: type[S]) -> S:
    """What was sent. Raises ValidationError, UnsupportedMediaType and RequestEntityTooLarge."""
    request.max_content_length = MOST_BYTES
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return shape.model_validate_json(request.get_data(cache=False))


def named(key: str) -> str:
    """The name of a card or task, out of the address. Raises NotTaken for what cannot be one."""
    if KEY.fullmatch(key) is None:
        raise NotTaken("not_found", "A key is 1 to 60 letters, digits, dots, dashes and underscores.")
    return key


def answer(says: Shape, status: int = 200) -> Response:
    """The answer as JSON."""
    return Response(says.model_dump_json(), status=status, mimetype="application/json")


@bp.errorhandler(NotTaken)
def not_taken(error: NotTaken) -> Response:
    """A rule says no."""
    return problem(error.code, error.sentence)


@bp.errorhandler(Impossible)
def impossible(error: Impossible) -> Response:
    """A member is well formed and cannot be."""
    fault = {"pointer": f"/{error.member}", "detail": error.sentence}
    return problem("invalid", f"{error.member}: {error.sentence}", [fault])


@bp.errorhandler(ValidationError)
def ill_formed(error: ValidationError) -> Response:
    """The body is not what was described. Its own words are not given back: they may be about somebody."""
    if any(fault["type"] == "json_invalid" for fault in error.errors()):
        return problem("not_json")
    faults = [
        {"pointer": "".join(f"/{part}" for part in fault["loc"]), "detail": fault["msg"]}
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return problem("invalid", "See errors.", faults)


@bp.after_request
def not_kept(response: Response) -> Response:
    """What is said of residents is kept by no cache on the way."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _caller() -> LinkOut:
    """Raises NotTaken without a good token, TooMany, and Unavailable while the application is switched off."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotTaken("no_token", "Send the token as `Authorization: Bearer …`.")
    link_out = find_by_token(token)
    if link_out is None:
        limits.hit(f"link-outs refused from {request.remote_addr}", limit=MOST_REFUSED, seconds=600)
        raise NotTaken("wrong_token", "It was mistyped, or replaced by a new one.")
    try:
        limits.hit(f"calls of link-out {link_out.slug}", limit=MOST_CALLS, seconds=60)
    except TooMany as stop:
        raise TooMany(f"More than {MOST_CALLS} calls in a minute.", stop.retry_after) from None
    reason = reasons().get(link_out.switch)
    if reason is not None:
        raise Unavailable(f"Switched off here: {reason}")
    return link_out
