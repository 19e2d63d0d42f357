"""Where a provider tells us that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0).

A program calls it: no browser, no cookie, no form token. The signature of the logout token is all the proof there is.
"""

import logging
from typing import Final

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from portal.audit import operations as audit
from portal.db.session import commits, release, session
from portal.errors import TooMany
from portal.identity import logouts
from portal.identity.keys import Keys, NoSuchKey
from portal.identity.logout_tokens import LogoutToken, validate_logout_token
from portal.identity.metadata import ProviderDown
from portal.identity.relying_party import RelyingParty, get_party
from portal.identity.tokens import BadSignature, TokenRefused
from portal.web import csrf, limits
from portal.web.access import public

log = logging.getLogger(__name__)
bp = Blueprint("back_channel", __name__)

FORM: Final = "application/x-www-form-urlencoded"
MOST_BYTES: Final = 64 * 1024
MOST_REFUSED: Final = 60
"""Refusals written down for one address in ten minutes. Good tokens are not counted: all come from one address."""
WITHIN_SECONDS: Final = 600


@bp.post("/auth/<provider>/logout")
@public
@csrf.exempt
@commits
def logout(provider: str) -> Response:
    """End the sessions that the token names: 200. Anything else leaves every session as it is."""
    party = get_party(provider)
    request.max_content_length = MOST_BYTES
    try:
        sent = request.form.getlist("logout_token") if request.mimetype == FORM else []
    except RequestEntityTooLarge:
        return _answer(413, "invalid_request", "too large")
    if len(sent) != 1 or not sent[0]:
        return _answer(400, "invalid_request", "a form with one logout_token is needed")
    release()  # the keys may have to be fetched
    try:
        logouts.take(party, _judged(party, sent[0]))
    except TokenRefused as refused:
        session().rollback()
        return _refused(party, refused.code)
    except TooMany as stop:
        return _too_many(stop, "unknown_key")
    except ProviderDown as error:
        log.warning("Logout token not judged: %s, provider %s", error.code, party.name)
        answer = _answer(503, "temporarily_unavailable", "your keys cannot be fetched")
        answer.headers["Retry-After"] = "60"
        return answer
    return _answer(200)


def _judged(party: RelyingParty, token: str) -> LogoutToken:
    """The token, by the keys that we know, else by fresher ones: but whoever has sent many bad ones causes no fetch.

    Raises TokenRefused, ProviderDown and TooMany.
    """
    expected, strict = party.expected(), party.settings.strict_logout_type

    def judge(keys: Keys) -> LogoutToken:
        return validate_logout_token(token, keys, expected, strict_type=strict)

    try:
        return judge(party.documents.keys())
    except (NoSuchKey, BadSignature):
        limits.look(_counted(), limit=MOST_REFUSED)
    return party.with_keys(judge)


def _refused(party: RelyingParty, code: str) -> Response:
    """Say what is wrong, in our own words, and write it down: but a storm of forged ones fills no table."""
    try:
        limits.hit(_counted(), limit=MOST_REFUSED, seconds=WITHIN_SECONDS)
    except TooMany as stop:
        return _too_many(stop, code)
    log.warning("Logout token refused: %s, provider %s", code, party.name)
    audit.record("identity.logout_refused", actor="system:identity", subject=f"provider:{party.name}", code=code)
    session().commit()
    return _answer(400, "invalid_request", code)


def _counted() -> str:
    return f"logout tokens refused from {request.remote_addr}"


def _too_many(stop: TooMany, code: str) -> Response:
    answer = _answer(429, "invalid_request", code)
    answer.headers["Retry-After"] = str(stop.retry_after)
    return answer


def _answer(status: int, error: str | None = None, description: str = "") -> Response:
    body = {} if error is None else {"error": error, "error_description": description}
    answer = jsonify(body)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer
