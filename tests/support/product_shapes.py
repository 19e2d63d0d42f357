"""The hostile provider in the shape of products: what their documents and answers have of their own.

Written from what the products send, to hold our relying party to them where the products themselves cannot run.
"""

import uuid
from typing import Any

from tests.support.hostile_provider import HostileProvider
from tests.support.hostile_sessions import EVENT

TENANT = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"


def keycloak() -> HostileProvider:
    """Issuer with a path; `sid` in every token; refresh tokens without `offline_access`, bound to its own session.

    A refreshed ID token has the nonce of the sign-in. A logout token may say that offline sessions are revoked too.
    """
    sid = str(uuid.uuid4())
    provider = HostileProvider(issuer_path="/realms/marlowe")
    provider.with_refresh = lambda asked: True
    provider.metadata |= {
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
    provider.claims |= {
        "sub": "f:1:resident-1",
        "sid": sid,
        "azp": provider.client_id,
        "typ": "ID",
        "acr": "1",
    }
    provider.refresh_claims["nonce"] = lambda _none: provider.authorizations[-1]["nonce"]
    provider.token_fields |= {"session_state": sid, "not-before-policy": 0, "refresh_expires_in": 1800}
    provider.userinfo["preferred_username"] = "ada"
    return provider


def keycloaks_logout(provider: HostileProvider) -> str:
    """Its logout token: both names, its own `typ` claim, and the second event when the client is set so."""
    claims: dict[str, Any] = {
        "sid": provider.claims["sid"],
        "typ": "Logout",
        "events": {EVENT: {}, "revoke_offline_access": True},
    }
    return provider.logout_token(claims, {"typ": "JWT"})


def entra() -> HostileProvider:
    """One tenant's issuer, with its endpoints beside it and not below; no `iss` in the answer and no `auth_time`.

    Its keys name no algorithm, its metadata no PKCE. It gives refresh tokens only for `offline_access`, knows who
    signs out by its own `login_hint`, and sends nobody's `state` back.
    """
    provider = HostileProvider(issuer_path=f"/{TENANT}/v2.0", forgets_state=True)
    provider.with_refresh = lambda asked: "offline_access" in asked["scope"].split()
    provider.published = [{**provider.rsa.as_dict(private=False), "use": "sig", "x5t": "x"}]
    for page, path in (
        ("authorization_endpoint", "authorize"),
        ("token_endpoint", "token"),
        ("end_session_endpoint", "logout"),
    ):
        provider.metadata[page] = lambda _honest, path=path: f"{provider.origin}/{TENANT}/oauth2/v2.0/{path}"
        provider.aliases[f"/{TENANT}/oauth2/v2.0/{path}"] = f"/{path}"
    provider.metadata |= {
        "code_challenge_methods_supported": None,
        "revocation_endpoint": None,
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "http_logout_supported": True,
    }
    provider.callback["iss"] = None
    provider.claims |= {
        "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
        "auth_time": None,
        "at_hash": None,
        "tid": TENANT,
        "oid": str(uuid.uuid4()),
        "ver": "2.0",
        "login_hint": "O.CiQ0YWJj",
    }
    provider.token_fields["ext_expires_in"] = 3599
    return provider
