"""Authlib's authorization server, with what OpenID Connect and RFC 9700 ask for and it leaves open.

Authlib has no types, so this is the one file that touches its classes; `Any` stands for its objects.
"""

import logging
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from flask import Flask
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db.session import session
from portal.provider.codes import CODE_LIFETIME
from portal.provider.models import Code
from portal.provider.queries import CurrentLogin, find_client
from portal.provider.secrets_kept import digest, new_secret
from portal.settings import Settings


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
    """Hands out codes. `codes` takes them back in at the token endpoint."""

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


def make_server(app: Flask, settings: Settings) -> Server:
    """The server of `app`."""
    logging.getLogger("authlib").setLevel(logging.INFO)  # its debug lines print tokens and verifiers
    server = Server(app, query_client=find_client)
    server.register_grant(CodeGrant, [S256Only()])
    server.register_extension(OurIssuer(settings.issuer))
    return server
