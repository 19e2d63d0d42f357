"""Our cookies: names, paths and flags decided in one place.

Away from this machine every cookie is `Secure` and its name says so: `__Host-` at the root of a host, so that no
neighbouring host can plant one, `__Secure-` where the application is mounted under a path.
"""

from typing import Final

from flask import Response, current_app, g, request

SAME_SITE: Final = "Lax"


def cookie_name(name: str) -> str:
    """The name as the browser knows it."""
    state = current_app.extensions["moothall.web"]
    plain = f"{state.name}_{name}"
    if state.settings.is_loopback:
        return plain
    return f"__Host-{plain}" if cookie_path() == "/" else f"__Secure-{plain}"


def cookie_path() -> str:
    """Where this application is mounted."""
    return f"{request.script_root}/"


def get(name: str) -> str | None:
    """The cookie's value: what this request has put there, else what the browser sent."""
    staged: dict[str, tuple[str | None, int | None]] = g.get("cookies", {})
    if name in staged:
        return staged[name][0]
    if "HTTP_COOKIE" not in request.environ:
        return None  # as programs call us
    sent, full_name = request.cookies, cookie_name(name)
    # Asked first: a missing key costs an exception, which is dear on every page.
    if full_name not in sent:
        return None
    return sent[full_name]


def put(name: str, value: str, *, max_age: int | None = None) -> None:
    """Set a cookie with this answer, for `max_age` seconds or until the browser closes. Always `HttpOnly`."""
    g.setdefault("cookies", {})[name] = (value, max_age)


def drop(name: str) -> None:
    """Delete a cookie with this answer."""
    g.setdefault("cookies", {})[name] = (None, 0)


def write_none(response: Response) -> Response:
    """After a request of a program, before `write`: whatever was put is not for it."""
    g.pop("cookies", None)
    return response


def write(response: Response) -> Response:
    """After each request: write what was put and dropped.

    Nothing on an answer that may be kept for everybody: a cache would give one browser's cookie to others.
    """
    staged: dict[str, tuple[str | None, int | None]] | None = g.get("cookies")
    if staged is None or response.cache_control.public:
        return response
    for name, (value, max_age) in staged.items():
        response.set_cookie(
            cookie_name(name),
            value or "",
            max_age=max_age,
            path=cookie_path(),
            secure=not current_app.extensions["moothall.web"].settings.is_loopback,
            httponly=True,
            samesite=SAME_SITE,
        )
    return response
