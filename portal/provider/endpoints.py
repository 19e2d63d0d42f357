"""What programs talk to: discovery, keys, authorization, token, userinfo."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db.session import commits
from portal.provider import id_tokens, onward, parameters
from portal.provider.browser_login import current_login, note_use
from portal.provider.claims import CLAIMS, claims_for
from portal.provider.client_authentication import ASSERTION_ALGORITHMS
from portal.provider.clients import AUTH_METHODS, EVERY_SCOPE, SUBJECT_TYPES
from portal.provider.keys import ALGORITHMS
from portal.provider.parameters import Asked, BadRequest, ProtocolError
from portal.provider.protocol import ProtocolRequest
from portal.provider.queries import CurrentLogin, find_token
from portal.provider.state import provider
from portal.provider.token import no_store
from portal.web.access import public
from portal.web.csrf import exempt
from portal.web.languages import LANGUAGES
from portal.web.page import render

bp = Blueprint("endpoints", __name__)


@bp.get("/.well-known/openid-configuration")
@public
def discovery() -> Response:
    """Our metadata (OpenID Connect Discovery 1.0, RFC 8414, RFC 9207)."""
    at = provider().url
    document = {
        "issuer": provider().issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/logout"),
        "revocation_endpoint": at("/revoke"),
        "scopes_supported": list(EVERY_SCOPE),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": list(SUBJECT_TYPES),
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login"],
        "claim_types_supported": ["normal"],
        "claims_supported": ["iss", "aud", "exp", "iat", "auth_time", "amr", "sid", *CLAIMS],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": list(LANGUAGES),
        "authorization_response_iss_parameter_supported": True,
    }
    return _cached(jsonify(document))


@bp.get("/jwks")
@public
def jwks() -> Response:
    """Our public keys. Kept for an hour by who asks; a new key is there a day before it signs."""
    return _cached(jsonify(keys=provider().ring.keys().published))


@bp.get("/authorize")
@public
@commits
def authorize() -> ResponseReturnValue:
    """Answer a client's request: with a code, with an error at its own address, or by asking the person first.

    Writes although it is a GET: this is how the protocol hands out codes. `to` is a request of ours that comes back
    from the sign-in page.
    """
    waiting = onward.opened(request.args.get("to"))
    sent = request.args if waiting is None else MultiDict(waiting.asked.values)
    try:
        asked = waiting.asked if waiting else parameters.read(sent)
    except BadRequest as error:
        return render("provider/bad_request.html", reason=str(error)), 400
    try:
        parameters.check(asked, sent)
        login = current_login()
        if login and _will_do(login, asked, waiting):
            return _with_code(asked, login)
        if "none" in asked.prompts:
            raise ProtocolError("login_required", "the person must sign in first")
        _check_the_rest(asked)
        return redirect(_sign_in_page(asked), 303)
    except ProtocolError as error:
        return _back(asked, error=error.error, error_description=error.description)
    except OAuth2Error as error:
        return _back(asked, error=error.error, error_description=error.description)


@bp.post("/authorize")
@public
@exempt
def authorize_by_post() -> ResponseReturnValue:
    """The same request in a body. Asked again by GET: a form of another site brings no Lax cookies."""
    return redirect(f"{url_for('endpoints.authorize')}?{urlencode(list(request.form.items(multi=True)))}", 303)


@bp.route("/userinfo", methods=["GET", "POST"])
@public
@exempt
def userinfo() -> Response:
    """The claims that an access token opens."""
    tokens = request.form.getlist("access_token")
    scheme, _, in_header = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and in_header.strip():
        tokens.append(in_header.strip())
    if len(tokens) > 1:
        return _bearer_error(400, "invalid_request")
    if not tokens:
        return _bearer_error(401, None)
    found = find_token(tokens[0])
    if found is None:
        return _bearer_error(401, "invalid_token")
    return no_store(jsonify(claims_for(found.person, found.scope, (found.claims or {}).get("userinfo", ())) | {"sub": str(found.sub)}))


def _will_do(login: CurrentLogin, asked: Asked, waiting: onward.Onward | None) -> bool:
    """Whether this sign-in answers the request: recent enough, and of the person that it is about."""
    # Signed in because of this very request: however short max_age is, asking again would never end.
    just_now = waiting is not None and login.auth_at >= waiting.asked_at
    age = clock.now() - login.auth_at
    # `max_age=0` is another way to say `prompt=login`, even within the same instant.
    too_old = asked.max_age is not None and (asked.max_age == 0 or age > timedelta(seconds=asked.max_age))
    if not just_now and (too_old or asked.prompts & {"login", "select_account"}):
        return False
    hint = asked.values.get("id_token_hint")
    if not hint:
        return True
    claims = id_tokens.read_hint(hint)
    if claims is None:
        raise ProtocolError("invalid_request", "id_token_hint is not a token of ours")
    if claims.person_id != login.person_id and just_now:
        raise ProtocolError("login_required", "another person has signed in")
    return claims.person_id == login.person_id


def _with_code(asked: Asked, login: CurrentLogin) -> Response:
    wanted = _as_protocol(asked)
    grant = provider().server.get_consent_grant(wanted, end_user=login)
    answer: Response = provider().server.create_authorization_response(wanted, grant_user=login, grant=grant)
    answer.status_code = 303
    note_use(login)
    return answer


def _check_the_rest(asked: Asked) -> None:
    """Tell the client of its mistakes before a person is troubled."""
    provider().server.get_consent_grant(_as_protocol(asked), end_user=None)


def _as_protocol(asked: Asked) -> Any:
    """The request as Authlib wants it, which has no types. We have dealt with `prompt` ourselves."""
    values = MultiDict((name, value) for name, value in asked.values.items() if name != "prompt")
    return ProtocolRequest("GET", provider().url("/authorize"), values)


def _back(asked: Asked, **answer: str) -> ResponseReturnValue:
    """To the client's registered address, with `state` and `iss` (RFC 9207) whatever the answer is."""
    answer["iss"] = provider().issuer
    if asked.state is not None:
        answer["state"] = asked.state
    joint = "&" if "?" in asked.redirect_uri else "?"
    return redirect(f"{asked.redirect_uri}{joint}{urlencode(answer)}", 303)


def _sign_in_page(asked: Asked) -> str:
    wanted = asked.values.get("ui_locales", "").split()
    languages = (tag.partition("-")[0].lower() for tag in wanted)
    language = next((tag for tag in languages if tag in LANGUAGES), None)
    more = {"lang": language} if language else {}
    sealed = onward.seal(asked)
    if len(sealed) > onward.LONGEST:
        raise ProtocolError("invalid_request", "the request is too long")
    return f"{url_for('pages.sign_in')}?{onward.query(sealed, **more)}"


def _bearer_error(status: int, error: str | None) -> Response:
    answer = no_store(jsonify({"error": error} if error else {}))
    answer.status_code = status
    answer.headers["WWW-Authenticate"] = f'Bearer error="{error}"' if error else "Bearer"
    return answer


def _cached(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
