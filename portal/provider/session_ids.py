"""By which id a client knows a sign-in (`sid`): the same as others do, or its sector's own.

One id for every client would undo pairwise subjects: two who compare what they hear would find the same people. So it
is made of a secret of the sign-in's own and the sector; it needs no row, stays the same over refreshes and changes of
our keys, and tells nobody what others hear.
"""

import hashlib
import hmac
import uuid
from typing import cast

from sqlalchemy import Table, bindparam, select

from portal.db.session import session
from portal.provider.clients import Client
from portal.provider.models import Login

_TABLE = cast(Table, Login.__table__)
_LOGINS = select(_TABLE.c.id, _TABLE.c.sid_key).where(_TABLE.c.person_id == bindparam("person_id"))


def sid_of(login_id: uuid.UUID, sid_key: uuid.UUID, client: Client) -> str:
    """The `sid` that this client hears of the sign-in."""
    if client.sector is None:
        return str(login_id)
    made = hmac.digest(sid_key.bytes, client.sector.encode(), hashlib.sha256)
    return str(uuid.UUID(bytes=made[:16], version=4))


def login_of(sid: str, person_id: uuid.UUID, client: Client) -> uuid.UUID | None:
    """Which sign-in of the person this client means. Raises ValueError when `sid` cannot be one of ours."""
    known = uuid.UUID(sid)
    if client.sector is None:
        return known
    for row in session().execute(_LOGINS, {"person_id": person_id}):
        if sid_of(row.id, row.sid_key, client) == str(known):
            return cast(uuid.UUID, row.id)
    return None
