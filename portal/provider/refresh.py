"""Refresh tokens: opaque, turned over at each use, with all their successors taken back when one is used again.

All that came of one code is a family, and the family counts its generations. A use of a token of the newest
generation begins the next one, so the whole generation is spent at once. An older token is a copy in a second hand,
and nobody can tell which of the two is the thief's: the family ends (RFC 9700 4.14).

But browsers with twenty tabs, and answers that are lost on the way, use a token twice in good faith. So for a few
seconds after a turn, a token of the generation before gets one of the newest as well. It cannot get the same one,
which is kept as a digest only. A thief who comes within these seconds gains little: what he holds is of the same
generation as the client's, so the next use by either spends the other's, and the use after that ends the family.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.engine import RowMapping

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.provider import claims
from portal.provider.clients import OFFLINE, Client
from portal.provider.id_tokens import Granted
from portal.provider.models import Login, RefreshFamily, RefreshToken
from portal.provider.refusals import Refusal
from portal.provider.revocation import revoke_code
from portal.provider.secrets_kept import digest, new_secret

GRACE: Final = timedelta(seconds=15)
IDLE: Final = timedelta(days=7)
"""A token that nobody has used for so long is dead."""
ABSOLUTE: Final = timedelta(days=30)
"""After so long the person signs in again, whatever happens."""

_FOUND = (
    select(
        RefreshFamily.code_digest,
        RefreshFamily.client_id,
        RefreshFamily.login_id,
        RefreshFamily.scope,
        RefreshFamily.claims,
        RefreshFamily.said,
        RefreshFamily.generation.label("newest"),
        RefreshFamily.turned_at,
        RefreshFamily.expires_at.label("ends_at"),
        RefreshFamily.revoked_at,
        RefreshToken.generation,
        RefreshToken.expires_at,
        Login.sid_key,
        Login.person_id,
        Login.ended_at,
    )
    .join(RefreshToken, RefreshToken.code_digest == RefreshFamily.code_digest)
    .join(Login, Login.id == RefreshFamily.login_id)
    .where(RefreshToken.digest == bindparam("digest"))
    .with_for_update(of=RefreshFamily)
)
_TURN = (
    update(cast(Table, RefreshFamily.__table__))
    .where(RefreshFamily.code_digest == bindparam("family"))
    .values(generation=RefreshFamily.generation + 1, turned_at=bindparam("now"))
)
_NEW_FAMILY = insert(cast(Table, RefreshFamily.__table__))
_NEW_TOKEN = insert(cast(Table, RefreshToken.__table__))


def begin_family(granted: Granted) -> str:
    """The first refresh token that a code leads to."""
    now = clock.now()
    row = {
        "code_digest": granted.code_digest,
        "client_id": granted.client.client_id,
        "login_id": granted.login_id,
        "scope": granted.scope,
        "claims": granted.claims,
        "said": granted.said,
        "generation": 0,
        "turned_at": now,
        "expires_at": now + ABSOLUTE,
        "revoked_at": None,
    }
    session().execute(_NEW_FAMILY, row)
    return _new_token(granted.code_digest, 0, family_ends_at=now + ABSOLUTE)


def turn_over(client: Client, form: Mapping[str, str]) -> tuple[Granted, str]:
    """What a refresh token grants, and its successor. Raises Refusal.

    `scope` may ask for less this time (RFC 6749 6), and the client may have been registered for less since; the
    successor keeps all that was granted.
    """
    token = form.get("refresh_token", "")
    if not token:
        raise Refusal("invalid_request", "refresh_token is missing")
    if OFFLINE not in client.scopes:
        raise Refusal("unauthorized_client", "this client may no longer have refresh tokens")
    found = session().execute(_FOUND, {"digest": digest(token)}).mappings().one_or_none()
    if found is None or found["client_id"] != client.client_id or not _is_live(found):
        raise Refusal("invalid_grant", "the refresh token is used, too old, revoked or not for this client")
    scope = _narrowed(client.granted_scope(found["scope"]), form.get("scope"))
    newest = found["newest"]
    if found["generation"] == newest:
        session().execute(_TURN, {"family": found["code_digest"], "now": clock.now()})
        newest += 1
    granted = Granted(
        client=client,
        code_digest=found["code_digest"],
        login_id=found["login_id"],
        sid_key=found["sid_key"],
        person_id=found["person_id"],
        scope=scope,
        claims=claims.within(client.scopes, found["claims"]),
        said=found["said"],
        nonce=None,
    )
    return granted, _new_token(granted.code_digest, newest, family_ends_at=found["ends_at"])


def _is_live(found: RowMapping) -> bool:
    now = clock.now()
    # Looked at both: a family may have begun in the very moment in which the sign-in ended, unseen by that.
    if found["revoked_at"] is not None or found["ended_at"] is not None:
        return False
    late = found["generation"] == found["newest"] - 1 and now - found["turned_at"] <= GRACE
    if found["generation"] != found["newest"] and not late:
        revoke_code(found["code_digest"])
        audit.record("provider.refresh_token_reused", actor=f"client:{found['client_id']}")
        return False
    return bool(found["expires_at"] > now and found["ends_at"] > now)


def _narrowed(granted: str, asked: str | None) -> str:
    if asked is None:
        return granted
    wanted, had = asked.split(), granted.split()
    if not wanted or not set(wanted) <= set(had):
        raise Refusal("invalid_scope", "scope asks for more than was granted")
    return " ".join(name for name in had if name in wanted)


def _new_token(family: bytes, generation: int, *, family_ends_at: datetime) -> str:
    token, idle_at = new_secret(), clock.now() + IDLE
    row = {"digest": digest(token), "code_digest": family, "generation": generation}
    session().execute(_NEW_TOKEN, row | {"expires_at": min(idle_at, family_ends_at)})
    return token
