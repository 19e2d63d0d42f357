"""Access tokens: opaque, good at our userinfo endpoint and nowhere else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, insert

from portal import clock
from portal.db.session import session
from portal.provider.id_tokens import Granted
from portal.provider.models import AccessToken
from portal.provider.secrets_kept import digest, new_secret
from portal.provider.state import provider

_NEW = insert(cast(Table, AccessToken.__table__))


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that is about to be given."""

    secret: str
    seconds: int
    """How long it is good."""
    expires_at: datetime


def new_token() -> NewToken:
    """A token that opens nothing until it is kept."""
    seconds = provider().shape.token_seconds
    return NewToken(new_secret(), seconds, clock.now() + timedelta(seconds=seconds))


def keep(token: NewToken, granted: Granted) -> None:
    """Have the token open what is granted. With a code, `codes.spend` does so itself."""
    row = {
        "digest": digest(token.secret),
        "code_digest": granted.code_digest,
        "client_id": granted.client.client_id,
        "login_id": granted.login_id,
        "scope": granted.scope,
        "claims": granted.claims,
        "expires_at": token.expires_at,
        "revoked_at": None,
    }
    session().execute(_NEW, row)
