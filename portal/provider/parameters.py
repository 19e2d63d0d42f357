"""The parameters of an authorization request, read once and strictly, before any library sees them.

Whatever comes: first it is settled whether there is a client of ours and an address that it has registered.
Only then may an error travel there; otherwise it is a page (RFC 9700 4.11, OP-05, BCP-19).
"""

from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import MultiDict

from portal.provider.clients import Client
from portal.provider.queries import find_client

LONGEST: Final = {
    "acr_values": 500,
    "claims": 4096,
    "claims_locales": 200,
    "client_id": 100,
    "code_challenge": 128,
    "code_challenge_method": 10,
    "display": 20,
    "id_token_hint": 2048,
    "login_hint": 254,
    "max_age": 9,
    "nonce": 500,
    "prompt": 100,
    "redirect_uri": 500,
    "registration": 4096,
    "request": 8192,
    "request_uri": 2048,
    "response_mode": 20,
    "response_type": 100,
    "scope": 500,
    "state": 1024,
    "ui_locales": 200,
}
"""Every parameter that we know, and how long it may be. Others are ignored, as the protocol asks."""
CARRIED: Final = LONGEST.keys() - {"claims", "claims_locales", "acr_values", "display"}
"""Those that matter beyond the check. The rest may be sent and changes nothing."""
NOT_SUPPORTED: Final = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


class BadRequest(Exception):
    """No address to send the person to: only a page can tell. The text is for the page's small print."""


class ProtocolError(Exception):
    """The client hears of it, at its own registered address."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request of which client and address are known to be good."""

    client: Client
    redirect_uri: str
    values: dict[str, str]

    @property
    def state(self) -> str | None:
        """What the client wants to hear back, character for character."""
        return self.values.get("state")

    @property
    def prompts(self) -> set[str]:
        """The words of `prompt`."""
        return set(self.values.get("prompt", "").split())

    @property
    def max_age(self) -> int | None:
        """How old a sign-in may be, in seconds."""
        text = self.values.get("max_age")
        return int(text) if text else None


def read(sent: MultiDict[str, str]) -> Asked:
    """Find client and address. Raises BadRequest when either is missing, doubled, unknown or odd."""
    client_id, redirect_uri = _single(sent, "client_id"), _single(sent, "redirect_uri")
    client = find_client(client_id)
    if client is None:
        raise BadRequest("client_id is missing or unknown")
    if not redirect_uri or not client.check_redirect_uri(redirect_uri):
        raise BadRequest("redirect_uri is not registered for this client")
    values = {name: value for name, value in sent.items() if value and name in CARRIED}
    if not _is_plain(values.get("state", "")) or len(sent.getlist("state")) > 1:
        values.pop("state", None)
    return Asked(client=client, redirect_uri=redirect_uri, values=values)


def check(asked: Asked, sent: MultiDict[str, str]) -> None:
    """Refuse what is doubled, over-long, unprintable or not offered. Raises ProtocolError."""
    for name, longest in LONGEST.items():
        values = sent.getlist(name)
        if len(values) > 1:
            raise ProtocolError("invalid_request", f"{name} is there more than once")
        if values and len(values[0]) > longest:
            raise ProtocolError("invalid_request", f"{name} is longer than {longest} characters")
        if values and not (_is_plain(values[0]) or (name == "login_hint" and values[0].isprintable())):
            raise ProtocolError("invalid_request", f"{name} has characters that are not plain ASCII")
    for name, error in NOT_SUPPORTED.items():
        if name in asked.values:
            raise ProtocolError(error, f"{name} is not supported")
    response_type = asked.values.get("response_type")
    if response_type is None:
        raise ProtocolError("invalid_request", "response_type is missing")
    if response_type != "code":
        raise ProtocolError("unsupported_response_type", "only response_type code is supported")
    if asked.values.get("response_mode", "query") != "query":
        raise ProtocolError("invalid_request", "only response_mode query is supported")
    max_age = asked.values.get("max_age", "0")
    if not max_age.isdecimal():
        raise ProtocolError("invalid_request", "max_age is not a whole number of seconds")
    if "none" in asked.prompts and len(asked.prompts) > 1:
        raise ProtocolError("invalid_request", "prompt none stands alone")
    if asked.client.require_nonce and "nonce" not in asked.values:
        raise ProtocolError("invalid_request", "nonce is missing")


def _single(sent: MultiDict[str, str], name: str) -> str | None:
    values = sent.getlist(name)
    return values[0] if len(values) == 1 else None


def _is_plain(value: str) -> bool:
    """Printable ASCII: what RFC 6749 appendix A allows in every value we take."""
    return value.isascii() and value.isprintable()
