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
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import requests
from joserfc import jwk, jws
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from portal import clock

Answer = tuple[int, str, bytes]
ALL = ["RS256", "ES256", "PS256", "HS256", "RS512", "none"]
logging.getLogger("werkzeug").setLevel(logging.ERROR)

_RSA = [jwk.RSAKey.generate_key(2048, auto_kid=True) for _ in range(2)]
_EC = jwk.ECKey.generate_key("P-256", auto_kid=True)


@dataclass
class HostileProvider:
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
    delays: dict[str, float] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Headers to send with the answer of a path."""
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
        return f"{self.origin}/realms/town"

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
        path = request.path.removeprefix("/realms/town")
        time.sleep(self.delays.get(path, self.delay))
        self.requests.append((request.method, path))
        self.user_agents.append((path, request.headers.get("User-Agent", "")))
        if path in self.answers:
            status, kind, body = self.answers[path]
            return Response(body, status, content_type=kind)(environ, start_response)
        page = {
            "/.well-known/openid-configuration": self._metadata,
            "/jwks": self._jwks,
            "/authorize": self._authorize,
            "/token": self._token,
            "/userinfo": self._userinfo,
        }.get(self.aliases.get(path, path))
        answer = page(request) if page else Response("no such page", 404)
        answer.headers.update(self.headers.get(path, {}))
        return answer(environ, start_response)

    def _metadata(self, _request: Request) -> Response:
        return _json(
            self.metadata,
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "end_session_endpoint": f"{self.issuer}/logout",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ALL,
                "code_challenge_methods_supported": ["S256"],
            },
        )

    def _jwks(self, _request: Request) -> Response:
        shown = self.published if self.published is not None else [self.rsa, self.ec]
        keys = [key if isinstance(key, dict) else key.as_dict(private=False) for key in shown]
        return _json({}, {"keys": keys})

    def _authorize(self, request: Request) -> Response:
        asked = dict(request.args.items())
        self.authorizations.append(asked)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = _changed(self.callback, {"code": code, "state": asked["state"], "iss": self.issuer})
        return Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(back)}"})

    def _token(self, request: Request) -> Response:
        self.token_requests.append((dict(request.headers), request.form.to_dict()))
        if self.token_answer is not None:
            status, kind, body = self.token_answer
            return Response(body, status, content_type=kind, headers={"Location": f"{self.issuer}/jwks"})
        asked = self._codes.pop(request.form.get("code", ""), None)
        if asked is None:
            return _json({}, {"error": "invalid_grant"}, 400)
        if not self._knows_client(request) or not _proves(asked, request.form.get("code_verifier", "")):
            return _json({}, {"error": "invalid_client"}, 401)
        access_token = secrets.token_urlsafe(16)
        id_token: Any = self.id_token(asked["nonce"], access_token)
        if self.raw_id_token is not None:
            id_token = self.raw_id_token(id_token)
        return _json(
            self.token_fields,
            {"access_token": access_token, "token_type": "Bearer", "expires_in": 180, "id_token": id_token},
        )

    def _knows_client(self, request: Request) -> bool:
        if request.form.get("client_assertion"):
            return True  # judged by the test, which reads `token_requests`
        if request.form.get("client_secret"):
            return request.form["client_secret"] == self.client_secret
        said = b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        return tuple(map(unquote_plus, said.split(":", 1))) == (self.client_id, self.client_secret)

    def id_token(self, nonce: str, access_token: str) -> str:
        """A signed ID token, as ordered."""
        now = int(clock.now().timestamp())
        claims = _changed(
            self.claims,
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
        header = _changed(self.header, {"alg": "RS256", "typ": "JWT", "kid": key.kid})
        return sign(header, json.dumps(claims).encode(), key)

    def _userinfo(self, request: Request) -> Response:
        self.userinfo_requests.append(dict(request.headers) | {"query": request.query_string.decode()})
        if self.userinfo_answer is not None:
            status, kind, body = self.userinfo_answer
            return Response(body, status, content_type=kind)
        honest = {"sub": self.claims.get("sub") or "resident-1", "given_name": "Ada", "email": "ada@example.org"}
        return _json(self.userinfo, honest | {"email_verified": True})


def sign(header: dict[str, Any], payload: bytes, key: Any) -> str:
    """A compact JWS with whatever header; `none` has no signature."""
    if header.get("alg") == "none":
        return f"{_b64(json.dumps(header).encode())}.{_b64(payload)}."
    registry = jws.JWSRegistry(algorithms=ALL, strict_check_header=False)
    # Signed by hand, since the library refuses to sign what it would refuse to read.
    head = _b64(json.dumps(header).encode())
    text = f"{head}.{_b64(payload)}".encode()
    algorithm = registry.algorithms[header["alg"]]
    return f"{text.decode()}.{_b64(algorithm.sign(text, key))}"


def half_hash(value: str) -> str:
    """`at_hash` for the SHA-256 family."""
    return _b64(sha256(value.encode()).digest()[:16])


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def _proves(asked: dict[str, str], verifier: str) -> bool:
    return asked.get("code_challenge_method") == "S256" and asked.get("code_challenge") == _b64(
        sha256(verifier.encode()).digest()
    )


def _changed(orders: dict[str, Any], honest: dict[str, Any]) -> dict[str, Any]:
    ordered = {name: order(honest.get(name)) if callable(order) else order for name, order in orders.items()}
    return {name: value for name, value in (honest | ordered).items() if value is not None}


def _json(orders: dict[str, Any], honest: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(_changed(orders, honest)), status, content_type="application/json")


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
