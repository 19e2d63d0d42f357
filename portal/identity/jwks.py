"""Our public keys, for providers to fetch: `jwks_uri` of our registration there."""

from flask import Blueprint, Response, jsonify

from portal.identity import client_keys
from portal.signing.ring import CACHED
from portal.web.access import public

bp = Blueprint("client_keys", __name__)


@bp.get("/auth/jwks")
@public
def jwks() -> Response:
    """The keys by which we sign, public halves only. A new one is here a day before it signs.

    Asks the database at most once a minute. The first call of all makes the keys, when a provider in the settings
    needs some: they are wanted here before anybody can sign in by them.
    """
    answer = jsonify(keys=client_keys.published())
    answer.headers["Cache-Control"] = f"public, max-age={int(CACHED.total_seconds())}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
