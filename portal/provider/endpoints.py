"""What programs read: our metadata, our keys, and the claims that a token opens."""

from flask import Blueprint, Response, jsonify, request

from portal.provider.claims import CLAIMS, claims_for
from portal.provider.client_authentication import ASSERTION_ALGORITHMS
from portal.provider.clients import AUTH_METHODS, EVERY_SCOPE, SUBJECT_TYPES
from portal.provider.keys import ALGORITHMS
from portal.provider.levels import LEVELS
from portal.provider.parameters import PROMPTS, RESPONSE_MODES
from portal.provider.queries import find_token
from portal.provider.request_objects import ALGORITHMS as REQUEST_ALGORITHMS
from portal.provider.state import provider
from portal.provider.subjects import in_words
from portal.provider.token import in_json, no_store
from portal.web.access import public
from portal.web.csrf import exempt
from portal.web.languages import LANGUAGES

bp = Blueprint("endpoints", __name__)


@bp.get("/.well-known/openid-configuration")
@public
def discovery() -> Response:
    """Our metadata (OpenID Connect Discovery 1.0, RFC 8414, 9101, 9126, 9207)."""
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
        "response_modes_supported": list(RESPONSE_MODES),
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
        "prompt_values_supported": list(PROMPTS),
        "claim_types_supported": ["normal"],
        "claims_supported": ["iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "sid", *CLAIMS],
        "claims_parameter_supported": True,
        "acr_values_supported": list(LEVELS),
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": REQUEST_ALGORITHMS,
        "require_signed_request_object": False,
        "request_uri_parameter_supported": False,
        "pushed_authorization_request_endpoint": at("/par"),
        "require_pushed_authorization_requests": False,
        "ui_locales_supported": list(LANGUAGES),
        "authorization_response_iss_parameter_supported": True,
    }
    return cached(jsonify(document))


@bp.get("/jwks")
@public
def jwks() -> Response:
    """Our public keys. Kept for an hour by who asks; a new key is there a day before it signs."""
    return cached(jsonify(keys=provider().ring.keys().published))


@bp.route("/userinfo", methods=["GET", "POST"])
@public
@exempt
def userinfo() -> Response:
    """The claims that an access token opens."""
    tokens = request.form.getlist("access_token") if request.method == "POST" else []
    scheme, _, in_header = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and in_header.strip():
        tokens.append(in_header.strip())
    if len(tokens) > 1:
        return bearer_error(400, "invalid_request")
    if not tokens:
        return bearer_error(401, None)
    found = find_token(tokens[0])
    if found is None:
        return bearer_error(401, "invalid_token")
    return no_store(
        in_json(
            claims_for(found.person, found.scope, (found.claims or {}).get("userinfo", ()))
            | {"sub": in_words(found.sub)}
        )
    )


def bearer_error(status: int, error: str | None) -> Response:
    """What whoever comes with a bad token hears, or with none (RFC 6750 3)."""
    answer = no_store(jsonify({"error": error} if error else {}))
    answer.status_code = status
    answer.headers["WWW-Authenticate"] = f'Bearer error="{error}"' if error else "Bearer"
    return answer


def cached(answer: Response) -> Response:
    """The answer, to be kept for an hour by anybody."""
    answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
