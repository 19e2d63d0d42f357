"""Which pages are open to all. Everything that does not say so needs a signed-in resident.

`portal.identity` asks `is_public` before each request and fails closed.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., object])


def public(view: View) -> View:
    """Open this page to people who are not signed in."""
    view.__dict__["public"] = True
    return view


def is_public(app: Flask, endpoint: str | None) -> bool:
    """Whether this endpoint said that it is open to all. An unknown endpoint is not."""
    view = app.view_functions.get(endpoint or "")
    return bool(getattr(view, "public", False))
