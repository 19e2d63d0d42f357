"""Which hosts and origins are ours. An application answers to its own name and to no other.

The name that a request calls us by goes into redirects, and was once compared with the origin of forms. Were any name
believed, a stranger's name that leads to our address would count as ours.
"""

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from flask import redirect, request
from flask.typing import ResponseReturnValue

from portal.web import error_pages
from portal.web.state import web_state

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
USUAL_PORT: Final = {"http": 80, "https": 443}


def hosts_of(*addresses: str) -> frozenset[str]:
    """The hosts of these addresses; every name of this machine where one of them is its own."""
    hosts = {urlsplit(each).hostname or "" for each in addresses}
    return frozenset(hosts | LOOPBACK if hosts & LOOPBACK else hosts)


def origins_of(address: str) -> frozenset[str]:
    """The origins that a browser names for pages at this address."""
    parts = urlsplit(address)
    port = "" if parts.port in (None, USUAL_PORT.get(parts.scheme)) else f":{parts.port}"
    names = (f"[{each}]" if ":" in each else each for each in hosts_of(address))
    return frozenset(f"{parts.scheme}://{name}{port}" for name in names)


def check() -> ResponseReturnValue | None:
    """Before each request: refuse one that calls us by another name. The page does not repeat that name."""
    # Not Flask's TRUSTED_HOSTS: with it no address can be built for the links of the page that refuses.
    return None if _name_in(request.host) in web_state().hosts else error_pages.answer(400)


@lru_cache(maxsize=100)  # nearly all call us by the same one
def _name_in(host: str) -> str | None:
    return urlsplit(f"//{host}").hostname


def to_one_name() -> ResponseReturnValue | None:
    """Before each request, in the demo: lead from another name of this machine to the one in our address.

    Browsers keep cookies apart by name, so a sign-in begun at 127.0.0.1 could not end at localhost.
    """
    state = web_state()
    ours, asked = urlsplit(state.address), urlsplit(request.base_url)
    if request.method not in ("GET", "HEAD") or asked.hostname == ours.hostname:
        return None
    if asked.hostname not in LOOPBACK or ours.hostname not in LOOPBACK:
        return None
    query = request.query_string.decode("latin-1")
    return redirect(asked._replace(scheme=ours.scheme, netloc=ours.netloc, query=query).geturl(), 308)
