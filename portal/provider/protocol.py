"""Authlib's authorization server, with what OpenID Connect and RFC 9700 ask for and it leaves open.

Authlib has no types, so this is the one file that touches its classes; `Any` stands for its objects.
"""

import logging
from datetime import timedelta
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask
from sqlalchemy import update
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db.session import session
from portal.provider.client_authentication import ByAssertion, by_basic, by_post
from portal.provider.clients import AUTH_METHODS, Client
from portal.provider.codes import SpendableCode
from portal.provider.models import AccessToken, Code, Person
from portal.provider.queries import CurrentLogin, code_to_spend, find_client, get_login
from portal.provider.secrets_kept import digest, new_secret
from portal.settings import Settings
from portal.signing.ring import KeyRing

TOKEN_SECONDS = 300
CODE_LIFETIME = timedelta(seconds=60)


class Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib has no types
    """The parameters that we let it see: query or body, never both mixed."""

    def __init__(self, values: MultiDict[str, str]) -> None:
        self._values = values

    @property
    def data(self) -> MultiDict[str, str]:
        """First values."""
        return self._values

    @property
    def datalist(self) -> dict[str, list[str]]:
        """All values."""
        return dict(self._values.lists())


class ProtocolRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A request as Authlib wants it. Its address is made from the issuer: behind a proxy ours would say http."""

    def __init__(self, method: str, address: str, values: MultiDict[str, str], headers: object = None) -> None:
        super().__init__(method, address, headers=headers)
        self.payload = Payload(values)

    @property
    def args(self) -> MultiDict[str, str]:
        """The query's parameters."""
        values: MultiDict[str, str] = self.payload.data
        return values

    @property
    def form(self) -> MultiDict[str, str]:
        """The body's parameters."""
        values: MultiDict[str, str] = self.payload.data
        return values


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    """Codes that are good once, for a minute, for one client; a second use takes back what the first one got."""

    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)

    def generate_authorization_code(self) -> str:
        """256 random bits."""
        return new_secret()

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Keep the code's digest with all that it is bound to."""
        login: CurrentLogin = request.user
        values = request.payload.data
        row = Code(
            digest=digest(code),
            client_id=request.client.client_id,
            login_id=login.id,
            redirect_uri=values["redirect_uri"],
            scope=request.scope,
            nonce=values.get("nonce"),
            code_challenge=values["code_challenge"],
            expires_at=clock.now() + CODE_LIFETIME,
            used_at=None,
        )
        session().add(row)

    def query_authorization_code(self, code: str, client: Client) -> SpendableCode | None:
        """The code, if this client may spend it now."""
        row = code_to_spend(code)
        if row is None or row.client_id != client.client_id:
            return None
        if row.used_at is not None:
            _take_back(row)
            return None
        login = get_login(row.login_id)
        if row.expires_at <= clock.now() or login.ended_at is not None:
            return None
        return SpendableCode(row, login)

    def delete_authorization_code(self, authorization_code: SpendableCode) -> None:
        """Mark it as used; the row stays, so that a second use is noticed."""
        authorization_code.row.used_at = clock.now()

    def authenticate_user(self, authorization_code: SpendableCode) -> Person:
        """Whose code it is."""
        return session().get_one(Person, authorization_code.login.person_id)


def _take_back(code: Code) -> None:
    tokens = update(AccessToken).where(AccessToken.code_digest == code.digest, AccessToken.revoked_at.is_(None))
    session().execute(tokens.values(revoked_at=clock.now()))


class S256Only(CodeChallenge):  # type: ignore[misc]  # Authlib has no types
    """PKCE for every client, S256 and nothing else. Authlib asks it of public clients only, and knows `plain`."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse a request without challenge or without method: the method's default would be `plain`."""
        values = grant.request.payload.data
        if not values.get("code_challenge") or values.get("code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge and code_challenge_method=S256 are required")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):  # type: ignore[misc]  # Authlib has no types
    """ID tokens with a fixed list of claims: who, for whom, when, how. The person's details are at userinfo."""

    def __init__(self, settings: Settings, ring: KeyRing) -> None:
        super().__init__(require_nonce=False)
        self._issuer = settings.issuer
        self._ring = ring

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        """Not asked of a provider: it is the client that takes a nonce once."""
        del nonce, request
        return False

    def resolve_client_private_key(self, client: Client) -> Any:
        """The key that signs now, of the client's algorithm."""
        return self._ring.keys().signing[client.id_token_signed_response_alg]

    def get_encode_header(self, client: Client) -> dict[str, str]:
        """With `kid` and `typ`, so that no other token of ours can be taken for an ID token."""
        key = self.resolve_client_private_key(client)
        return {"alg": client.id_token_signed_response_alg, "kid": key.kid, "typ": "JWT"}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        """The claims that bear on the client. The `jti` makes two tokens of one second differ."""
        now = int(clock.now().timestamp())
        return {
            "iss": self._issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": new_secret(),
        }

    def get_authorization_code_claims(self, authorization_code: SpendableCode) -> dict[str, Any]:
        """Also `sid`, by which a later logout names the sign-in."""
        claims: dict[str, Any] = super().get_authorization_code_claims(authorization_code)
        return claims | {"sid": str(authorization_code.login.id)}

    def generate_user_info(self, user: Person, scope: str) -> dict[str, Any]:
        """`sub` alone: Authlib lets whatever stands here overwrite `iss`, `aud` and `exp`."""
        del scope
        return {"sub": str(user.id)}


class OurIssuer(IssuerParameter):  # type: ignore[misc]  # Authlib has no types
    """RFC 9207 on answers that carry a code; `endpoints` puts it on errors."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        """The issuer."""
        return self._issuer


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """The server, fed with our own requests."""

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        """Ours already."""
        return request


def _save_token(token: dict[str, Any], request: Any) -> None:
    code: SpendableCode = request.authorization_code
    row = AccessToken(
        digest=digest(token["access_token"]),
        code_digest=code.row.digest,
        client_id=request.client.client_id,
        login_id=code.row.login_id,
        scope=token["scope"],
        expires_at=clock.now() + timedelta(seconds=token["expires_in"]),
        revoked_at=None,
    )
    session().add(row)


def make_server(app: Flask, settings: Settings, ring: KeyRing, *, token_url: str) -> Server:
    """The server of `app`."""
    logging.getLogger("authlib").setLevel(logging.INFO)  # its debug lines print tokens and verifiers
    server = Server(app, query_client=find_client, save_token=_save_token)
    server.register_token_generator("default", BearerTokenGenerator(lambda **_asked: new_secret(), None, TOKEN_SECONDS))
    server.register_grant(CodeGrant, [S256Only(), IdToken(settings, ring)])
    server.register_extension(OurIssuer(settings.issuer))
    server.register_client_auth_method("client_secret_basic", by_basic)
    server.register_client_auth_method("client_secret_post", by_post)
    server.register_client_auth_method("private_key_jwt", ByAssertion([settings.issuer, token_url]))
    return server
