"""The hostile provider's part after the sign-in: refresh tokens, logout tokens, and the end of its own session.

Orders as in `hostile_provider`, for the parts named here. It gives refresh tokens only when `with_refresh` says so of
the authorization request.
"""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from portal import clock
from tests.support.jws import changed, json_answer, sign

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class HostileSessions:
    """What the provider knows of people who have signed in, and what it was asked about them."""

    with_refresh: Callable[[dict[str, str]], bool] = lambda asked: False
    rotates: bool = True
    refresh_claims: dict[str, Any] = field(default_factory=dict)
    refresh_fields: dict[str, Any] = field(default_factory=dict)
    refresh_answer: tuple[int, str, bytes] | None = None
    refresh_delay: float = 0.0
    on_refresh: Callable[[], None] = lambda: None
    revoke_status: int = 200
    forgets_state: bool = False

    refresh_requests: list[dict[str, str]] = field(default_factory=list)
    logouts: list[dict[str, str]] = field(default_factory=list)
    revoked: list[dict[str, str]] = field(default_factory=list)
    refresh_tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    def logout_token(self: Any, claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None) -> str:
        """A signed logout token that names a person, changed as ordered."""
        now = int(clock.now().timestamp())
        honest = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(12),
            "sub": self.claims.get("sub") or "resident-1",
            "events": {EVENT: {}},
        }
        key = self.signing_key or self.rsa
        said = changed(header or {}, {"alg": "RS256", "typ": "logout+jwt", "kid": key.kid})
        return sign(said, json.dumps(changed(claims or {}, honest)).encode(), key)

    def new_refresh_token(self, asked: dict[str, Any]) -> str:
        """One that counts, for who has asked for this."""
        made = secrets.token_urlsafe(24)
        self.refresh_tokens[made] = {"auth_time": int(clock.now().timestamp()) - 5, **asked}
        return made

    def _refresh(self: Any, request: Request) -> Response:
        self.refresh_requests.append(request.form.to_dict())
        time.sleep(self.refresh_delay)
        self.on_refresh()
        if self.refresh_answer is not None:
            status, kind, body = self.refresh_answer
            return Response(body, status, content_type=kind)
        if not self._knows_client(request):
            return json_answer({}, {"error": "invalid_client"}, 401)
        used = request.form["refresh_token"]
        if used not in self.refresh_tokens:
            return json_answer({}, {"error": "invalid_grant"}, 400)
        asked = self.refresh_tokens.pop(used) if self.rotates else self.refresh_tokens[used]
        access_token = secrets.token_urlsafe(16)
        id_token = self.id_token(None, access_token, {"auth_time": asked["auth_time"]} | self.refresh_claims)
        given = {"access_token": access_token, "token_type": "Bearer", "expires_in": 180, "id_token": id_token}
        if self.rotates:
            given["refresh_token"] = self.new_refresh_token(asked)
        return json_answer(self.refresh_fields, given)

    def _revoke(self: Any, request: Request) -> Response:
        self.revoked.append(request.form.to_dict())
        self.refresh_tokens.pop(request.form["token"], None)
        return Response(status=self.revoke_status if self._knows_client(request) else 401)

    def _logout(self, request: Request) -> Response:
        """As Keycloak has it: who wants to be sent back says who it is."""
        sent = dict(request.args.items())
        self.logouts.append(sent)
        if len(request.url) >= 2048:
            return Response("too long", 403)
        if "post_logout_redirect_uri" not in sent:
            return Response("signed out")
        if not sent.keys() & {"id_token_hint", "client_id"}:
            return Response("Invalid parameter", 400)
        back = {"state": sent["state"]} if "state" in sent and not self.forgets_state else {}
        address = sent["post_logout_redirect_uri"] + (f"?{urlencode(back)}" if back else "")
        return Response(status=302, headers={"Location": address})
