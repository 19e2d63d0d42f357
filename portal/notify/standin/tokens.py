"""The token that a client makes for each request, as Notify wants it: HS256, from the service, made just now."""

import binascii
import json
import time
from base64 import urlsafe_b64decode
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from portal.notify.standin.faults import Fault, forbidden

SECONDS: Final = 30


def check(header: str | None, *, service_id: str, secret: str) -> None:
    """Let a request pass. Raises Fault with Notify's words: 401 without a token, 403 with a wrong one."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Fault(401, "AuthError", "Unauthorized: authentication token must be provided")
    header_part, claims = _read(token)
    if "iss" not in claims:
        raise forbidden("Invalid token: iss field not provided")
    if claims["iss"] != service_id:
        raise forbidden("Invalid token: service not found")
    if header_part.get("alg") != "HS256":
        raise forbidden("Invalid token: algorithm used is not HS256")
    try:
        jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"])
    except (JoseError, ValueError):
        raise forbidden("Invalid token: API key not found") from None
    issued = claims.get("iat")
    if not isinstance(issued, int) or isinstance(issued, bool):
        raise forbidden("Invalid token: iat field not provided")
    if abs(time.time() - issued) > SECONDS:  # the machine's own clock: a test may hold the portal's
        raise forbidden("Error: Your system clock must be accurate to within 30 seconds")


def _read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        head, body, _signature = token.split(".")
        parts = [json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (head, body)]
    except (ValueError, binascii.Error):
        raise forbidden("Invalid token: signature, api token is not valid") from None
    if not all(isinstance(part, dict) for part in parts):
        raise forbidden("Invalid token: signature, api token is not valid")
    return parts[0], parts[1]
