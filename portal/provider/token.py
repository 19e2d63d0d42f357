"""The token endpoint and the revocation endpoint (RFC 6749, RFC 7009)."""

from collections.abc import Mapping
from json import JSONEncoder
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from portal.audit import operations as audit
from portal.db.session import commit, session
from portal.provider import access_tokens, codes, id_tokens, refresh, revocation
from portal.provider.access_tokens import NewToken, new_token
from portal.provider.client_authentication import authenticate
from portal.provider.clients import OFFLINE, Client
from portal.provider.id_tokens import Granted
from portal.provider.refusals import Refusal
from portal.web.access import public
from portal.web.csrf import exempt

bp = Blueprint("token", __name__)

LONGEST_PARAMETER = 8192
_JSON: Final = JSONEncoder(separators=(",", ":"))


@bp.post("/token")
@public
@exempt
def token() -> Response:
    """Exchange a code or a refresh token. Commits whatever it answers: refusals take tokens back and use up a jti."""
    try:
        form = plain_form(request.form)
        if "grant_type" not in form:
            raise Refusal("invalid_request", "grant_type is missing")
        answer = in_json(_granted(authenticate(request.headers, form), form))
    except Refusal as refusal:
        answer = refused(refusal)
    commit()
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
    commit()
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


def in_json(content: Mapping[str, Any]) -> Response:
    """The content as JSON. Flask's own would make a new writer each time, and sort for nobody."""
    return Response(_JSON.encode(content), mimetype="application/json")


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
    grant, token = form["grant_type"], new_token()
    if grant == "authorization_code":
        return _for_code(client, form, token)
    if grant == "refresh_token":
        return _for_refresh_token(client, form, token)
    raise Refusal("unsupported_grant_type", "only authorization_code and refresh_token are known")


def _for_code(client: Client, form: dict[str, str], token: NewToken) -> dict[str, Any]:
    if OFFLINE not in client.scopes:
        return _answer(codes.spend(client, form, token), token)
    session().connection()  # a refresh token comes with it: in the same transaction, or not at all
    granted = codes.spend(client, form, token)
    first = refresh.begin_family(granted) if OFFLINE in granted.scope.split() else None
    return _answer(granted, token, first)


def _for_refresh_token(client: Client, form: dict[str, str], token: NewToken) -> dict[str, Any]:
    granted, successor = refresh.turn_over(client, form)
    access_tokens.keep(token, granted)
    audit.record(
        "provider.tokens_issued",
        actor=f"client:{client.client_id}",
        subject=f"login:{granted.login_id}",
        grant="refresh_token",
    )
    return _answer(granted, token, successor)


def _answer(granted: Granted, token: NewToken, refresh_token: str | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = {"access_token": token.secret, "token_type": "Bearer", "expires_in": token.seconds}
    answer["scope"] = granted.scope
    if "openid" in granted.scope.split():
        answer["id_token"] = id_tokens.issue(granted, token.secret)
    return answer | ({"refresh_token": refresh_token} if refresh_token else {})
