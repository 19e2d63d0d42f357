"""What a provider says about itself, and its keys: fetched over HTTP, kept, and used stale while it is down.

Kept in this process. One thread fetches; the others meanwhile use what there is. Keys are fetched anew when a token
names one that we do not know, at most once a minute, so that a storm of forged tokens is no storm at the provider.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import urlsplit

import requests

from portal import outbound
from portal.identity.keys import Keys
from portal.settings import Provider

log = logging.getLogger(__name__)

LIFETIME: Final = 3600.0
"""Seconds that a copy counts as fresh."""
AFTER_FAILURE: Final = 5.0
"""Seconds before a provider that did not answer is asked again."""
REFETCH_COOL_DOWN: Final = 60.0
"""Seconds between two fetches of keys that a token asked for."""

T = TypeVar("T")


class ProviderDown(Exception):
    """The provider does not answer, or not with what it must. `code` says which, for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Metadata:
    """The parts of the discovery document that we use."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    promises_iss: bool
    """Whether it sends `iss` with each authorization answer (RFC 9207)."""
    revocation_endpoint: str | None = None
    scopes: frozenset[str] = frozenset()
    """The scopes that it says it knows; it need not say."""
    pushed_request_endpoint: str | None = None
    """Where requests are pushed before the browser goes there (RFC 9126)."""
    requires_pushed: bool = False
    """Whether it takes no others."""


def read_metadata(document: object, *, issuer: str, allow_http: bool) -> Metadata:
    """The document, checked. Raises ProviderDown when it is another issuer's or not whole."""
    if not isinstance(document, dict):
        raise ProviderDown("metadata_form")
    if document.get("issuer") != issuer:
        raise ProviderDown("metadata_issuer")
    schemes = ("https", "http") if allow_http else ("https",)

    def address(name: str) -> str | None:
        value = document.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or urlsplit(value).scheme not in schemes or not urlsplit(value).hostname:
            raise ProviderDown(f"metadata_{name}")
        return value

    def needed(name: str) -> str:
        value = address(name)
        if value is None:
            raise ProviderDown(f"metadata_{name}")
        return value

    scopes = document.get("scopes_supported")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=needed("authorization_endpoint"),
        token_endpoint=needed("token_endpoint"),
        jwks_uri=needed("jwks_uri"),
        userinfo_endpoint=address("userinfo_endpoint"),
        end_session_endpoint=address("end_session_endpoint"),
        promises_iss=document.get("authorization_response_iss_parameter_supported") is True,
        revocation_endpoint=address("revocation_endpoint"),
        scopes=frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset(),
        pushed_request_endpoint=address("pushed_authorization_request_endpoint"),
        requires_pushed=document.get("require_pushed_authorization_requests") is True,
    )


class Kept(Generic[T]):
    """A document that is fetched when it is needed, kept while it is fresh, and used stale rather than not at all."""

    def __init__(self, name: str, fetch: Callable[[], T], monotonic: Callable[[], float]) -> None:
        self._name, self._fetch, self._monotonic = name, fetch, monotonic
        self._fetching = threading.Lock()
        self._value: T | None = None
        self._fetched_at = self._failed_at = self._forced_at = float("-inf")
        self._failure = "unreachable"

    def peek(self) -> T | None:
        """What is kept, fresh or stale; asks nobody."""
        return self._value

    def get(self) -> T:
        """The document. Raises ProviderDown when it was never had and cannot be had now."""
        if self._value is not None and self._monotonic() - self._fetched_at < LIFETIME:
            return self._value
        if self._value is not None and not self._fetching.acquire(blocking=False):
            return self._value  # somebody is fetching already
        if self._value is None:
            self._fetching.acquire()
        try:
            return self._refreshed()
        finally:
            self._fetching.release()

    def again(self) -> T:
        """The document fetched anew, when the cool-down allows it; otherwise what is kept."""
        with self._fetching:
            if self._monotonic() - self._forced_at >= REFETCH_COOL_DOWN:
                self._forced_at = self._monotonic()
                self._fetched_at = self._failed_at = float("-inf")
            return self._refreshed()

    def _refreshed(self) -> T:
        now = self._monotonic()
        if self._value is not None and now - self._fetched_at < LIFETIME:
            return self._value  # another thread has fetched it while this one waited
        if now - self._failed_at >= AFTER_FAILURE:
            try:
                self._value, self._fetched_at = self._fetch(), self._monotonic()
            except ProviderDown as error:
                self._failed_at, self._failure = self._monotonic(), error.code
                log.warning("%s could not be fetched: %s", self._name, error.code)
        if self._value is None:
            raise ProviderDown(self._failure)
        return self._value


class Documents:
    """One provider's metadata and keys."""

    def __init__(
        self,
        name: str,
        provider: Provider,
        *,
        allow_loopback: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = provider.issuer
        self._loopback = allow_loopback
        self._metadata = Kept(f"metadata of {name}", self._fetch_metadata, monotonic)
        self._keys = Kept(f"keys of {name}", self._fetch_keys, monotonic)

    def metadata(self) -> Metadata:
        """What the provider says about itself. Raises ProviderDown."""
        return self._metadata.get()

    def known_metadata(self) -> Metadata | None:
        """The same when we have it already; asks nobody."""
        return self._metadata.peek()

    def keys(self) -> Keys:
        """Its keys. Raises ProviderDown."""
        return self._keys.get()

    def fresher_keys(self) -> Keys:
        """Its keys fetched anew, at most once in a while. Raises ProviderDown."""
        return self._keys.again()

    def _fetch_metadata(self) -> Metadata:
        # OpenID Connect Discovery 4: a last slash of the issuer is taken off before the path is put on.
        document = self._fetch(self.issuer.rstrip("/") + "/.well-known/openid-configuration", "metadata")
        return read_metadata(document, issuer=self.issuer, allow_http=self._loopback)

    def _fetch_keys(self) -> Keys:
        document = self._fetch(self.metadata().jwks_uri, "jwks")
        try:
            keys = Keys(document)
        except ValueError:
            raise ProviderDown("jwks_form") from None
        if not len(keys):
            raise ProviderDown("jwks_empty")
        return keys

    def _fetch(self, url: str, what: str) -> Mapping[str, object]:
        trusted = {outbound.host_of(self.issuer)}
        try:
            with outbound.client(allow_loopback=self._loopback, trusted_hosts=trusted) as client:
                answer = client.get(url, headers={"Accept": "application/json"})
                document = answer.json() if answer.status_code == 200 else None
        except (requests.RequestException, ValueError, RecursionError):
            raise ProviderDown(f"{what}_unreachable") from None
        if not isinstance(document, dict):
            raise ProviderDown(f"{what}_status")
        return document
