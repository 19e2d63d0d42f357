"""A device that makes and uses passkeys, as a browser with a security key would, and that can be told to lie."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Device:
    """One device with at most one passkey. What it says of itself can be changed between uses."""

    origin: str = "http://localhost"
    rp_id: str = "localhost"
    verifies: bool = True
    synced: bool = False
    count: int = 0
    counts: bool = True
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: bytes | None = None

    def create(self, options: dict[str, Any], **lies: Any) -> str:
        """The answer to `navigator.credentials.create`, as the page's script writes it."""
        wanted = options["publicKey"]
        self.user_handle = websafe_decode(wanted["user"]["id"])
        credential = AttestedCredentialData.create(
            b"\0" * 16, self.credential_id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = self._data(ATTESTED, credential, **lies)
        return self._answer(
            clientDataJSON=self._client_data(**{"kind": "webauthn.create", "challenge": wanted["challenge"]} | lies),
            attestationObject=AttestationObject.create("none", data, {}),
        )

    def get(self, options: dict[str, Any], **lies: Any) -> str:
        """The answer to `navigator.credentials.get`."""
        client_data = self._client_data(
            **{"kind": "webauthn.get", "challenge": options["publicKey"]["challenge"]} | lies
        )
        self.count += 1 if self.counts else 0
        data = self._data(0, b"", **lies)
        signature = self.key.sign(bytes(data) + sha256(client_data), ec.ECDSA(SHA256()))
        handle = lies.get("user_handle", self.user_handle)
        return self._answer(
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=lies.get("signature", signature),
            **({"userHandle": handle} if handle is not None else {}),
        )

    def _client_data(self, kind: str, challenge: Any, **lies: Any) -> bytes:
        said = {
            "type": kind,
            "challenge": websafe_encode(challenge) if isinstance(challenge, bytes) else challenge,
            "origin": lies.get("origin", self.origin),
            "crossOrigin": lies.get("cross_origin", False),
        }
        return json.dumps(said).encode()

    def _data(self, more: int, credential: bytes, **lies: Any) -> AuthenticatorData:
        flags = more | (VERIFIED if self.verifies else 0) | (ELIGIBLE | BACKED_UP if self.synced else 0)
        flags |= PRESENT if lies.get("present", True) else 0
        return AuthenticatorData.create(
            sha256(lies.get("rp_id", self.rp_id).encode()), flags, lies.get("count", self.count), credential
        )

    def _answer(self, **response: bytes) -> str:
        named = websafe_encode(self.credential_id)
        written = {name: websafe_encode(bytes(value)) for name, value in response.items()}
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": written})
