"""What may stand in a client's row. Each fault is one plain sentence."""

import ipaddress
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from portal.errors import SetupError
from portal.outbound import Guard
from portal.provider import keys
from portal.provider.client_keys import public_keys
from portal.provider.clients import AUTH_METHODS, EVERY_SCOPE, LOOPBACK, SCOPES, SUBJECT_TYPES
from portal.provider.models import ClientRow
from portal.provider.secrets_kept import digest
from portal.settings.own_provider import OwnClient
from portal.settings.portal import Settings

SHORTEST_SECRET: Final = 32
LONGEST_URI: Final = 500
LONGEST_TITLE: Final = 200
BY_KEY: Final = "private_key_jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """All that can be said of a client."""

    title: str
    title_cy: str = ""
    redirect_uris: Sequence[str]
    post_logout_redirect_uris: Sequence[str] = ()
    backchannel_logout_uri: str | None = None
    home_url: str | None = None
    auth_method: str | None = None
    """Without it: `private_key_jwt` where keys are given and no secret, else `client_secret_basic`."""
    secret: str | None = None
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    id_token_alg: str = keys.ES256
    scopes: Sequence[str] = SCOPES
    subject_type: str = "public"
    sector: str | None = None
    consent: bool = False
    require_nonce: bool = False
    identity: bool = False
    max_age: bool = False
    require_signed_request: bool = False
    require_pushed_request: bool = False

    @property
    def method(self) -> str:
        """How it proves who it is."""
        has_keys = self.jwks is not None or self.jwks_uri is not None
        return self.auth_method or (BY_KEY if has_keys and self.secret is None else "client_secret_basic")

    def values(self, client_id: str, *, before: ClientRow | None, settings: Settings | None) -> dict[str, Any]:
        """The columns of its row, every one of them looked at. Raises SetupError."""
        check_client_id(client_id)
        self._check_choices(client_id)
        self._check_proof(client_id, has_secret=before is not None and before.secret_digest is not None)
        if not self.redirect_uris:
            raise SetupError(f"Client {client_id} needs a redirect URI.")
        return {
            "title": _checked_title(client_id, self.title, required=True),
            "title_cy": _checked_title(client_id, self.title_cy),
            "home_url": checked_uri(self.home_url, "home address") if self.home_url else None,
            "auth_method": self.method,
            "secret_digest": self._secret_digest(before),
            "redirect_uris": _checked_uris(self.redirect_uris, "redirect URI"),
            "post_logout_redirect_uris": _checked_uris(self.post_logout_redirect_uris, "address after signing out"),
            "backchannel_logout_uri": checked_called_uri(self.backchannel_logout_uri, "logout address", settings),
            "scopes": [name for name in EVERY_SCOPE if name in self.scopes],
            "id_token_alg": self.id_token_alg,
            "subject_type": self.subject_type,
            "sector": self._sector(client_id, before.sector if before is not None else None),
            "consent": self.consent,
            "require_nonce": self.require_nonce,
            "identity": self.identity,
            "max_age": self.max_age,
            "require_signed_request": self.require_signed_request,
            "require_pushed_request": self.require_pushed_request,
            **self._keys(client_id, before, settings),
        }

    def _check_choices(self, client_id: str) -> None:
        if self.method not in AUTH_METHODS:
            raise SetupError(f"Client {client_id}: the way of authentication must be one of {', '.join(AUTH_METHODS)}.")
        if unknown := set(self.scopes) - set(EVERY_SCOPE):
            raise SetupError(f"Client {client_id} asks for unknown scopes: {', '.join(sorted(unknown))}.")
        if "openid" not in self.scopes:
            raise SetupError(f"The scopes of client {client_id} must contain openid.")
        if self.subject_type not in SUBJECT_TYPES:
            raise SetupError(f"Client {client_id}: subject_type must be public or pairwise.")
        if self.id_token_alg not in keys.ALGORITHMS:
            raise SetupError(f"Client {client_id}: id_token_alg must be ES256 or RS256.")

    def _check_proof(self, client_id: str, *, has_secret: bool) -> None:
        """It can prove itself in its way, and in that way alone."""
        if self.jwks is not None and self.jwks_uri is not None:
            raise SetupError(f"Client {client_id} must have either jwks or jwks_uri, not both.")
        has_keys = self.jwks is not None or self.jwks_uri is not None
        if self.method == BY_KEY and not has_keys:
            raise SetupError(f"Client {client_id} needs public keys (jwks or jwks_uri) for private_key_jwt.")
        if self.method == BY_KEY and self.secret is not None:
            raise SetupError(f"Client {client_id} proves itself by its keys, so it must have no secret.")
        if self.method != BY_KEY and self.secret is None and not has_secret:
            raise SetupError(f"Client {client_id} needs either a secret or public keys (jwks) with private_key_jwt.")
        if self.secret is not None and not (len(self.secret) >= SHORTEST_SECRET and _is_plain(self.secret)):
            raise SetupError(
                f"The secret of client {client_id} must be at least {SHORTEST_SECRET} characters, all plain ASCII."
            )
        if self.identity and self.method != BY_KEY:
            raise SetupError(f"Client {client_id} may ask for identities, so it must prove itself by private_key_jwt.")
        if self.require_signed_request and not has_keys:
            raise SetupError(f"Client {client_id} must sign its requests, so it needs public keys (jwks or jwks_uri).")

    def _secret_digest(self, before: ClientRow | None) -> bytes | None:
        if self.method == BY_KEY:
            return None
        if self.secret is None:
            return before.secret_digest if before is not None else None
        return digest(self.secret)

    def _keys(self, client_id: str, before: ClientRow | None, settings: Settings | None) -> dict[str, Any]:
        """Keys that were fetched from the same address stay."""
        uri = checked_called_uri(self.jwks_uri, "address of keys", settings)
        if uri is not None and before is not None and before.jwks_uri == uri:
            return {}
        keys = public_keys(client_id, self.jwks) if self.jwks is not None else None
        return {"jwks": keys, "jwks_uri": uri, "jwks_read_at": None, "jwks_tried_at": None}

    def _sector(self, client_id: str, before: str | None) -> str | None:
        """Whose clients share the ids of people: as named, else as before, else the host of the redirect URIs.

        As before, because a client that moves to another host must not lose everybody whom it knows.
        """
        if self.subject_type == "public":
            return None
        if self.sector:
            if len(self.sector) > 253 or not _is_plain(self.sector) or "/" in self.sector or " " in self.sector:
                raise SetupError(f"The sector of client {client_id} must be a host name, such as www.council.example.")
            return self.sector.lower()
        hosts = {urlsplit(uri).hostname or "" for uri in self.redirect_uris}
        if before is None and len(hosts) > 1:
            raise SetupError(f"Client {client_id} has redirect URIs at several hosts, so its sector must be named.")
        return before or hosts.pop()


def said_in_settings(client_id: str, own: OwnClient) -> dict[str, Any]:
    """The same as the settings say it. Raises SetupError."""
    said = own.model_dump(exclude={"secret", "jwks_file"})
    secret = own.secret.get_secret_value() if own.secret is not None else None
    if secret is None and own.auth_method != BY_KEY:
        raise SetupError(f"MOOTHALL_OWN_PROVIDER__CLIENTS__{client_id.upper()}__SECRET must be set.")
    return said | {"secret": secret, "jwks": keys_in(Path(own.jwks_file)) if own.jwks_file else None}


def keys_in(file: Path) -> dict[str, Any]:
    """A JWKS document. Raises SetupError when it cannot be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SetupError(f"The file of keys {file} cannot be read, or is no JSON.") from None
    if not isinstance(found, dict):
        raise SetupError(f"The file of keys {file} must hold an object with `keys`.")
    return found


