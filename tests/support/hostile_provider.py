"""An OpenID Provider that lies on demand, over real HTTP on loopback.

Without orders it is honest and signs everybody in at once, so that a test changes the one thing it is about:
`provider.claims["nonce"] = "other"`, `provider.token_answer = (500, "text/html", b"oops")`. A claim set to None is
left out. Claims and headers may be functions of the honest value.
"""

import json
import logging
import secrets
import threading
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import requests
from joserfc import jwk
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from portal import clock
from tests.support.hostile_requests import HostileRequests, form_answer
from tests.support.hostile_sessions import HostileSessions
from tests.support.jws import ALL, b64, changed, json_answer, sign

Answer = tuple[int, str, bytes]
logging.getLogger("werkzeug").setLevel(logging.ERROR)

_RSA = [jwk.RSAKey.generate_key(2048, auto_kid=True) for _ in range(2)]
_EC = jwk.ECKey.generate_key("P-256", auto_kid=True)


@dataclass
class HostileProvider(HostileRequests, HostileSessions):
    """One provider with its orders. `rsa`, `other_rsa` and `ec` are keys; `published` those that it shows."""

    client_id: str = "portal"
    client_secret: str = "a-secret-for-tests-only"
    rsa: jwk.RSAKey = field(default_factory=lambda: _RSA[0])
    other_rsa: jwk.RSAKey = field(default_factory=lambda: _RSA[1])
    ec: jwk.ECKey = field(default_factory=lambda: _EC)

    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    signing_key: Any = None
    raw_id_token: Callable[[str], Any] | None = None
    token_fields: dict[str, Any] = field(default_factory=dict)
    token_answer: Answer | None = None
    userinfo: dict[str, Any] = field(default_factory=dict)
    userinfo_answer: Answer | None = None
    callback: dict[str, str | None] = field(default_factory=dict)
    published: list[Any] | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    delay: float = 0.0
    issuer_path: str = "/realms/town"
    delays: dict[str, float] = field(default_factory=dict)
    during: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What else happens while a path is being asked for, and before it answers."""
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Headers to send with the answer of a path."""
    documents: dict[str, Any] = field(default_factory=dict)
    """Further JSON documents, by path."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Further paths of a page."""

    requests: list[tuple[str, str]] = field(default_factory=list)
    user_agents: list[tuple[str, str]] = field(default_factory=list)
    token_requests: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)
    userinfo_requests: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[dict[str, str]] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> "HostileProvider":
        self._server = make_server("127.0.0.1", 0, self._application, threaded=True)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.port}"
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def issuer(self) -> str:
        """With a path, as Keycloak's."""
        return f"{self.origin}{self.issuer_path}"

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(1 for _method, asked in self.requests if asked == path)

    def authorize(self, address: str) -> str:
        """What a browser does at our sign-in page: goes there, and is sent back at once. The callback's address."""
        answer = requests.get(address, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def _application(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        path = request.path.removeprefix(self.issuer_path)
        self.during.get(path, lambda: None)()
        time.sleep(self.delays.get(path, self.delay))
        self.requests.append((request.method, path))
        self.user_agents.append((path, request.headers.get("User-Agent", "")))
        if path in self.answers:
            status, kind, body = self.answers[path]
            return Response(body, status, content_type=kind)(environ, start_response)
        if path in self.documents:
            return json_answer({}, self.documents[path])(environ, start_response)
        page = {
            "/.well-known/openid-configuration": self._metadata,
            "/jwks": self._jwks,
            "/authorize": self._authorize,
            "/token": self._token,
            "/userinfo": self._userinfo,
            "/logout": self._logout,
            "/par": self.push,
            "/revoke": self._revoke,
        }.get(self.aliases.get(path, path))
        answer = page(request) if page else Response("no such page", 404)
        answer.headers.update(self.headers.get(path, {}))
        return answer(environ, start_response)

    def _metadata(self, _request: Request) -> Response:
        return json_answer(
            self.metadata,
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "end_session_endpoint": f"{self.issuer}/logout",
                "revocation_endpoint": f"{self.issuer}/revoke",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ALL,
                "code_challenge_methods_supported": ["S256"],
            },
        )

    def _jwks(self, _request: Request) -> Response:
        shown = self.published if self.published is not None else [self.rsa, self.ec]
        keys = [key if isinstance(key, dict) else key.as_dict(private=False) for key in shown]
        return json_answer({}, {"keys": keys})

    def _authorize(self, request: Request) -> Response:
        asked = self.whole_request(request)
        self.authorizations.append(asked)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = changed(self.callback, {"code": code, "state": asked["state"], "iss": self.issuer})
        if asked.get("response_mode") == "form_post":
            return form_answer(asked["redirect_uri"], back)
        return Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(back)}"})

    def _token(self, request: Request) -> Response:
        if request.form.get("grant_type") == "refresh_token":
            return self._refresh(request)
        self.token_requests.append((dict(request.headers), request.form.to_dict()))
        if self.token_answer is not None:
            status, kind, body = self.token_answer
            return Response(body, status, content_type=kind, headers={"Location": f"{self.issuer}/jwks"})
        if not self._knows_client(request):
            return json_answer({}, {"error": "invalid_client"}, 401)
        asked = self._codes.pop(request.form.get("code", ""), None)
        if asked is None or not _proves(asked, request.form.get("code_verifier", "")):
            return json_answer({}, {"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe(16)
        id_token: Any = self.id_token(asked["nonce"], access_token)
        if self.raw_id_token is not None:
            id_token = self.raw_id_token(id_token)
        given = {"access_token": access_token, "token_type": "Bearer", "expires_in": 180, "id_token": id_token}
        if self.with_refresh(asked):
            given["refresh_token"] = self.new_refresh_token(asked)
        return json_answer(self.token_fields, given)

    def _knows_client(self, request: Request) -> bool:
        if request.form.get("client_assertion"):
            return True  # judged by the test, which reads `token_requests`
        if request.form.get("client_secret"):
            return request.form["client_secret"] == self.client_secret
        said = b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        return tuple(map(unquote_plus, said.split(":", 1))) == (self.client_id, self.client_secret)

    def id_token(self, nonce: str | None, access_token: str, further: dict[str, Any] | None = None) -> str:
        """A signed ID token, as ordered."""
        now = int(clock.now().timestamp())
        claims = changed(
            self.claims | (further or {}),
            {
                "iss": self.issuer,
                "sub": "resident-1",
                "aud": self.client_id,
                "exp": now + 300,
                "iat": now,
                "nonce": nonce,
                "auth_time": now - 5,
                "at_hash": half_hash(access_token),
            },
        )
        key = self.signing_key or self.rsa
        header = changed(self.header, {"alg": "RS256", "typ": "JWT", "kid": key.kid})
        return sign(header, json.dumps(claims).encode(), key)

    def _userinfo(self, request: Request) -> Response:
        self.userinfo_requests.append(dict(request.headers) | {"query": request.query_string.decode()})
        if self.userinfo_answer is not None:
            status, kind, body = self.userinfo_answer
            return Response(body, status, content_type=kind)
        subject = self.claims.get("sub") or "resident-1"
        email = "ada@example.org" if subject == "resident-1" else f"{subject}@example.org"  # no two share one
        honest = {"sub": subject, "given_name": "Ada", "email": email}
        return json_answer(self.userinfo, honest | {"email_verified": True})


def half_hash(value: str) -> str:
    """`at_hash` for the SHA-256 family."""
    return b64(sha256(value.encode()).digest()[:16])


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def _proves(asked: dict[str, str], verifier: str) -> bool:
    return asked.get("code_challenge_method") == "S256" and asked.get("code_challenge") == b64(
        sha256(verifier.encode()).digest()
    )


__all__ = ["ALL", "HostileProvider", "half_hash", "query_of", "sign"]
