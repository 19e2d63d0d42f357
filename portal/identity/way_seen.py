"""A new way of signing in that has been seen and not yet been agreed to: carried, sealed, by the form that asks.

Nothing of it is kept here. It is of use to the one session that brought it, for a quarter of an hour.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Final

from portal import clock
from portal.identity.relying_party import RelyingParty
from portal.identity.sealed import seal, unseal
from portal.identity.sessions import Session

PURPOSE: Final = "ways that were seen"
LASTS: Final = timedelta(minutes=15)
LONGEST: Final = 20_000
LONGEST_NAME: Final = 254
NAMES: Final = ("email", "name", "preferred_username", "given_name")
"""Claims by which people know themselves, the surest first."""


@dataclass(frozen=True, slots=True)
class NewWay:
    """An identity that was proven just now. `confirmed` is what its provider vouches for, at that `level`."""

    issuer: str
    subject: str
    level: str
    confirmed: dict[str, str] = field(repr=False)


def called(claims: Mapping[str, object]) -> str:
    """Who came back, as the provider calls them; empty when it says nothing."""
    for name in NAMES:
        value = claims.get(name)
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value.strip()[:LONGEST_NAME]
    return ""


def written(new: NewWay, live: Session) -> str:
    """For the form."""
    return seal(json.dumps([str(live.id), clock.now().timestamp(), asdict(new)]), PURPOSE)


def read(sent: str | None, party: RelyingParty, live: Session) -> NewWay | None:
    """What the form has brought back; None when it is too old, or of another session or provider."""
    opened = unseal(sent, PURPOSE) if sent and len(sent) <= LONGEST and sent.isascii() else None
    if opened is None:
        return None
    session_id, seen_at, values = json.loads(opened)
    new = NewWay(**values)
    is_good = session_id == str(live.id) and new.issuer == party.settings.issuer
    return new if is_good and clock.now().timestamp() - seen_at <= LASTS.total_seconds() else None
