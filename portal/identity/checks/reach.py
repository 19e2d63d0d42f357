"""Asking a provider once, without any copy, and saying in words why it cannot be had."""

import time
from dataclasses import dataclass

import requests

from portal import clock, outbound
from portal.identity.relying_party import RelyingParty


@dataclass(frozen=True, slots=True)
class Reached:
    """An answer of whatever status. `asked_at` in seconds since 1970, in the middle of the call; `took` in seconds."""

    url: str
    answer: requests.Response
    asked_at: float
    took: float


class Unreached(Exception):
    """No answer at all. The text says why, and what to do."""


def ask(party: RelyingParty, url: str) -> Reached:
    """Fetch a document as `documents` does. Raises Unreached."""
    allow_loopback, trusted = party.documents.reach
    began = time.monotonic()
    try:
        with outbound.client(allow_loopback=allow_loopback, trusted_hosts=trusted) as client:
            answer = client.get(url, headers={"Accept": "application/json"})
    except requests.RequestException as error:
        raise Unreached(_why(error, url)) from None
    took = time.monotonic() - began
    return Reached(url, answer, clock.now().timestamp() - took / 2, took)


def _why(error: requests.RequestException, url: str) -> str:
    host = outbound.host_of(url) or url
    match error:
        case requests.exceptions.SSLError():
            return (
                f"{host} shows a certificate that cannot be trusted: run out, for another name, or signed by nobody"
                " that this machine knows. Have it replaced there."
            )
        case requests.Timeout():
            return f"{host} does not answer in time. Is it down, or is there a firewall between it and this machine?"
        case (
            requests.exceptions.InvalidURL() | requests.exceptions.InvalidSchema() | requests.exceptions.MissingSchema()
        ):
            return f"{url} is no address that can be asked."
        case requests.ConnectionError() if "cannot be resolved" in str(error):
            return f"The name {host} is not known to this machine. Check its spelling, then this machine's DNS."
        case requests.ConnectionError() if "not one that we may call" in str(error):
            return f"{host} leads to an inner address, which is only called when the issuer itself is on that host."
        case requests.ConnectionError():
            return f"{host} takes no connection, or ends it. Is it down, or is there a firewall between?"
    return f"{host} answers with something that cannot be read as HTTP, or too much of it."


def why_not(reached: Reached) -> str | None:
    """Why an answer is of no use by its status, or None when it is 200."""
    status = reached.answer.status_code
    if status == 200:
        return None
    if 300 <= status < 400:
        onward = reached.answer.headers.get("Location", "elsewhere")
        return f"{reached.url} answers with a redirect to {onward}; redirects are not followed."
    reason = {
        401: "wants a sign-in",
        403: "is closed to us; a firewall there may have to be told of this machine",
        404: "is not there",
        429: "has been asked too often",
    }.get(status, "has a fault of its own" if status >= 500 else "gives no document")
    return f"{reached.url} {reason} (HTTP status {status})."
