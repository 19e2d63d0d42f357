"""A sign-in that could not be finished: which page to show, what to log. Never the provider's own words."""

import logging
from typing import Final

from flask import Response, make_response

from portal.identity.exchange import SignInFailed
from portal.web.page import render
from portal.web.request_ids import request_id

log = logging.getLogger(__name__)

AUTHORIZATION_ERRORS: Final = frozenset(
    {"access_denied", "invalid_request", "invalid_scope", "login_required", "consent_required"}
    | {"interaction_required", "account_selection_required", "server_error", "temporarily_unavailable"}
    | {"unauthorized_client", "unsupported_response_type", "request_not_supported"}
)
AT_FAULT_FOR_NOW: Final = frozenset({"server_error", "temporarily_unavailable", "unauthorized_client"})


def from_error(error: str) -> SignInFailed:
    """What an error in the callback means to us."""
    known = error if error in AUTHORIZATION_ERRORS else "other"
    return SignInFailed(f"provider_{known}", down=known in AT_FAULT_FOR_NOW)


def page(failure: SignInFailed, *, provider: str, title: str, next_path: str) -> Response:
    """The page that helps: what happened in plain words, and the way on."""
    log.warning("Sign-in failed: %s, provider %s, reference %s", failure.code, provider, request_id())
    if failure.code == "provider_access_denied":
        name, status = "declined", 403
    elif failure.down:
        name, status = "provider_down", 503
    else:
        name, status = "start_again", 400
    shown = render(f"identity/{name}.html", provider=title, next_path=next_path, reference=request_id())
    answer = make_response(shown, status)
    if status == 503:
        answer.headers["Retry-After"] = "60"
    return answer
