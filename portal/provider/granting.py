"""Hand out authorization codes: the busiest write that there is, so its statement is built once."""

from sqlalchemy import insert

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.provider import claims, one_login
from portal.provider.codes import CODE_LIFETIME
from portal.provider.models import Code
from portal.provider.parameters import Asked
from portal.provider.queries import CurrentLogin
from portal.provider.secrets_kept import digest, new_secret
from portal.provider.state import provider

_NEW_CODE = insert(Code.__table__)  # type: ignore[arg-type]  # a Table: no entities where it is hot


def hand_out_code(asked: Asked, login: CurrentLogin) -> str:
    """A code for this client and this person's sign-in, kept as a digest with all that it is bound to."""
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
    session().execute(_NEW_CODE, row)
    audit.record(
        "provider.code_given",
        actor=f"person:{login.person_id}",
        subject=f"client:{asked.client.client_id}",
        login=str(login.id),
        scope=asked.scope,
    )
    return code


def _granted_by_name(asked: Asked) -> dict[str, list[str]] | None:
    """The claims asked for by name, as far as the client's registered scopes open them."""
    wanted = asked.claims
    open_to_client = claims.opened(asked.client.scopes)
    members = {"userinfo": wanted.userinfo, "id_token": wanted.id_token}
    granted = {member: [name for name in names if name in open_to_client] for member, names in members.items()}
    return {member: names for member, names in granted.items() if names} or None
