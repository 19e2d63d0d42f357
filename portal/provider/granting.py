"""Hand out authorization codes: the busiest write that there is, so it is one statement, built once."""

from typing import Final, cast

from sqlalchemy import Table, bindparam, insert, select

from portal import clock
from portal.audit import operations as audit
from portal.db.session import at_once
from portal.provider import claims, one_login
from portal.provider.codes import CODE_LIFETIME
from portal.provider.models import ClientRow, Code
from portal.provider.parameters import Asked, BadRequest
from portal.provider.queries import CurrentLogin
from portal.provider.secrets_kept import digest, new_secret
from portal.provider.state import provider

_TABLE: Final = cast(Table, Code.__table__)
# From the client's row, so that none is made for a client that was removed a moment ago.
_NEW_CODE = (
    insert(_TABLE)
    .from_select(
        [column.name for column in _TABLE.c],
        select(*(bindparam(column.name, type_=column.type) for column in _TABLE.c)).where(
            ClientRow.id == bindparam("client_id")
        ),
    )
    .returning(_TABLE.c.digest)
    .cte("given")
)
_GIVE: Final = select(_NEW_CODE.c.digest).add_cte(audit.entry_for(_NEW_CODE))


def hand_out_code(asked: Asked, login: CurrentLogin) -> str:
    """A code for this client and this person's sign-in, kept as a digest with all that it is bound to.

    Raises BadRequest when the client has just been removed.
    """
    code = new_secret()
    row = {
        "digest": digest(code),
        "client_id": asked.client.client_id,
        "login_id": login.id,
        "redirect_uri": asked.redirect_uri,
        "scope": asked.scope,
        "nonce": asked.values.get("nonce"),
        "code_challenge": asked.values["code_challenge"],
        "claims": _granted_by_name(asked),
        "vector": None,
        "expires_at": clock.now() + CODE_LIFETIME,
        "used_at": None,
    }
    if provider().shape.proves_identities:
        row |= one_login.granted(asked)
    act = audit.entry(
        "provider.code_given",
        actor=f"person:{login.person_id}",
        subject=f"client:{asked.client.client_id}",
        login=str(login.id),
        scope=asked.scope,
    )
    if not at_once(_GIVE, row | act):
        raise BadRequest("the client is no longer registered")
    return code


def _granted_by_name(asked: Asked) -> dict[str, list[str]] | None:
    """The claims asked for by name, as far as the client's registered scopes open them."""
    wanted = asked.claims
    open_to_client = claims.opened(asked.client.scopes)
    members = {"userinfo": wanted.userinfo, "id_token": wanted.id_token}
    granted = {member: [name for name in names if name in open_to_client] for member, names in members.items()}
    return {member: names for member, names in granted.items() if names} or None
