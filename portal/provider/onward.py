"""Where a person goes on after signing in: the client's request, sealed, carried from page to page.

Nothing is kept of unfinished sign-ins, so fifty of them cost nothing; of a request that was pushed, which is kept
already, its digest is carried alone. The seal also bears the time of the request, so that it grows too old, and that
a consent which was given before it is known.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.dialects.postgresql import insert
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db.session import session
from portal.provider.models import UsedAssertion
from portal.provider.parameters import Asked, BadRequest, read
from portal.provider.pushed import taken
from portal.provider.secrets_kept import digest
from portal.provider.state import provider

DECLINED = "declined"
"""Beside the request: the person cannot or will not take the second step that it asks for."""
LIFETIME = timedelta(hours=2)
JUST_NOW = timedelta(minutes=15)
"""How long a sign-in that was made for a request answers it, with a second step and consent on the way."""
GRACE = timedelta(seconds=10)
"""How long a request that works once works again: who presses a button twice sees the second answer alone."""
LONGEST = 3500  # of request lines, 8,190 bytes pass our server; what stands before it may take half of that


@dataclass(frozen=True, slots=True)
class Onward:
    """A client's request that waits for a sign-in."""

    asked: Asked
    asked_at: datetime
    sealed: str
    once: str | None
    """The name under which its answer is written down, if it works once. Inside the seal: the letters outside it can
    be written in more than one way."""


def seal(asked: Asked) -> str:
    """The request as one opaque word for a URL or a hidden field."""
    content: dict[str, Any] = {"q": asked.values} if asked.pushed is None else {"p": asked.pushed.hex()}
    if asked.signed:
        content["s"] = 1
    if asked.signed or asked.pushed is not None:
        content["n"] = secrets.token_urlsafe(9)
    return _serializer().dumps(content | {"t": int(clock.now().timestamp() * 1000)})


def opened(sealed: str | None) -> Onward | None:
    """The request in `sealed`, or None when it is not ours, too old, or its client is gone."""
    if not sealed or len(sealed) > LONGEST:
        return None
    try:
        content = _serializer().loads(sealed)
        asked_at = datetime.fromtimestamp(content["t"] / 1000, UTC)
        if asked_at + LIFETIME < clock.now():
            return None
        asked = taken(bytes.fromhex(content["p"])) if "p" in content else read(MultiDict(content["q"]))
        once = content["n"] if "p" in content or "s" in content else None
        return Onward(replace(asked, signed="s" in content), asked_at, sealed, once)
    except (BadData, BadRequest, KeyError, TypeError):
        return None


def spend(waiting: Onward) -> None:
    """Answer a request that was pushed or signed: such a one works once. Raises BadRequest when it was answered."""
    if waiting.once is None:
        return  # anybody could have written it, and may write it again
    now = clock.now()
    values = {"digest": digest(f"onward\n{waiting.once}"), "expires_at": now + LIFETIME}
    kept = insert(UsedAssertion).values(values)
    again = kept.on_conflict_do_update(
        index_elements=["digest"],
        set_={"expires_at": UsedAssertion.expires_at},
        where=UsedAssertion.expires_at >= now + LIFETIME - GRACE,
    )
    if session().scalar(again.returning(UsedAssertion.digest)) is None:
        raise BadRequest("the request was answered before")


def query(sealed: str, **more: str) -> str:
    """The query string of a page that passes the request on."""
    return urlencode(({"to": sealed} if sealed else {}) | more)


def _serializer() -> URLSafeSerializer:
    settings = provider().settings
    newest_last = [*reversed(settings.previous_secret_keys), settings.secret_key]
    return URLSafeSerializer(
        [key.get_secret_value() for key in newest_last],
        salt="moothall provider onward",
        signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"},
    )