def check_client_id(client_id: str) -> None:
    """Raises SetupError unless it is readable and could be nobody's `sub`."""
    if not 1 <= len(client_id) <= 100 or not all(c.isascii() and (c.isalnum() or c in "-._~") for c in client_id):
        raise SetupError(f"Client id {client_id!r} must be 1 to 100 letters, digits or any of - . _ ~")
    try:
        uuid.UUID(client_id)
    except ValueError:
        return
    # RFC 9700 4.15: no client may be taken for a person. Every `sub` of ours is a UUID, so no client id is one.
    raise SetupError(f"Client id {client_id} looks like a person's id. Choose a readable name.")


def checked_uri(uri: str, what: str) -> str:
    """The URI itself if people or tokens may be sent there. Raises SetupError with the reason."""
    if not _is_plain(uri) or " " in uri or "\\" in uri:
        raise SetupError(f"The {what} {uri!r} must be plain ASCII without spaces.")
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise SetupError(f"The {what} {uri} cannot be read.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise SetupError(f"The {what} {uri} must be a whole https address.")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise SetupError(f"The {what} {uri} must be https; http is for this machine only.")
    if "#" in uri or parts.username is not None or "*" in uri or len(uri) > LONGEST_URI:
        raise SetupError(
            f"The {what} {uri} must have no fragment, no user name, no * and at most {LONGEST_URI} characters."
        )
    return uri


def checked_called_uri(uri: str | None, what: str, settings: Settings | None) -> str | None:
    """An address that we ourselves shall call: none within the council's network unless a setting names its host.

    A name is looked up when it is called, and judged then; what says by itself where it leads is refused at once.
    """
    if uri is None:
        return None
    host = urlsplit(checked_uri(uri, what)).hostname or ""
    address = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return uri
    loopback, named = (settings.is_loopback, settings.own_provider.inner_hosts) if settings else (False, ())
    if not Guard(allow_loopback=loopback, trusted_hosts=named).permits(host, address):
        raise SetupError(
            f"The {what} {uri} lies within your own network. If that is meant, name its host in"
            " MOOTHALL_OWN_PROVIDER__INNER_HOSTS; addresses of this machine itself are for demos only."
        )
    return uri


def _checked_uris(uris: Sequence[str], what: str) -> list[str]:
    return [checked_uri(uri, what) for uri in dict.fromkeys(uris)]


def _checked_title(client_id: str, title: str, *, required: bool = False) -> str:
    if required and not title.strip():
        raise SetupError(f"The title of client {client_id} is empty. Residents read it: write what they know it as.")
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise SetupError(f"The title of client {client_id} must be one line of at most {LONGEST_TITLE} characters.")
    return title


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
