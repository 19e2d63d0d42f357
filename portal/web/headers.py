"""Headers that every answer bears, and the one way of redirecting after a form."""

import secrets
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

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
FOUND: Final = 302
SEE_OTHER: Final = 303
"""After a form, whatever its method: go on with a GET. 302 leaves that open."""
HSTS: Final = "max-age=63072000; includeSubDomains"


def install(app: Flask) -> None:
    """Put the headers on each answer of `app`."""
    app.after_request(write)


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


def origin_of(url: str) -> str:
    """Scheme and host of an address, fit for a policy, or "": what could end the directive is left out."""
    parts = urlsplit(url)
    if not parts.netloc or any(letter in parts.netloc for letter in " ;,'\"\t\r\n"):
        # A native application's own scheme has no host; naming the scheme is all that the policy can do.
        return f"{parts.scheme}:" if parts.scheme and not parts.netloc else ""
    return f"{parts.scheme}://{parts.netloc}"


def policy() -> str:
    """The content security policy of this answer."""
    targets = sorted((web_state().form_targets | g.get("form_targets", set())) - {""})
    script = f"'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {script}",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            " ".join(["form-action 'self'", *targets]),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def write(response: Response) -> Response:
    """After each request. What a view has said of caching stays; otherwise nothing is stored."""
    if response.status_code == FOUND and request.method not in ("GET", "HEAD"):
        response.status_code = SEE_OTHER
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    if web_state().settings.public_url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    response.headers.setdefault("Content-Security-Policy", policy())
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
