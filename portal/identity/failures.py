"""A sign-in that could not be finished: which page to show, what to log. Never the provider's own words."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Response, make_response

from portal.identity.exchange import SignInFailed
from portal.identity.relying_party import staff_parties
from portal.identity.staff_door import find_door
from portal.web.page import render
from portal.web.request_ids import request_id

log = logging.getLogger(__name__)

AUTHORIZATION_ERRORS: Final = frozenset(
    {"access_denied", "invalid_request", "invalid_scope", "login_required", "consent_required"}
    | {"interaction_required", "account_selection_required", "server_error", "temporarily_unavailable"}
    | {"unauthorized_client", "unsupported_response_type", "request_not_supported", "invalid_request_object"}
    | {"invalid_request_uri", "request_uri_not_supported", "unmet_authentication_requirements"}
)
AT_FAULT_FOR_NOW: Final = frozenset({"server_error", "temporarily_unavailable"})
SETTINGS_ARE_WRONG: Final = frozenset(
    {"invalid_request", "invalid_scope", "unauthorized_client", "unsupported_response_type"}
    | {"request_not_supported", "invalid_request_object", "invalid_request_uri", "request_uri_not_supported"}
)
"""Between the provider and us something is set wrong, or it has turned us off. Trying again does not mend that."""


@dataclass(frozen=True, slots=True)
class Page:
    """A template, and the status that it is shown with."""

    name: str
    status: int


START_AGAIN: Final = Page("start_again", 400)
DOWN: Final = Page("provider_down", 503)
CANNOT_USE: Final = Page("cannot_use", 503)
NOT_ENOUGH: Final = Page("not_enough", 403)
NOT_PROVEN: Final = Page("not_proven", 403)
PAGES: Final[Mapping[str, Page]] = {
    "provider_access_denied": Page("declined", 403),
    "provider_unmet_authentication_requirements": NOT_ENOUGH,
    "held_old_sign_in": Page("password_again", 403),
    "held_timeless_sign_in": Page("ring_us", 403),
    "asked_level": NOT_ENOUGH,
    "asked_vot_other": NOT_ENOUGH,
    "asked_identity_missing": NOT_PROVEN,
    "identity_access_denied": NOT_PROVEN,
    "asked_auth_time_old": Page("sign_out_there", 403),
    "asked_auth_time_missing": NOT_ENOUGH,
    "asked_auth_time_future": NOT_ENOUGH,
    "token_invalid_client": CANNOT_USE,
    "token_unauthorized_client": CANNOT_USE,
    "pushed_invalid_client": CANNOT_USE,
    **{f"{step}_{error}": CANNOT_USE for step in ("provider", "pushed") for error in SETTINGS_ARE_WRONG},
}
"""By the code of the failure. The rest is `DOWN` where the provider is at fault, else `START_AGAIN`."""
SIGNED_OUT: Final = Page("signed_out_now", 403)


def from_error(error: str) -> SignInFailed:
    """What an error in the callback means to us."""
    known = error if error in AUTHORIZATION_ERRORS else "other"
    return SignInFailed(f"provider_{known}", down=known in AT_FAULT_FOR_NOW)


def page(
    failure: SignInFailed,
    *,
    provider: str,
    title: str,
    next_path: str,
    more_proof: bool = False,
    way_out: str | None = None,
) -> Response:
    """The page that helps: what happened in plain words, and the way on.

    `more_proof` when it was not for signing in but for proving more: then they are signed in as before. `way_out` is
    where one signs out at the provider.
    """
    log.warning("Sign-in failed: %s, provider %s, reference %s", failure.code, provider, request_id())
    shown = _page_for(failure, more_proof)
    again = sign_in_again(provider)
    values = {
        "again": again,
        "provider": title,
        "next_path": next_path,
        "reference": request_id(),
        "more_proof": more_proof,
        "way_out": way_out,
    }
    answer = make_response(render(f"identity/{shown.name}.html", **values), shown.status)
    if shown.status == DOWN.status:
        answer.headers["Retry-After"] = "60"
    return answer


def sign_in_again(provider: str) -> str:
    """The endpoint of the page on which one signs in with that provider: staff have their own."""
    for_staff = any(party.name == provider for party in staff_parties())
    door = find_door() if for_staff else None
    return door.sign_in if door is not None else "identity.sign_in"


def _page_for(failure: SignInFailed, more_proof: bool) -> Page:
    if more_proof and failure.code == "provider_login_required":
        return SIGNED_OUT
    return PAGES.get(failure.code) or (DOWN if failure.down else START_AGAIN)
