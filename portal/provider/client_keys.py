"""The public keys by which a client signs: registered with it, or fetched from where it publishes them.

What was fetched is kept in the client's row, so that all processes share it: good for an hour, read again at once
for a key that is not among them, but never more than once a minute however many tokens are made up.
"""

import json
import logging
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

import requests
from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey
from sqlalchemy import or_, update

from portal import clock, outbound
from portal.db.session import beside, release
from portal.errors import SetupError
from portal.provider.clients import Client
from portal.provider.models import ClientRow
from portal.settings.portal import Settings

log = logging.getLogger(__name__)

FRESH = timedelta(hours=1)
USABLE = timedelta(days=1)
"""While the client's own address does not answer, its keys serve this much longer."""
BETWEEN_TRIES = timedelta(minutes=1)
SHORTEST_RSA = 2048

Key = ECKey | RSAKey


def find_key(client: Client, kid: str | None, *, settings: Settings) -> Key | None:
    """The client's key of that id. Without an id, its only one.

    May ask the client's own server, so nothing must have been written in this transaction yet.
    """
    if client.jwks_uri is None:
        return _pick(client.jwks, kid)
    if _is_within(client, FRESH) and (key := _pick(client.jwks, kid)):
        return key
    client = _fetched(client, settings)
    return _pick(client.jwks, kid) if _is_within(client, USABLE) else None


def public_keys(owner: str, jwks: object) -> dict[str, Any]:
    """The public halves alone, of kinds that can sign. Raises SetupError with the reason."""
    try:
        if any(_is_weak(key) for key in jwks["keys"]):  # type: ignore[index]  # whatever it is
            raise SetupError(f"The jwks of client {owner} has an RSA key under {SHORTEST_RSA} bits.")
        if any(key["kty"] not in ("EC", "RSA") for key in jwks["keys"]):  # type: ignore[index]  # the same
            raise SetupError(f"The jwks of client {owner} must hold EC or RSA keys and no others.")
        keyset = KeySet.import_key_set(jwks)  # type: ignore[arg-type]  # its TypedDict is what we check here
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, UnsupportedAlgorithm):
        raise SetupError(f"The jwks of client {owner} cannot be read.") from None
    return {"keys": [key.as_dict(private=False) for key in keyset.keys]}


def usable_keys(owner: str, jwks: object) -> dict[str, Any]:
    """Of what a client publishes, the keys that we understand (RFC 7517 5). Raises SetupError when it is no key set.

    One for another purpose, or of a kind that is newer than we are, must not shut out the client that signs by others.
    """
    published = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(published, list):
        raise SetupError(f"The jwks of client {owner} cannot be read.")
    kept: list[dict[str, Any]] = []
    for key in published:
        try:
            kept += public_keys(owner, {"keys": [key]})["keys"]
        except SetupError as error:
            log.info("One key of client %s is left out: %s", owner, error)
    return {"keys": kept}


def _is_weak(key: dict[str, Any]) -> bool:
    return key["kty"] == "RSA" and len(key["n"]) * 6 < SHORTEST_RSA  # base64 has six bits in a character


def _is_within(client: Client, age: timedelta) -> bool:
    return client.jwks_read_at is not None and client.jwks_read_at > clock.now() - age


def _pick(jwks: dict[str, Any] | None, kid: str | None) -> Key | None:
    keys = [key for key in _parsed(json.dumps(jwks)) if key.get("use") != "enc"] if jwks else []
    if kid is None:
        return keys[0] if len(keys) == 1 else None
    return next((key for key in keys if key.kid == kid), None)


@lru_cache(maxsize=200)
def _parsed(jwks: str) -> tuple[Key, ...]:
    keys = KeySet.import_key_set(json.loads(jwks)).keys
    return tuple(key for key in keys if isinstance(key, ECKey | RSAKey))


def _fetched(client: Client, settings: Settings) -> Client:
    """The client with today's keys, where this process is the one whose turn it is to ask."""
    release()
    if not _may_try(client.client_id):
        return client
    try:
        keys = usable_keys(client.client_id, _read(client.jwks_uri or "", settings))
    except (requests.RequestException, ValueError, SetupError) as error:
        log.warning("The keys of client %s cannot be fetched: %s", client.client_id, type(error).__name__)
        return client
    now = clock.now()
    with beside() as connection:
        row = update(ClientRow.__table__).where(ClientRow.id == client.client_id)  # type: ignore[arg-type]  # a Table
        connection.execute(row.values(jwks=keys, jwks_read_at=now))
    return replace(client, jwks=keys, jwks_read_at=now)


def _may_try(client_id: str) -> bool:
    """Take this minute's turn. Of all processes, one gets it."""
    now = clock.now()
    idle = or_(ClientRow.jwks_tried_at.is_(None), ClientRow.jwks_tried_at < now - BETWEEN_TRIES)
    turn = update(ClientRow.__table__).where(ClientRow.id == client_id, idle)  # type: ignore[arg-type]  # a Table
    with beside() as connection:
        return connection.execute(turn.values(jwks_tried_at=now).returning(ClientRow.id)).first() is not None


def _read(uri: str, settings: Settings) -> object:
    hosts = settings.own_provider.inner_hosts
    with outbound.client(allow_loopback=settings.is_loopback, trusted_hosts=hosts) as client:
        answer = client.get(uri)
    if answer.status_code != 200:
        raise ValueError("not 200")
    return answer.json()
