"""Hand a report to whatever program the council names, by a signed call.

Signed as Standard Webhooks has it (standardwebhooks.com): the receiver computes an HMAC-SHA256 over id, time and body
with the secret that both know, and refuses what is old or does not match. Any answer of the 200s is a yes.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from pydantic import BaseModel

from portal.kit import Dialect, clock, get_office
from services.reporting.settings.offices import Office


class _Nothing(BaseModel):
    pass


def _no_header(_token: str) -> Mapping[str, str]:
    """The signature is the proof, and the secret stays at home."""
    return {}


SAYS_NO: Final = frozenset(range(400, 500)) - {408, 425, 429}
"""A receiver says no by the status alone; its words, if any, are not for us to keep."""
DIALECT: Final = Dialect(credentials=_no_header, silent=True, says_no=SAYS_NO)


def call(name: str, office: Office, message: Mapping[str, Any], *, key: str) -> None:  # plain JSON values
    """Send a message under that id. Raises Unavailable, NotFound, OfficeRefused."""
    client = get_office(f"reporting_{name}", base_url=office.url, token="", seconds=office.seconds, dialect=DIALECT)
    headers = signed(office.secret, key, int(clock.now().timestamp()), DIALECT.write(message))
    client.post("", message, _Nothing, key=key, headers=headers)


def try_out(name: str, office: Office, seconds: float) -> None:
    """See whether somebody is there: a question, which no receiver takes for a call. Raises as `call`."""
    client = get_office(f"reporting_{name}", base_url=office.url, token="", seconds=office.seconds, dialect=DIALECT)
    client.patient(seconds).get("", _Nothing)


def signed(secret: bytes, message_id: str, at: int, body: bytes) -> Mapping[str, str]:
    """The three headers of a signed call; `at` is in seconds since 1970."""
    digest = hmac.new(secret, f"{message_id}.{at}.".encode() + body, sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{b64encode(digest).decode()}",
    }
