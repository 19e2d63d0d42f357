"""Take back what was issued. Everything that came of one code bears that code's digest. Nothing here commits."""

import uuid

from sqlalchemy import ColumnElement, Select, bindparam, select, update

from portal import clock
from portal.db.session import session
from portal.provider.models import AccessToken, Code, Login, RefreshFamily, RefreshToken
from portal.provider.secrets_kept import digest

# Codes first, then families, then access tokens, everywhere: each is locked while the next is made of it, so whoever
# waits for one finds all that came of it in the meantime.
_ISSUED = (RefreshFamily, AccessToken)
_FAMILY = (
    select(RefreshFamily.code_digest)
    .join(RefreshToken, RefreshToken.code_digest == RefreshFamily.code_digest)
    .where(RefreshToken.digest == bindparam("digest"), RefreshFamily.client_id == bindparam("client_id"))
)


def revoke_code(code_digest: bytes) -> None:
    """All that one code led to: access tokens, refresh tokens, and what those were turned into."""
    for table in _ISSUED:
        _revoke(table, table.code_digest == code_digest)


def revoke_logins(logins: Select[uuid.UUID]) -> None:
    """All that came of these sign-ins, codes that nobody has spent yet included.

    Refresh tokens too. The standard lets those with `offline_access` outlive a sign-out, for clients that act while
    nobody is there. No service of a council does: whoever presses "Sign out" on a library's computer must be sure
    that nothing goes on in their name. What such a token does outlive is the sign-in's own clock.
    """
    _spend(Code.login_id.in_(logins))
    for table in _ISSUED:
        _revoke(table, table.login_id.in_(logins))


def revoke_client(person_id: uuid.UUID, client_id: str) -> None:
    """All that one client holds of a person, as when they take back their consent."""
    logins = select(Login.id).where(Login.person_id == person_id)
    _spend(Code.login_id.in_(logins) & (Code.client_id == client_id))
    for table in _ISSUED:
        _revoke(table, table.login_id.in_(logins) & (table.client_id == client_id))


def revoke_token(token: str, client_id: str) -> None:
    """One token of this client's (RFC 7009): an access token alone, a refresh token with all its family.

    Somebody else's is left alone, and so is what is no token at all; the answer is the same.
    """
    kept = digest(token)
    _revoke(AccessToken, (AccessToken.digest == kept) & (AccessToken.client_id == client_id))
    family = session().scalar(_FAMILY, {"digest": kept, "client_id": client_id})
    if family is not None:
        revoke_code(family)


def _spend(which: ColumnElement[bool]) -> None:
    session().execute(update(Code).where(which, Code.used_at.is_(None)).values(used_at=clock.now()))


def _revoke(table: type[AccessToken | RefreshFamily], which: ColumnElement[bool]) -> None:
    session().execute(update(table).where(which, table.revoked_at.is_(None)).values(revoked_at=clock.now()))
