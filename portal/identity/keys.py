"""A provider's public keys, and which of them a token's header means. Pure."""

from typing import Final, Protocol

from joserfc import jwk
from joserfc.errors import JoseError

PublicKey = jwk.RSAKey | jwk.ECKey
KINDS: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
CURVES: Final = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
LEAST_RSA_BITS: Final = 2048
MOST_KEYS: Final = 100


class NoSuchKey(Exception):
    """None of the keys that we know is the one meant. The provider may have a new one."""


class FindsKeys(Protocol):
    """Keys of somebody's, of which a token's header means one."""

    def find(self, kid: str | None, algorithm: str) -> PublicKey:
        """The key meant. Raises NoSuchKey."""


class Keys:
    """A JWK set, read with care: what cannot sign ID tokens is left out, the rest is used."""

    def __init__(self, document: object) -> None:
        """Raises ValueError when the document is no JWK set."""
        listed = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(listed, list):
            raise ValueError("no key set")
        self._keys = [key for key in map(read_key, listed[:MOST_KEYS]) if key is not None]

    def __len__(self) -> int:
        return len(self._keys)

    def fitting(self, algorithm: str) -> int:
        """How many of the keys are for this algorithm."""
        return sum(fits(key, algorithm) for key in self._keys)

    @property
    def nameless(self) -> bool:
        """Whether some of the keys have no id."""
        return any(key.kid is None for key in self._keys)

    def find(self, kid: str | None, algorithm: str) -> PublicKey:
        """The key meant by a header. Raises NoSuchKey.

        Without a `kid` it is the only key there is; among several we do not guess (Core 10.1 demands a `kid` then).
        """
        if kid is None:
            found = self._keys if len(self._keys) == 1 else []
        else:
            found = [key for key in self._keys if key.kid == kid]
        for key in found:
            if fits(key, algorithm):
                return key
        raise NoSuchKey


def fits(key: PublicKey, algorithm: str) -> bool:
    """Whether signatures of this algorithm can be checked by the key."""
    if key.alg is not None and key.alg != algorithm:
        return False
    if key.key_type != KINDS.get(algorithm[:2]):
        return False
    return not isinstance(key, jwk.ECKey) or key.curve_name == CURVES.get(algorithm)


def read_key(listed: object) -> PublicKey | None:
    """A public key, or None when it is not one for signatures that we accept.

    RFC 7517 5: what is not understood is left out, not refused.
    """
    if not isinstance(listed, dict) or listed.get("kty") not in ("RSA", "EC"):
        return None  # above all no symmetric key: a public value must never become a shared secret
    if listed.get("use", "sig") != "sig" or _is_short(listed):
        return None
    try:
        key = jwk.import_key(listed)
        if not isinstance(key, jwk.RSAKey | jwk.ECKey):
            return None
        if isinstance(key, jwk.RSAKey) and key.public_key.key_size < LEAST_RSA_BITS:
            return None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return key


def _is_short(listed: dict[object, object]) -> bool:
    """Whether an RSA key is shorter than we accept, seen from its text: the library warns on reading such a key."""
    modulus = listed.get("n")
    return listed["kty"] == "RSA" and (not isinstance(modulus, str) or len(modulus) * 6 < LEAST_RSA_BITS)
