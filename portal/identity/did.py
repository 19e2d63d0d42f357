"""The DID document of who signs core identity claims: its keys, by their whole ids. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.identity.keys import NoSuchKey, PublicKey, fits, read_key
from portal.identity.metadata import ProviderDown

MOST_METHODS: Final = 100


@dataclass(frozen=True, slots=True)
class DidDocument:
    """`id` is the controller that a token's `kid` must begin with; `keys` are those that may assert, by whole id."""

    id: str
    keys: Mapping[str, PublicKey]

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, kid: str | None, algorithm: str) -> PublicKey:
        """The key that a token names. Raises NoSuchKey: also when another document is meant than the configured one."""
        controller, _, fragment = (kid or "").partition("#")
        key = self.keys.get(kid or "")
        if controller != self.id or not fragment or key is None or not fits(key, algorithm):
            raise NoSuchKey
        return key


def read_did(document: object) -> DidDocument:
    """The document, checked. Raises ProviderDown when it is none, or holds no key that could sign."""
    methods = document.get("assertionMethod") if isinstance(document, dict) else None
    name = document.get("id") if isinstance(document, dict) else None
    if not isinstance(methods, list) or not isinstance(name, str) or not name.startswith("did:"):
        raise ProviderDown("did_form")
    keys = {}
    for method in methods[:MOST_METHODS]:
        # A method of another controller, or only named here, is not one that the document itself vouches for.
        if not isinstance(method, dict) or method.get("controller") != name or not isinstance(method.get("id"), str):
            continue
        key = read_key(method.get("publicKeyJwk"))
        if key is not None:
            keys[method["id"]] = key
    if not keys:
        raise ProviderDown("did_empty")
    return DidDocument(name, keys)
