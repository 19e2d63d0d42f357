"""Headers that every answer bears, and the one way of redirecting after a form."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response, g, request

from portal.settings.portal import Settings
from portal.web.state import web_state

ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: it would blank the Origin of our own forms, which the check against forged forms reads.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(self), payment=(), usb=(), display-capture=(), "
        "browsing-topics=(), interest-cohort=()"
    ),
}
Headers = list[tuple[str, str]]
Always = tuple[tuple[str, tuple[str, str]], ...]
"""Each header under its name in small letters."""
FOUND: Final = 302
SEE_OTHER: Final = 303
"""After a form, whatever its method: go on with a GET. 302 leaves that open."""
HSTS: Final = "max-age=63072000; includeSubDomains"


def install(app: Flask) -> None:
    """Put the headers on each answer of `app`."""
    always = tuple((name.lower(), (name, value)) for name, value in _always(web_state(app).settings))
    answer = app.wsgi_app

    def with_headers(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: Headers, *fault: Any) -> Callable[[bytes], object]:
            return start_response(status, _with_ours(headers, always), *fault)

        return answer(environ, start)

    # Here and not in `after_request`: there each of them is copied and checked again, and they never change.
    app.wsgi_app = with_headers  # type: ignore[method-assign]  # how Flask documents middleware
    app.after_request(_see_other)


def _always(settings: Settings) -> Iterator[tuple[str, str]]:
    yield from ALWAYS.items()
    if settings.public_url.startswith("https://"):
        yield "Strict-Transport-Security", HSTS
    yield "Cache-Control", "no-store"


def _with_ours(headers: Headers, always: Always) -> Headers:
    """What a view has said itself stays. Flask starts the answer while its request is still the current one."""
    there = {name.lower() for name, _ in headers}
    ours = [header for name, header in always if name not in there]
    if "content-security-policy" not in there:
        ours.append(("Content-Security-Policy", policy()))
    return headers + ours


def _see_other(response: Response) -> Response:
    if response.status_code == FOUND and request.method not in ("GET", "HEAD"):
        response.status_code = SEE_OTHER
    return response


def csp_nonce() -> str:
    """The nonce that lets a script of this very page run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def allow_form_targets(app: Flask, *urls: str) -> None:
    """Forms of any page may lead to the origins of these addresses (browsers hold redirects to `form-action` too)."""
    web_state(app).form_targets.update(origin_of(url) for url in urls)


def allow_form_target(url: str) -> None:
    """Forms of this one page may lead to the origin of this address: a provider's own sign-in page."""
    g.setdefault("form_targets", set()).add(origin_of(url))


def allow_pictures_from(url: str) -> None:
    """This one page may show pictures from the origin of this address: tiles of a map. Empty allows none."""
    g.setdefault("picture_origins", set()).add(origin_of(url))


def origin_of(url: str) -> str:
    """Scheme and host of an address, fit for a policy, or "": what could end the directive is left out."""
    parts = urlsplit(url)
    if not parts.netloc or any(letter in parts.netloc for letter in " ;,'\"\t\r\n"):
        # A native application's own scheme has no host; naming the scheme is all that the policy can do.
        return f"{parts.scheme}:" if parts.scheme and not parts.netloc else ""
    return f"{parts.scheme}://{parts.netloc}"


def policy() -> str:
    """The content security policy of this answer."""
    targets = frozenset(web_state().form_targets).union(g.get("form_targets", ()))
    pictures = frozenset(g.get("picture_origins", ()))
    script = f"'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    return f"default-src 'none'; script-src {script}; {_policy_of_all_but_scripts(targets, pictures)}"


@lru_cache(maxsize=100)  # most pages have the same
def _policy_of_all_but_scripts(targets: frozenset[str], pictures: frozenset[str]) -> str:
    return "; ".join(
        (
            "style-src 'self'",
            " ".join(["img-src 'self' data:", *sorted(pictures - {""})]),
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            " ".join(["form-action 'self'", *sorted(targets - {""})]),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
