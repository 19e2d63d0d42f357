"""A part of the portal that has people of its own: other sessions, another menu, the same pages around it.

Who is signed in there is nobody elsewhere. So the form tokens of its pages are tied to its own cookie.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, current_app, g, request

from portal.web.state import KEY, MenuItem


@dataclass(slots=True)
class Realm:
    """The addresses under `prefix`. The endpoints are pages of its own that the layout leads to."""

    prefix: str
    session_cookie: str
    ask_time_left: str
    stay: str
    sign_out: str
    may_open: Callable[[str], bool]
    """Whether who is signed in may open that endpoint: the menu offers nothing else."""
    menu: list[MenuItem] = field(default_factory=list)


def add_realm(app: Flask, realm: Realm) -> None:
    """Set `app` up with it."""
    app.extensions[KEY].realms.append(realm)


def current_realm() -> Realm | None:
    """The part that the address of this request is in; None in the residents' own."""
    if "realm" not in g:
        g.realm = next((each for each in current_app.extensions[KEY].realms if _is_in(each.prefix)), None)
    found: Realm | None = g.realm
    return found


def _is_in(prefix: str) -> bool:
    return request.path == prefix or request.path.startswith(f"{prefix}/")
