"""The token endpoint and the revocation endpoint (RFC 6749, RFC 7009)."""

from datetime import timedelta
from typing import Any, cast

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Table, insert
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.provider import codes, id_tokens, refresh, revocation
from portal.provider.client_authentication import authenticate
from portal.provider.clients import OFFLINE, Client
from portal.provider.id_tokens import Granted
from portal.provider.models import AccessToken
from portal.provider.refusals import Refusal
from portal.provider.secrets_kept import digest, new_secret
from portal.provider.state import provider
from portal.web.access import public
from portal.web.csrf import exempt

bp = Blueprint("token", __name__)

LONGEST_PARAMETER = 8192
_NEW_TOKEN = insert(cast(Table, AccessToken.__table__))


@bp.post("/token")
@public
@exempt
def token() -> Response:
    """Exchange a code or a refresh token. Commits whatever it answers: refusals take tokens back and use up a jti."""
    try:
        form = plain_form(request.form)
        if "grant_type" not in form:
            raise Refusal("invalid_request", "grant_type is missing")
        answer = jsonify(_granted(authenticate(request.headers, form), form))
    except Refusal as refusal:
        answer = refused(refusal)
    session().commit()
    return no_store(answer)


@bp.post("/revoke")
@public
@exempt
def revoke() -> Response:
    """Take a token back. The same answer whether or not there was one (RFC 7009 2.2)."""
    try:
        form = plain_form(request.form)
        client = authenticate(request.headers, form)
        if not form.get("token"):
            raise Refusal("invalid_request", "token is missing")
        revocation.revoke_token(form["token"], client.client_id)
        audit.record("provider.token_revoked", actor=f"client:{client.client_id}")
        answer = Response()
    except Refusal as refusal:
        answer = refused(refusal)
    session().commit()
    return no_store(answer)


def plain_form(sent: MultiDict[str, str]) -> dict[str, str]:
    """The parameters, each once, in printable ASCII (RFC 6749 appendix A). Empty means left out. Raises Refusal."""
    form: dict[str, str] = {}
    for name, values in sent.lists():
        if len(values) > 1:
            raise Refusal("invalid_request", "a parameter is there more than once")
        if len(name) > 100 or len(values[0]) > LONGEST_PARAMETER:
            raise Refusal("invalid_request", "a parameter is too long")
        if not (values[0].isascii() and values[0].isprintable()):
            raise Refusal("invalid_request", "a parameter has characters that are not plain ASCII")
        if values[0]:
            form[name] = values[0]
    return form


def refused(refusal: Refusal) -> Response:
    """The refusal as RFC 6749 5.2 writes it."""
    answer = jsonify(error=refusal.error, error_description=refusal.description)
    answer.status_code = refusal.status
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="client", charset="UTF-8"'
    return answer


def no_store(answer: Response) -> Response:
    """The answer, to be kept by nobody on the way."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Pragma"] = "no-cache"
    return answer


def _granted(client: Client, form: dict[str, str]) -> dict[str, Any]:
    """The answer to a grant. There are two: no password, no implicit, nothing without a person (RFC 9700 2.4)."""
    grant, successor = form["grant_type"], None
    if grant == "authorization_code":
        granted = codes.spend(client, form)
        if OFFLINE in granted.scope.split():
            successor = refresh.begin_family(granted)
    elif grant == "refresh_token":
        granted, successor = refresh.turn_over(client, form)
    else:
        raise Refusal("unsupported_grant_type", "only authorization_code and refresh_token are known")
    answer = _tokens(granted)
    audit.record(
        "provider.tokens_issued", actor=f"client:{client.client_id}", subject=f"login:{granted.login_id}", grant=grant
    )
    return answer | ({"refresh_token": successor} if successor else {})


def _tokens(granted: Granted) -> dict[str, Any]:
    access_token, seconds = new_secret(), provider().shape.token_seconds
    row = {
        "digest": digest(access_token),
        "code_digest": granted.code_digest,
        "client_id": granted.client.client_id,
        "login_id": granted.login_id,
        "scope": granted.scope,
        "claims": granted.claims,
        "expires_at": clock.now() + timedelta(seconds=seconds),
        "revoked_at": None,
    }
    session().execute(_NEW_TOKEN, row)
    answer = {"access_token": access_token, "token_type": "Bearer", "expires_in": seconds, "scope": granted.scope}
    return answer | ({"id_token": id_tokens.issue(granted, access_token)} if "openid" in granted.scope.split() else {})
