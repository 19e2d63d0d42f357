"""The hostile provider's part before the sign-in: requests that are pushed or signed, and answers by form.

Orders as in `hostile_provider`, for the parts named here.
"""

import json
import secrets
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from html import escape
from typing import Any

import requests
from werkzeug.wrappers import Request, Response

from tests.support.jws import json_answer


@dataclass
class HostileRequests:
    """The ways in which a request may reach the provider, and its answer may leave."""

    pushes: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)
    """Headers and form of each pushed request."""
    push_answer: tuple[int, str, bytes] | None = None
    asked_in_address: list[dict[str, str]] = field(default_factory=list)
    """What stood in the address of each authorization request."""
    _pushed: dict[str, dict[str, str]] = field(default_factory=dict)

    def offer_pushed(self: Any, *, required: bool = False) -> None:
        """Say in the metadata that requests may, or must, be pushed."""
        self.metadata["pushed_authorization_request_endpoint"] = f"{self.issuer}/par"
        self.metadata["require_pushed_authorization_requests"] = required or None

    def push(self: Any, request: Request) -> Response:
        """The endpoint for pushed requests."""
        form = request.form.to_dict()
        self.pushes.append((dict(request.headers), form))
        if self.push_answer is not None:
            status, kind, body = self.push_answer
            return Response(body, status, content_type=kind)
        if any(len(values) > 1 for _name, values in request.form.lists()):
            return json_answer({}, {"error": "invalid_request"}, 400)
        if not self._knows_client(request):
            return json_answer({}, {"error": "invalid_client"}, 401)
        name = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(12)}"
        self._pushed[name] = form
        return json_answer({}, {"request_uri": name, "expires_in": 60}, 201)

    def whole_request(self: Any, request: Request) -> dict[str, str]:
        """All that is asked, wherever it stands: pushed, signed, in the address."""
        asked: dict[str, str] = request.args.to_dict()
        self.asked_in_address.append(asked)
        if "request_uri" in asked:
            asked = self._pushed.pop(asked["request_uri"])
        if "request" in asked:
            asked = asked | claims_of(asked["request"])
        return asked

    def authorize_by_form(self, address: str) -> dict[str, str]:
        """As `authorize`, for answers that come by form: its fields."""
        answer = requests.get(address, allow_redirects=False, timeout=5)
        assert answer.status_code == 200, answer.text
        fields: dict[str, str] = json.loads(answer.headers["X-Fields"])
        return fields


def form_answer(action: str, back: dict[str, str]) -> Response:
    """A page with a form for us, and for tests the fields in a header."""
    inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in back.items())
    page = f'<form method="post" action="{escape(action)}">{inputs}</form>'
    return Response(page, headers={"X-Fields": json.dumps(back)}, content_type="text/html")


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says, unjudged."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
