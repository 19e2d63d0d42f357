"""Authorization codes at the token endpoint: good once, for a minute, for one client, address and verifier."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, cast

from sqlalchemy import Boolean, String, Table, bindparam, exists, insert, literal, select, update

from portal import clock
from portal.audit import operations as audit
from portal.db.session import at_once, session
from portal.provider.access_tokens import NewToken
from portal.provider.clients import Client
from portal.provider.id_tokens import Granted, said_of
from portal.provider.models import AccessToken, Code, Consent, Login
from portal.provider.refusals import Refusal
from portal.provider.revocation import revoke_code
from portal.provider.secrets_kept import digest

CODE_LIFETIME: Final = timedelta(seconds=60)
VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}")

# All that a code is bound to is part of one statement: of two who send it at once, one finds it spent. What it is
# spent for is part of it too, so that there is never one without the other.
_SPENT = (
    update(cast(Table, Code.__table__))  # as a table: an entity's update costs twice the time
    .where(
        Code.digest == bindparam("code_digest"),
        Code.client_id == bindparam("by_client"),
        Code.redirect_uri == bindparam("to_address"),
        Code.code_challenge == bindparam("challenge"),
        Code.used_at.is_(None),
        Code.expires_at > bindparam("now"),
        Login.id == Code.login_id,
        Login.ended_at.is_(None),
        # Taken back while the code was being given, unseen by that.
        bindparam("needs_no_consent", type_=Boolean)
        | exists().where(Consent.person_id == Login.person_id, Consent.client_id == Code.client_id),
    )
    .values(used_at=bindparam("now"))
    .returning(
        *(Code.digest, Code.scope, Code.nonce, Code.claims, Code.vector),
        *(Login.id, Login.sid_key, Login.person_id, Login.auth_at, Login.amr),
    )
    .cte("spent")
)
_TOKEN: Final = cast(Table, AccessToken.__table__)
_ISSUED = (
    insert(_TOKEN)
    .from_select(
        ["digest", "code_digest", "client_id", "login_id", "scope", "claims", "expires_at"],
        select(
            bindparam("token_digest", type_=_TOKEN.c.digest.type),
            _SPENT.c.digest,
            bindparam("by_client", type_=_TOKEN.c.client_id.type),
            *(_SPENT.c.id, _SPENT.c.scope, _SPENT.c.claims),
            bindparam("token_expires_at", type_=_TOKEN.c.expires_at.type),
        ),
    )
    .cte("issued")
)
_SPEND: Final = select(*_SPENT.c).add_cte(
    _ISSUED, audit.entry_for(_SPENT, subject=literal("login:") + _SPENT.c.id.cast(String))
)
_WAS_SPENT = select(Code.used_at).where(
    Code.digest == bindparam("code_digest"), Code.client_id == bindparam("by_client"), Code.used_at.is_not(None)
)


def spend(client: Client, form: Mapping[str, str], token: NewToken) -> Granted:
    """What the code in `form` grants, once; `token` now opens it, and the audit trail says so. Raises Refusal.

    A code that comes a second time was in two hands, so all that came of it is taken back (RFC 9700 4.5).
    """
    code, verifier = form.get("code", ""), form.get("code_verifier", "")
    if not code or not verifier:
        raise Refusal("invalid_request", "code and code_verifier are needed")
    address = form.get("redirect_uri", "")
    row = _spent(client, code, address, verifier, token) if VERIFIER.fullmatch(verifier) else None
    if row is None:
        _take_back(client, code)
        raise Refusal("invalid_grant", "the code is used, too old, or not for this client, address and verifier")
    return Granted(
        client=client,
        code_digest=row["digest"],
        login_id=row["id"],
        sid_key=row["sid_key"],
        person_id=row["person_id"],
        scope=row["scope"],
        claims=row["claims"],
        said=said_of(auth_at=row["auth_at"], amr=row["amr"], vector=row["vector"]),
        nonce=row["nonce"],
    )


def _spent(client: Client, code: str, address: str, verifier: str, token: NewToken) -> Mapping[str, Any] | None:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "code_digest": digest(code),
        "by_client": client.client_id,
        "to_address": address,
        "challenge": challenge,
        "needs_no_consent": not client.consent,
        "now": clock.now(),
        "token_digest": digest(token.secret),
        "token_expires_at": token.expires_at,
    }
    act = audit.entry("provider.tokens_issued", actor=f"client:{client.client_id}", grant="authorization_code")
    found = at_once(_SPEND, asked | act)
    return found[0] if found else None


def _take_back(client: Client, code: str) -> None:
    code_digest = digest(code)
    if session().execute(_WAS_SPENT, {"code_digest": code_digest, "by_client": client.client_id}).first() is not None:
        revoke_code(code_digest)
        audit.record("provider.code_reused", actor=f"client:{client.client_id}")
