"""The parameters of an authorization request, read once and strictly, before any library sees them.

Whatever comes: first it is settled whether there is a client of ours and an address that it has registered.
Only then may an error travel there; otherwise it is a page (RFC 9700 4.11, OP-05, BCP-19).
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from werkzeug.datastructures import MultiDict

from portal.provider import claims_asked
from portal.provider.claims_asked import ClaimsAsked
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
    "vtr": 200,
}
"""Every parameter that we know, and how long it may be. Others are ignored, as the protocol asks."""
CARRIED: Final = LONGEST.keys() - {"claims_locales", "display"}
"""Those that matter beyond the check. We have one size of page, and what we know of people has no language."""
NOT_SUPPORTED: Final = {
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}
RESPONSE_MODES: Final = ("query", "form_post")
PROMPTS: Final = ("none", "login", "consent", "select_account")
CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url (RFC 7636 4.2)."""


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
    """Empty when the address is still to be read from a signed request."""
    values: dict[str, str]
    fault: str | None = None
    """What is wrong with the form of some parameter. Told only when it is settled to whom."""
    pushed: bytes | None = None
    """Digest of the request URI, when the request was pushed."""
    signed: bool = False
    """Whether it was a request object."""

    @property
    def state(self) -> str | None:
        """What the client wants to hear back, character for character."""
        return self.values.get("state")

    @property
    def response_mode(self) -> str:
        """How the answer is to travel."""
        return self.values.get("response_mode", "query")

    @property
    def scope(self) -> str:
        """The scopes asked for that the client may have; empty when it may have none."""
        return self.client.granted_scope(self.values.get("scope", ""))

    @property
    def prompts(self) -> set[str]:
        """The words of `prompt`."""
        return set(self.values.get("prompt", "").split())

    @property
    def max_age(self) -> int | None:
        """How old a sign-in may be, in seconds."""
        text = self.values.get("max_age")
        return int(text) if text else None

    @property
    def claims(self) -> ClaimsAsked:
        """What is asked for claim by claim."""
        text = self.values.get("claims")
        return claims_asked.read(text) if text else ClaimsAsked()


def known(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """What is worth sending on: parameters that we know, cut where they are longer than any may be, twice at most."""
    return MultiDict(
        [
            (name, value[: longest + 1])  # enough to be seen as too long, and as doubled
            for name, longest in LONGEST.items()
            for value in sent.getlist(name)[:2]
        ]
    )


def read(sent: MultiDict[str, str]) -> Asked:
    """Find client and address. Raises BadRequest when either is missing, doubled, unknown or odd."""
    client = find_client(_single(sent, "client_id"))
    if client is None:
        raise BadRequest("client_id is missing or unknown")
    redirect_uri = _single(sent, "redirect_uri")
    if "redirect_uri" not in sent and _single(sent, "request"):
        redirect_uri = ""
    elif not redirect_uri or not client.check_redirect_uri(redirect_uri):
        raise BadRequest("redirect_uri is not registered for this client")
    values = {name: value for name, value in sent.items() if value and name in CARRIED}
    state = values.get("state", "")
    if not _is_plain(state) or len(state) > LONGEST["state"] or len(sent.getlist("state")) > 1:
        values.pop("state", None)  # the client would hear back what it has not said, or not so
    return Asked(client=client, redirect_uri=redirect_uri, values=values, fault=_fault(sent))


def checked(asked: Asked) -> Asked:
    """The request as it is carried on. Raises ProtocolError with what is wrong, missing or not offered."""
    if asked.fault:
        raise ProtocolError("invalid_request", asked.fault)
    for name, error in NOT_SUPPORTED.items():
        if name in asked.values:
            raise ProtocolError(error, f"{name} is not supported")
    _check_response(asked)
    _check_challenge(asked)
    _check_person(asked)
    if not asked.scope:
        raise ProtocolError("invalid_scope", "scope openid is missing, or this client may not have it")
    if asked.client.require_nonce and "nonce" not in asked.values:
        raise ProtocolError("invalid_request", "nonce is missing")
    return _with_short_claims(asked)


def _check_response(asked: Asked) -> None:
    response_type = asked.values.get("response_type")
    if response_type is None:
        raise ProtocolError("invalid_request", "response_type is missing")
    if response_type != "code":
        raise ProtocolError("unsupported_response_type", "only response_type code is supported")
    if asked.response_mode not in RESPONSE_MODES:
        raise ProtocolError("invalid_request", "only response_mode query and form_post are supported")


def _check_challenge(asked: Asked) -> None:
    """PKCE for every client, S256 and nothing else: what is left out would mean `plain`."""
    challenge = asked.values.get("code_challenge")
    if not challenge or asked.values.get("code_challenge_method") != "S256":
        raise ProtocolError("invalid_request", "code_challenge and code_challenge_method=S256 are required")
    if not CHALLENGE.fullmatch(challenge):
        raise ProtocolError("invalid_request", "code_challenge is no SHA-256 in base64url")


def _check_person(asked: Asked) -> None:
    if not asked.values.get("max_age", "0").isdecimal():
        raise ProtocolError("invalid_request", "max_age is not a whole number of seconds")
    if unknown := asked.prompts - set(PROMPTS):
        raise ProtocolError("invalid_request", f"prompt {' '.join(sorted(unknown))} is not supported")
    if "none" in asked.prompts and len(asked.prompts) > 1:
        raise ProtocolError("invalid_request", "prompt none stands alone")


def _with_short_claims(asked: Asked) -> Asked:
    if "claims" not in asked.values:
        return asked
    try:
        claims = claims_asked.short(asked.claims)
    except ValueError:
        raise ProtocolError("invalid_request", "claims is not the JSON object that it should be") from None
    return replace(asked, values=asked.values | {"claims": claims})


def _fault(sent: MultiDict[str, str]) -> str | None:
    """What is doubled, over-long or unprintable."""
    for name in LONGEST.keys() & sent.keys():
        values = sent.getlist(name)
        if len(values) > 1:
            return f"{name} is there more than once"
        if len(values[0]) > LONGEST[name]:
            return f"{name} is longer than {LONGEST[name]} characters"
        if not (_is_plain(values[0]) or (name == "login_hint" and values[0].isprintable())):
            return f"{name} has characters that are not plain ASCII"
    return None


def _single(sent: MultiDict[str, str], name: str) -> str | None:
    values = sent.getlist(name)
    return values[0] if len(values) == 1 else None


def _is_plain(value: str) -> bool:
    """Printable ASCII: what RFC 6749 appendix A allows in every value we take."""
    return value.isascii() and value.isprintable()
