"""Our own ID tokens when they come back as a hint: expired ones too, never anyone else's."""

import uuid
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError

from portal.provider.clients import Client
from portal.provider.keys import ALGORITHMS
from portal.provider.queries import find_client
from portal.provider.state import provider

LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Hint:
    """What an ID token of ours said."""

    person_id: uuid.UUID
    login_id: uuid.UUID
    client: Client


def read_hint(token: str) -> Hint | None:
    """The hint, or None when the token is not an ID token that we have signed. It may have expired."""
    if not token or len(token) > LONGEST or not token.isascii():
        return None
    state = provider()
    try:
        decoded = jwt.decode(token, state.ring.keys().ours, algorithms=list(ALGORITHMS))
        claims = decoded.claims
        if decoded.header.get("typ") != "JWT" or claims["iss"] != state.issuer:
            return None
        client = find_client(str(claims["aud"]))
        if client is None:
            return None
        return Hint(uuid.UUID(claims["sub"]), uuid.UUID(claims["sid"]), client)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # A hint is whatever a stranger wrote: joserfc names its faults differently by where it notices them.
        return None
