"""Addresses that programs call: no browser, no cookie, no form token, and refusals in a form that they can read.

A standard says where such an address is and how it says no (Open311 is one), so a service declares both and the portal
keeps its own pages out of there. Requests to it are nobody's: no session is looked up, so none can be abused by a form
on a stranger's page, and what a view demands instead, such as a key, is its own affair.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, request

from portal.web.state import web_state

Refuse = Callable[[int, str], Response]
"""Writes a refusal: HTTP status and a sentence, in whatever form the address asked for."""


@dataclass(frozen=True, slots=True)
class Programs:
    """One such address, with all that lies below it."""

    path: str
    refuse: Refuse


def add(app: Flask, path: str, refuse: Refuse) -> None:
    """From now on programs call what lies at `path` and below."""
    web_state(app).programs[path] = Programs(path, refuse)


def called_here() -> Programs | None:
    """The address that this request calls; None on a page for people."""
    known = web_state().programs
    if not known:
        return None
    asked = request.path
    return next((each for each in known.values() if asked == each.path or asked.startswith(f"{each.path}/")), None)
