"""Where a person goes on after signing in: the client's request, sealed, carried from page to page.

Nothing is kept of unfinished sign-ins, so fifty of them cost nothing; of a request that was pushed, which is kept
already, its digest is carried alone. The seal also bears the time of the request: it is what shows that a sign-in was
made for `prompt=login` and not before it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.provider.parameters import Asked, BadRequest, read
from portal.provider.pushed import taken
from portal.provider.state import provider

DECLINED = "declined"
"""Beside the request: the person cannot or will not take the second step that it asks for."""
LIFETIME = timedelta(hours=2)
LONGEST = 3500  # gunicorn takes request lines of 4,094 bytes


@dataclass(frozen=True, slots=True)
class Onward:
    """A client's request that waits for a sign-in."""

    asked: Asked
    asked_at: datetime


def seal(asked: Asked) -> str:
    """The request as one opaque word for a URL or a hidden field."""
    content = {"q": asked.values} if asked.pushed is None else {"p": asked.pushed.hex()}
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
        return Onward(asked, asked_at)
    except (BadData, BadRequest, KeyError, TypeError):
        return None


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
