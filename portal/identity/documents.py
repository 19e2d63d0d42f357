"""A provider's metadata and keys: fetched over HTTP, shared by all processes, and used stale while it is down.

The database holds one copy for all (`stored_documents`); under it each process keeps what it has parsed. Metadata that
is fresh costs nothing. Keys cost one small query each time they are used, so that a key which any process has seen
removed is accepted by none.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

import requests
from werkzeug.http import parse_cache_control_header

from portal import clock, outbound
from portal.identity import stored_documents as store
from portal.identity.did import DidDocument, read_did
from portal.identity.keys import Keys
from portal.identity.metadata import Metadata, ProviderDown, read_metadata
from portal.identity.stored_documents import Stored
from portal.settings.providers import Provider

log = logging.getLogger(__name__)

LIFETIME: Final = timedelta(hours=1)
"""How long a copy is fresh when the provider does not say."""
LEAST: Final = timedelta(minutes=5)
MOST: Final = timedelta(days=1)
"""Keys may be withdrawn at short notice: nobody's `max-age` keeps one longer than a day."""
MOST_STALE: Final = timedelta(days=7)
"""How old a copy may be while the provider does not answer. Longer is no outage but a fault in the set-up, and keys
that were withdrawn meanwhile must not be accepted for ever. Each failure before is a warning in the log."""
BETWEEN_LOOKS: Final = timedelta(minutes=1)
"""How often a process that knows nothing fresh of a provider looks whether another has learnt something."""
PATIENCE_SECONDS: Final = 5.0
"""How long somebody waits for what another process is fetching."""
POLL_SECONDS: Final = 0.05

T = TypeVar("T")
Fetch = Callable[[str], requests.Response]


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """What this process has parsed, of which version."""

    url: str
    value: T
    body: str
    version: int
    fetched_at: datetime
    fresh_until: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Whether it may be used without asking."""
        return now < self.fresh_until

    def serves(self, now: datetime) -> bool:
        """Whether it may be used when nothing newer can be had."""
        return now - self.fetched_at < MOST_STALE


class SharedDocument(Generic[T]):
    """One document of a provider's. `read` parses it and raises ProviderDown when it is not what it must be."""

    def __init__(self, name: str, what: str, fetch: Fetch, read: Callable[[object], T]) -> None:
        self._name, self._what = name, what
        self._fetch, self._read = fetch, read
        self._held: Held[T] | None = None
        self._looked_at: datetime | None = None

    def peek(self, url: str) -> T | None:
        """What is kept, fresh or stale. Asks nobody outside, and the database seldom."""
        held, now = self._held_of(url), clock.now()
        known = held is not None and held.is_fresh(now)
        if not known and (self._looked_at is None or not now - self._looked_at < BETWEEN_LOOKS):
            self._looked_at = now
            _stored, held = self._look(url)
        return held.value if held is not None and held.serves(now) else None

    def get(self, url: str, *, latest: bool = False) -> T:
        """The document; with `latest` as the last process saw it that fetched it.

        Raises ProviderDown when there is no copy that serves and none can be had now.
        """
        held, now = self._held_of(url), clock.now()
        if held is not None and held.is_fresh(now) and not latest:
            return held.value
        stored, held = self._look(url)
        if held is not None and held.is_fresh(now):
            return held.value
        if stored is None or stored.may_be_asked(now):
            claimed = store.claim(url, known=stored.version if stored else 0)
            if claimed is not None:
                self._ask(url, claimed, held)
            elif held is None or not held.serves(now):
                self._wait(url)
            stored, held = self._look(url)
        return self._serving(stored, held)

    def again(self, url: str) -> T:
        """The document fetched before its time, when it is long enough since anybody did; otherwise what is kept."""
        claimed = store.claim_forced(url)
        if claimed is not None:
            self._ask(url, claimed, self._held_of(url))
        else:
            self._wait(url)
        return self._serving(*self._look(url))

    def _serving(self, stored: Stored | None, held: Held[T] | None) -> T:
        if held is not None and held.serves(clock.now()):
            return held.value
        raise ProviderDown((stored.failure if stored else None) or f"{self._what}_unreachable")

    def _held_of(self, url: str) -> Held[T] | None:
        held = self._held
        return held if held is not None and held.url == url else None

    def _look(self, url: str) -> tuple[Stored | None, Held[T] | None]:
        """The row, and this process's copy brought up to it. One query; the body comes only when it is another."""
        held = self._held_of(url)
        stored = store.find(url, known=held.version if held else None)
        if stored is None or stored.fetched_at is None or stored.fresh_until is None:
            return stored, held
        if stored.body is not None and (held is None or held.version != stored.version):
            try:
                # Parsing keys takes longer than using them: the same text keeps the same object.
                same = held is not None and held.body == stored.body
                value = held.value if held is not None and same else self._parsed(json.loads(stored.body))
            except ProviderDown as error:  # kept under other settings, or by another version of this program
                log.warning("The kept %s of %s cannot be used: %s", self._what, self._name, error.code)
                return stored, None
            held = Held(url, value, stored.body, stored.version, stored.fetched_at, stored.fresh_until)
            self._held = held
        return stored, held

    def _ask(self, url: str, claimed: datetime, held: Held[T] | None) -> None:
        """Fetch it and keep it, or keep in mind that it could not be had."""
        try:
            answer = self._fetch(url)
            document, body = _document(answer, self._what)
            self._parsed(document)
        except ProviderDown as error:
            kept = f"the copy of {held.fetched_at:%Y-%m-%d %H:%M} UTC serves" if held else "there is no copy"
            log.warning("%s of %s could not be fetched: %s; %s", self._what, self._name, error.code, kept)
            store.note_failure(url, claimed=claimed, code=error.code)
            return
        store.keep(url, claimed=claimed, body=body, fresh_until=claimed + lifetime(answer.headers))

    def _parsed(self, document: object) -> T:
        """The document as we use it. Raises ProviderDown whatever is wrong with it: a copy may serve in its place."""
        try:
            return self._read(document)
        except ProviderDown:
            raise
        except Exception as error:  # noqa: BLE001  # what a stranger writes may break us in ways that nobody foresaw
            log.warning("The %s of %s cannot be read: %s", self._what, self._name, type(error).__name__)
            raise ProviderDown(f"{self._what}_unreadable") from None

    def _wait(self, url: str) -> None:
        """Wait while another process fetches it; no connection is held meanwhile."""
        held, give_up = self._held_of(url), time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:
            stored = store.find(url, known=held.version if held else None)
            if stored is None or not stored.is_claimed(clock.now()):
                return
            time.sleep(POLL_SECONDS)


