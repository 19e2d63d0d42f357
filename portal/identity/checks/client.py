"""Does the provider know us: our way of authenticating, tried for real, and our callback address.

Tried with a code that we have made up. A provider looks at who asks before it looks at the code, so `invalid_grant`
says that it knows us, and `invalid_client` that it does not. Nobody is signed in and nothing is left behind.
"""

import secrets
from collections.abc import Iterator
from typing import Final

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from portal.identity import client_keys
from portal.identity.checks.findings import Examined, Finding, fault, good, look, words
from portal.identity.checks.reach import Unreached, ask
from portal.identity.exchange import SignInFailed

ABOUT: Final = "authentication"
NOT_KNOWN: Final = frozenset({"token_invalid_client", "token_unauthorized_client", "token_status_401"})
"""Keycloak says `unauthorized_client` for a wrong secret."""


def client(examined: Examined) -> Iterator[Finding]:
    """The way of authenticating: offered, and accepted."""
    yield from _offered(examined)
    yield from _tried(examined)
    yield from _callback(examined)


def _offered(examined: Examined) -> Iterator[Finding]:
    chosen = examined.party.settings.client_auth
    offered = examined.listed("token_endpoint_auth_methods_supported") or ["client_secret_basic"]  # Discovery 3
    if chosen not in offered:
        yield look(
            ABOUT,
            f"The provider says that it takes {words(offered)}, not {chosen}. If it refuses us below, change"
            f" {examined.variable('client_auth')}.",
        )
    signed_by = examined.listed("token_endpoint_auth_signing_alg_values_supported")
    if chosen == "private_key_jwt" and signed_by is not None:
        mine = client_keys.key_for(examined.party.settings).algorithm
        if mine not in signed_by:
            which = "client_key_file" if examined.party.settings.client_key_file else "client_key_algorithm"
            yield look(
                ABOUT, f"We sign by {mine}; the provider takes {words(signed_by)}. See {examined.variable(which)}."
            )


def _tried(examined: Examined) -> Iterator[Finding]:
    party = examined.party
    try:
        party.exchange.redeem(
            examined.metadata,
            code=secrets.token_urlsafe(32),
            redirect_uri=party.redirect_uri,
            code_verifier=secrets.token_urlsafe(48),
        )
    except SignInFailed as failure:
        code = failure.code
    else:
        code = "a made-up code was taken"
    method = party.settings.client_auth
    if code == "token_invalid_grant":
        yield good(ABOUT, f"Tried: the provider knows us by {method} as {party.settings.client_id}.")
    elif code in NOT_KNOWN:
        yield fault(ABOUT, f"Tried: the provider does not know us by {method}. {_advice(examined)}")
    elif code in ("token_unreachable", "token_timeout", "token_failed"):
        where = examined.metadata.token_endpoint
        yield fault(ABOUT, f"{where} does not answer. Is there a firewall between it and this machine?")
    elif code == "token_status_403":
        yield fault(ABOUT, f"{examined.metadata.token_endpoint} is closed to us; a firewall there may need to be told.")
    else:
        said = code.removeprefix("token_")
        yield look(ABOUT, f"Tried, without an answer to the question: the provider said {said}. Sign in to be sure.")


def _advice(examined: Examined) -> str:
    """What to look at when the provider does not know us."""
    settings, name = examined.party.settings, examined.variable
    first = f"Check {name('client_id')} ({settings.client_id})"
    if settings.client_auth != "private_key_jwt":
        return (
            f"{first} and {name('client_secret')}, and that this client is registered there for {settings.client_auth}."
        )
    mine = client_keys.key_for(settings)
    if settings.client_key_file is None:
        where = f"have the provider read our keys at {examined.public_url}/auth/jwks (now key {mine.key_id})"
    elif mine.key_id is None:
        where = f"that the public half of {settings.client_key_file} is registered; {name('client_key_id')} is not set"
    else:
        where = f"that the public half of {settings.client_key_file} is registered as {mine.key_id}"
    return f"{first}, {name('assertion_audience')} ({settings.assertion_audience}), and {where}."


def _callback(examined: Examined) -> Iterator[Finding]:
    """Ask to sign somebody in without a page: a provider that knows our callback sends its refusal there."""
    settings, metadata = examined.party.settings, examined.metadata
    if settings.request_object or metadata.requires_pushed:
        return  # the plain request below is not one that it takes
    query = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": examined.party.redirect_uri,
        "scope": "openid",
        "state": secrets.token_urlsafe(16),
        "nonce": secrets.token_urlsafe(16),
        "code_challenge": create_s256_code_challenge(secrets.token_urlsafe(48)),
        "code_challenge_method": "S256",
        "prompt": "none",
    }
    try:
        answer = ask(examined.party, add_params_to_uri(metadata.authorization_endpoint, list(query.items()))).answer
    except Unreached as error:
        yield fault("callback", f"The sign-in page cannot be asked. {error}")
        return
    onward = answer.headers.get("Location", "")
    if answer.status_code in (302, 303) and onward.startswith(examined.party.redirect_uri):
        yield good("callback", f"The provider answers to {examined.party.redirect_uri}.")
    elif answer.status_code >= 400:
        yield look(
            "callback",
            f"The provider answers a sign-in of ours with HTTP status {answer.status_code}. Is"
            f" {examined.party.redirect_uri} registered there, letter for letter?",
        )
    else:
        yield look("callback", "The provider shows a page of its own. Sign in once to see that it comes back to us.")
