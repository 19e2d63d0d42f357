"""The pages and documents of the shape of GOV.UK One Login. They exist only where the settings ask for that shape."""

import uuid
from typing import Final

from flask import Blueprint, Flask, Response, abort, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, select

from portal.db.session import commits, session
from portal.provider import answers, browser_login, endpoints, one_login, onward
from portal.provider import one_login_identity as identity
from portal.provider.claims import claims_for
from portal.provider.forms import IdentityForm
from portal.provider.keys import ALGORITHMS
from portal.provider.models import AccessToken
from portal.provider.one_login_identity import Outcome
from portal.provider.parameters import Asked, ProtocolError
from portal.provider.queries import find_token
from portal.provider.request_objects import ALGORITHMS as REQUEST_ALGORITHMS
from portal.provider.secrets_kept import digest
from portal.provider.state import provider
from portal.provider.subjects import in_words
from portal.provider.token import no_store
from portal.provider.vocabulary import VOCABULARY
from portal.signing.ring import KeyRing
from portal.web.access import public
from portal.web.csrf import exempt
from portal.web.headers import allow_form_target
from portal.web.languages import current_language
from portal.web.page import render

bp = Blueprint("one_login", __name__)

AUTH_METHODS: Final = ("private_key_jwt", "client_secret_post")
ASSERTION_ALGORITHMS: Final = ("RS256", "PS256", "ES256")
_CLIENT_OF = select(AccessToken.client_id).where(AccessToken.digest == bindparam("digest"))


def install(app: Flask, ring: KeyRing) -> None:
    """Answer in this shape: some documents take the place of the standard ones, some are there besides."""
    app.extensions[identity.KEY] = ring
    app.register_blueprint(bp)
    app.view_functions |= {
        "endpoints.discovery": discovery,
        "endpoints.userinfo": userinfo,
        "authorization.push": not_offered,
        "token.revoke": not_offered,
    }


@public
def discovery() -> Response:
    """The metadata of this shape."""
    at = provider().url
    document = {
        "issuer": provider().issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "end_session_endpoint": at("/logout"),
        "jwks_uri": at("/.well-known/jwks.json"),
        "trustmarks": at("/trustmark"),
        "scopes_supported": list(one_login.SCOPES),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "request_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "request_object_signing_alg_values_supported": REQUEST_ALGORITHMS,
        "claim_types_supported": ["normal"],
        "claims_supported": [
            *("sub", "email", "email_verified", "phone_number", "phone_number_verified"),
            *VOCABULARY,
        ],
        "claims_parameter_supported": True,
        "ui_locales_supported": ["en", "cy"],
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": False,
    }
    return _kept(document)


@bp.get("/.well-known/jwks.json")
@public
def jwks() -> Response:
    """The keys of ID tokens and logout tokens."""
    return endpoints.jwks()


@bp.get("/.well-known/did.json")
@public
def did() -> Response:
    """The keys of core identities."""
    return _kept(identity.document())


@bp.get("/trustmark")
@public
def trustmark() -> Response:
    """What our vectors of trust stand for (`vtm`)."""
    vectors = {"C": ["Cl", "Cl.Cm"], "P": ["P0", "P2"]}
    return _kept({"idp": provider().issuer, "trustmark_provider": provider().issuer, **vectors})


@public
@exempt
def userinfo() -> Response:
    """The claims that an access token opens. It comes in the header and nowhere else."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = find_token(token.strip()) if scheme.lower() == "bearer" and request.method == "GET" else None
    if found is None:
        return endpoints.bearer_error(401, "invalid_token")
    sub = in_words(found.sub)
    claims = claims_for(found.person, found.scope) | {"sub": sub}
    if "phone_number" in claims:
        claims["phone_number_verified"] = True  # One Login sends its codes there
    names = (found.claims or {}).get("userinfo", ())
    if names:
        client_id = session().scalars(_CLIENT_OF, {"digest": digest(token.strip())}).one()
        told = identity.claims_of(found.person, client_id=client_id, sub=sub)
        claims |= {name: told[name] for name in names if name in told}
    return no_store(jsonify(claims))


@public
@exempt
def not_offered() -> Response:
    """One Login takes no pushed requests and takes back no tokens."""
    abort(404)


@bp.route("/prove-your-identity", methods=["GET", "POST"])
@public
@commits
def prove() -> ResponseReturnValue:
    """Choose what the demo's One Login finds out, and go back to the client with it."""
    waiting, login = onward.opened(request.args.get("to")), browser_login.current_login()
    if waiting is None:
        return redirect(url_for("pages.signed_in"), 303)
    if login is None:
        return redirect(_request_again(), 303)
    allow_form_target(waiting.asked.redirect_uri)
    form = IdentityForm()
    if form.accepted():
        return _answered(waiting.asked, login.person_id, Outcome(form.outcome.data))
    return render(
        "provider/prove_identity.html",
        form=form,
        title=waiting.asked.client.title_in(current_language()),
        at_counter=identity.find_outcome(login.person_id) == Outcome.POST_OFFICE,
    )


def _answered(asked: Asked, person_id: uuid.UUID, outcome: Outcome) -> ResponseReturnValue:
    """Back to the client: with a code where there is something to tell, else with the error that says what happened."""
    identity.keep(person_id, outcome)
    if outcome == Outcome.NO_CAPACITY:
        return answers.refused(asked, ProtocolError("temporarily_unavailable", "no identities can be proven now"))
    if outcome == Outcome.POST_OFFICE or (outcome == Outcome.NOT_PROVEN and not one_login.asks_for_codes(asked)):
        return answers.refused(asked, ProtocolError("access_denied", "the identity was not proven"))
    return redirect(_request_again(), 303)


def _request_again() -> str:
    return f"{url_for('authorization.authorize')}?{onward.query(request.args['to'])}"


def _kept(document: dict[str, object]) -> Response:
    return endpoints.cached(jsonify(document))
