"""What the tests' provider and the peers agree on."""

import uuid

from joserfc.jwk import ECKey, RSAKey

CALLBACK = "http://127.0.0.1:9/callback"
AFTER_LOGOUT = "http://127.0.0.1:9/signed-out"
SECRET = "a-secret of+the:client/for%tests&only=0123456789"
"""With everything that must be encoded in a header (RFC 6749 2.3.1)."""
PLAIN_SECRET = "a-secret-of-the-client-for-tests-only-0123456789"
"""For peers that do not encode it, as Authlib does not."""
EMAIL = "priya@example.org"
PASSWORD = "three random words"
SUB = uuid.uuid4()
SCOPES = ("openid", "profile", "email", "phone", "offline_access")
KEYS = {
    "by-es256": ECKey.generate_key("P-256", {"kid": "peer-ec", "alg": "ES256"}, private=True),
    "by-rs256": RSAKey.generate_key(2048, {"kid": "peer-rsa", "alg": "RS256"}, private=True),
}
