"""Tell the clients of a sign-in that it has ended (OpenID Connect Back-Channel Logout 1.0).

Each client that had a code of the sign-in hears of it by a job of its own, deferred in the transaction that ends the
sign-in: a client that is down keeps nobody signed in here, and no other client waiting.
"""

import logging
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import requests
from flask import current_app
from joserfc import jwt
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal import clock, outbound
from portal.audit import operations as audit
from portal.db.session import beside, release, session
from portal.jobs.queue import job
from portal.provider.clients import Client
from portal.provider.keys import ring as ring_of
from portal.provider.models import ClientRow, Code, Login
from portal.provider.queries import find_client
from portal.provider.secrets_kept import new_secret
from portal.provider.session_ids import sid_of
from portal.provider.state import KEY, ProviderState, provider
from portal.provider.subjects import subject_of
from portal.signing.ring import KeyRing
from portal.web.state import web_state

log = logging.getLogger(__name__)

ATTEMPTS: Final = 15  # with doubling waits, the last comes after 18 hours
LIFETIME: Final = timedelta(minutes=2)
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TOLD: Final = (200, 204)

_TOOK_PART = (
    select(Code.login_id, Login.sid_key, Login.person_id, Code.client_id)
    .distinct()
    .join(Login, Login.id == Code.login_id)
    .join(ClientRow, ClientRow.id == Code.client_id)
    .where(Code.login_id.in_(bindparam("logins", expanding=True)), ClientRow.backchannel_logout_uri.is_not(None))
    .order_by(Code.login_id, Code.client_id)
)


class NotTold(Exception):
    """The client did not take the logout token. The job is tried again."""


def tell_clients(logins: Collection[uuid.UUID]) -> None:
    """Have every client that took part in these sign-ins told that they have ended, once this transaction commits.

    All that the job needs goes with it: when a person is removed, nothing else is left of them by then.
    """
    if not logins:
        return
    for login_id, sid_key, person_id, client_id in session().execute(_TOOK_PART, {"logins": list(logins)}).all():
        client = find_client(client_id)
        if client is not None:
            sid, sub = sid_of(login_id, sid_key, client), subject_of(person_id, client)
            tell_client.defer(client_id=client_id, issuer=provider().issuer, sid=sid, sub=sub)


@job("provider.tell_client", attempts=ATTEMPTS)
def tell_client(*, client_id: str, issuer: str, sid: str, sub: str) -> None:
    """Send one logout token. Raises NotTold. Twice does no harm: the client finds nothing more to end."""
    client = find_client(client_id)
    if client is None or client.backchannel_logout_uri is None:
        return
    token = logout_token(client, issuer=issuer, sid=sid, sub=sub)
    release()  # the client may take its time
    if fault := _send(client.backchannel_logout_uri, token):
        log.warning("Client %s does not hear that its session %s has ended: %s", client_id, sid, fault)
        raise NotTold(fault)
    audit.record("provider.client_told", actor="system:provider", subject=f"client:{client_id}", sid=sid)


def logout_token(client: Client, *, issuer: str, sid: str, sub: str) -> str:
    """The token, made out at the moment of sending: one that waited for its client would be refused as too old."""
    now, algorithm = int(clock.now().timestamp()), client.id_token_signed_response_alg
    claims = {
        "iss": issuer,
        "aud": client.client_id,
        "iat": now,
        "exp": now + int(LIFETIME.total_seconds()),
        "jti": new_secret(),
        "events": {EVENT: {}},
        "sub": sub,
    }
    key = _ring().keys().signing[algorithm]
    header, shape = {"alg": algorithm, "kid": key.kid}, provider().shape
    if shape.logout_names_session:
        claims["sid"] = sid
    if shape.logout_type is not None:
        header["typ"] = shape.logout_type
    return jwt.encode(header, claims, key, algorithms=[algorithm], default_type=None)


def _send(uri: str, token: str) -> str:
    """Post it; "" when the client has taken it, else the reason. What the client answers beyond that is its affair."""
    settings = web_state().settings
    hosts = settings.own_provider.inner_hosts
    try:
        with outbound.client(allow_loopback=settings.is_loopback, trusted_hosts=hosts) as caller:
            status = caller.post(uri, data={"logout_token": token}).status_code
    except requests.RequestException as error:
        return type(error).__name__
    return "" if status in TOLD else f"status {status}"


def _ring() -> KeyRing:
    """The provider's keys, in the worker too, whose application is the portal's."""
    if KEY not in current_app.extensions:
        settings = web_state().settings
        ring = KeyRing(ring_of(settings), _own_transaction)
        current_app.extensions[KEY] = ProviderState(settings, ring)
    return provider().ring


@contextmanager
def _own_transaction() -> Iterator[Session]:
    with beside() as connection, Session(connection) as own:
        yield own
        own.flush()  # `beside` commits, and knows nothing of the session
