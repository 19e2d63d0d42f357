"""Authorization requests that clients push to us beforehand (RFC 9126), and the URIs that stand for them.

What was pushed never travels through the browser: the pages of a sign-in carry the request's digest alone, sealed.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db.session import session
from portal.provider.models import PushedRequest
from portal.provider.parameters import Asked, BadRequest, read
from portal.provider.secrets_kept import digest, new_secret

PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
LIFETIME: Final = timedelta(seconds=90)
LONGEST: Final = len(PREFIX) + 100

_TAKE = (
    update(PushedRequest)
    .where(
        PushedRequest.digest == bindparam("kept"),
        PushedRequest.client_id == bindparam("client"),
        PushedRequest.taken_at.is_(None),
        PushedRequest.expires_at > bindparam("now"),
    )
    .values(taken_at=bindparam("now"))
    .returning(PushedRequest.values)
)
_TAKEN = select(PushedRequest.values).where(
    PushedRequest.digest == bindparam("kept"), PushedRequest.taken_at.is_not(None)
)


def keep(asked: Asked, *, signed: str | None = None) -> str:
    """Keep a request that was checked. Returns the URI that stands for it.

    One that a browser brings as a `signed` object has the same URI each time, and so one row: whoever has seen it
    could fill the table with it otherwise, where the client puts no `jti` into it.
    """
    secret = new_secret() if signed is None else _name_of(signed)
    row = {"digest": digest(secret), "client_id": asked.client.client_id, "values": asked.values}
    kept = insert(PushedRequest).values(row | {"expires_at": clock.now() + LIFETIME})
    session().execute(kept.on_conflict_do_nothing())
    return PREFIX + secret


def _name_of(signed: str) -> str:
    """Of what is signed alone: the signature itself can be written in more than one way."""
    return digest(f"request object\n{signed.rpartition('.')[0]}").hex()


def is_named(sent: MultiDict[str, str]) -> bool:
    """Whether the browser brings a URI of ours."""
    return any(uri.startswith(PREFIX) for uri in sent.getlist("request_uri"))


def take(sent: MultiDict[str, str]) -> Asked:
    """The request that was pushed, once. Raises BadRequest: without it no address is known to be the client's.

    Used by another client, used before and expired look alike.
    """
    uris, clients = sent.getlist("request_uri"), sent.getlist("client_id")
    if len(uris) != 1 or len(clients) != 1 or len(uris[0]) > LONGEST or "\x00" in clients[0]:
        raise BadRequest("invalid_request_uri: request_uri and client_id must be there, once each")
    kept = digest(uris[0].removeprefix(PREFIX))
    found = session().scalar(_TAKE, {"kept": kept, "client": clients[0], "now": clock.now()})
    if found is None:
        raise BadRequest("invalid_request_uri: the request has expired, was used before, or is another client's")
    return replace(read(MultiDict(found)), pushed=kept)


def taken(kept: bytes) -> Asked:
    """A request that was taken before, while its person signs in. Raises BadRequest when it is gone."""
    found = session().scalar(_TAKEN, {"kept": kept})
    if found is None:
        raise BadRequest("the pushed request is gone")
    return replace(read(MultiDict(found)), pushed=kept)