class Documents:
    """One provider's metadata and keys. Needs an application, for its database."""

    def __init__(self, name: str, provider: Provider, *, allow_loopback: bool) -> None:
        self.issuer = provider.issuer
        self._loopback = allow_loopback
        # OpenID Connect Discovery 4: a last slash of the issuer is taken off before the path is put on.
        self.metadata_url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        self._metadata = SharedDocument(name, "metadata", self._fetch("metadata"), self._read_metadata)
        self._keys = SharedDocument(name, "jwks", self._fetch("jwks"), read_keys)
        self._did_url = provider.core_identity_did
        self._did = SharedDocument(name, "did", self._fetch("did"), read_did)

    @property
    def reach(self) -> tuple[bool, frozenset[str]]:
        """Whether loopback may be called, and the hosts that may lie within the council's own network."""
        return self._loopback, frozenset({outbound.host_of(self.issuer)})

    def metadata(self) -> Metadata:
        """What the provider says about itself. Raises ProviderDown."""
        return self._metadata.get(self.metadata_url)

    def known_metadata(self) -> Metadata | None:
        """The same when it is known already; asks nobody outside."""
        return self._metadata.peek(self.metadata_url)

    def keys(self) -> Keys:
        """Its keys. Raises ProviderDown."""
        return self._keys.get(self.metadata().jwks_uri, latest=True)

    def fresher_keys(self) -> Keys:
        """Its keys fetched anew, at most once in a while. Raises ProviderDown."""
        return self._keys.again(self.metadata().jwks_uri)

    def identity_keys(self) -> DidDocument:
        """The keys that sign core identity claims, from the address in the settings. Raises ProviderDown."""
        return self._did.get(self._identity_url(), latest=True)

    def fresher_identity_keys(self) -> DidDocument:
        """The same fetched anew, at most once in a while. Raises ProviderDown."""
        return self._did.again(self._identity_url())

    def _identity_url(self) -> str:
        if self._did_url is None:
            raise ProviderDown("did_not_set")
        return self._did_url

    def _read_metadata(self, document: object) -> Metadata:
        return read_metadata(document, issuer=self.issuer, allow_http=self._loopback)

    def _fetch(self, what: str) -> Fetch:
        def fetch(url: str) -> requests.Response:
            allow_loopback, trusted = self.reach
            try:
                with outbound.client(allow_loopback=allow_loopback, trusted_hosts=trusted) as client:
                    return client.get(url, headers={"Accept": "application/json"})
            except requests.RequestException:
                raise ProviderDown(f"{what}_unreachable") from None

        return fetch


def lifetime(headers: Mapping[str, str]) -> timedelta:
    """How long an answer is fresh: its `max-age` without the age that it arrived with, within our bounds."""
    said = parse_cache_control_header(headers.get("Cache-Control", "").lower())
    if said.no_store or said.max_age is None:
        return LIFETIME
    age = headers.get("Age", "0").strip()
    seconds = said.max_age - (int(age) if age.isdecimal() and len(age) < 10 else 0)
    return timedelta(seconds=max(LEAST.total_seconds(), min(seconds, MOST.total_seconds())))


def _document(answer: requests.Response, what: str) -> tuple[object, str]:
    """What was answered, and the same as plain ASCII text, which any table holds."""
    if answer.status_code != 200:
        raise ProviderDown(f"{what}_status")
    try:
        document = answer.json()
        body = json.dumps(document, separators=(",", ":"))
    except (ValueError, RecursionError):
        raise ProviderDown(f"{what}_form") from None
    return document, body


def read_keys(document: object) -> Keys:
    """A JWK set that holds a key of use to us. Raises ProviderDown."""
    try:
        keys = Keys(document)
    except ValueError:
        raise ProviderDown("jwks_form") from None
    if not len(keys):
        raise ProviderDown("jwks_empty")
    return keys
