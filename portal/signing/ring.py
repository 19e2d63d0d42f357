"""A ring of signing keys: made, sealed, rotated with an overlap, parsed once in a process.

Used by our provider for ID tokens and by our relying party for assertions, each with a table of its own.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from cryptography.fernet import InvalidToken
from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey
from sqlalchemy import or_, select, text, update
from sqlalchemy.orm import Session

from portal import clock
from portal.settings.portal import Settings
from portal.signing.box import box
from portal.signing.tables import SigningKeyColumns

log = logging.getLogger(__name__)

Algorithm = Literal["ES256", "RS256", "PS256"]
CACHED: Final = timedelta(hours=1)
"""How long whoever asks for our public keys may keep the answer."""
OVERLAP: Final = timedelta(hours=24) + CACHED
"""Published this long before it signs and after it stopped: others hold our keys for a day, One Login among them, and
may have got them from a copy an hour old."""
REMEMBERED: Final = timedelta(days=90)
"""An old key no longer published still proves that a token was ours."""
REFRESH_SECONDS: Final = 60.0

Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Keys:
    """Every key at one moment."""

    signing: dict[str, ECKey | RSAKey]
    """The private key that signs now, by algorithm."""
    published: tuple[dict[str, object], ...]
    """The public keys for the JWKS document."""
    ours: KeySet
    """Public keys that prove a token was ours, old ones included."""


@dataclass(frozen=True, slots=True)
class Known:
    """A key as `list` shows it. No key is in it."""

    kid: str
    algorithm: str
    signs_from: datetime
    published_until: datetime | None


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of one room, in its own table. Functions take the caller's session and never commit."""

    rows: type[SigningKeyColumns]
    settings: Settings
    algorithms: tuple[Algorithm, ...]
    """One key signs for each. No key is made for another."""
    purpose: str
    """What the private keys are sealed for; never changed, or none of them opens again."""
    lock: int
    """One process makes or rotates keys of this ring at a time."""

    def make_missing(self, session: Session) -> None:
        """Make a key for each algorithm that has none which signs now and which we can open."""
        if not self._missing(session):
            return
        self._one_at_a_time(session)
        for algorithm in self._missing(session):
            log.info("No %s key signs now for %s: making one", algorithm, self.purpose)
            session.add(self._new_key(algorithm, signs_from=clock.now()))
        session.flush()  # the caller reads the keys in the same transaction

    def rotate(self, session: Session) -> list[str]:
        """Make a new key for each algorithm. It is published now and signs after the overlap; forerunners go later.

        Where none signs yet there is nothing to wait for. Returns the new keys' ids.
        """
        self._one_at_a_time(session)
        missing = self._missing(session)
        takes_over_at = clock.now() + OVERLAP
        rows = self.rows
        session.execute(
            update(rows).where(rows.published_until.is_(None)).values(published_until=takes_over_at + OVERLAP)
        )
        made = [
            self._new_key(algorithm, signs_from=clock.now() if algorithm in missing else takes_over_at)
            for algorithm in self.algorithms
        ]
        session.add_all(made)
        return [key.kid for key in made]

    def retire(self, session: Session, kid: str) -> bool:
        """Forget a key that others may have: it signs, is published and proves nothing from now on.

        Another takes its place at once, which nobody could fetch beforehand: whoever meets an unknown key fetches.
        Other processes notice within `REFRESH_SECONDS`. Returns whether there was such a key.
        """
        self._one_at_a_time(session)
        row = session.get(self.rows, kid)
        if row is None:
            return False
        heirs = [algorithm for algorithm in self.algorithms if algorithm == row.alg and row.published_until is None]
        session.delete(row)
        session.add_all([self._new_key(algorithm, signs_from=max(row.signs_from, clock.now())) for algorithm in heirs])
        session.flush()
        self.make_missing(session)
        return True

    def known(self, session: Session) -> list[Known]:
        """Every key that is or will be published, the oldest first."""
        now = clock.now()
        return [
            Known(row.kid, row.alg, row.signs_from, row.published_until)
            for row in self._all(session)
            if _is_published(row, now)
        ]

    def read(self, session: Session) -> Keys:
        """Every key as it is now."""
        now, rows = clock.now(), self._all(session)
        published = tuple(row.public_jwk for row in rows if _is_published(row, now))
        return Keys(signing=self._signing(rows, now), published=published, ours=KeySet([_public(row) for row in rows]))

    def _one_at_a_time(self, session: Session) -> None:
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": self.lock})

    def _missing(self, session: Session) -> list[Algorithm]:
        signing: Collection[str] = self._signing(self._all(session), clock.now())
        return [algorithm for algorithm in self.algorithms if algorithm not in signing]

    def _all(self, session: Session) -> Sequence[SigningKeyColumns]:
        rows = self.rows
        still = or_(rows.published_until.is_(None), rows.published_until > clock.now() - REMEMBERED)
        return session.scalars(select(rows).where(still).order_by(rows.signs_from, rows.kid)).all()

    def _signing(self, rows: Sequence[SigningKeyColumns], now: datetime) -> dict[str, ECKey | RSAKey]:
        """By algorithm, the newest key whose time has come. `rows` are the oldest first."""
        found: dict[str, ECKey | RSAKey] = {}
        for row in rows:
            if row.signs_from <= now and _is_published(row, now):
                key = self._opened(row)
                if key:
                    found[row.alg] = key
        return found

    def _opened(self, row: SigningKeyColumns) -> ECKey | RSAKey | None:
        try:
            pem = box(self.settings, self.purpose).decrypt(row.sealed)
        except InvalidToken:
            log.warning("Signing key %s was sealed under another secret key; it is published but cannot sign", row.kid)
            return None
        parameters: KeyParameters = {"kid": row.kid, "alg": row.alg, "use": "sig"}
        return _kind(row.alg).import_key(pem, parameters)

    def _new_key(self, algorithm: Algorithm, *, signs_from: datetime) -> SigningKeyColumns:
        kid = secrets.token_hex(8)  # no dash in front: a command would take it for an option
        parameters: KeyParameters = {"kid": kid, "alg": algorithm, "use": "sig"}
        key: ECKey | RSAKey
        if algorithm == "ES256":
            key = ECKey.generate_key("P-256", parameters, private=True)
        else:
            key = RSAKey.generate_key(2048, parameters, private=True)
        row = self.rows()
        row.kid, row.alg = kid, algorithm
        row.sealed = box(self.settings, self.purpose).encrypt(key.as_pem(private=True))
        row.public_jwk = dict(key.as_dict(private=False))
        row.signs_from, row.published_until = signs_from, None
        return row


class KeyRing:
    """A ring parsed once in this process and read again after a minute."""

    def __init__(self, ring: Ring, transaction: Transaction) -> None:
        self._ring = ring
        self._transaction = transaction
        self._lock = threading.Lock()
        self._keys: Keys | None = None
        self._read_at = 0.0

    def keys(self) -> Keys:
        """The keys as they are now. The first call in a new database makes them."""
        with self._lock:
            if self._keys is None or time.monotonic() - self._read_at > REFRESH_SECONDS:
                with self._transaction() as session:
                    self._ring.make_missing(session)
                    self._keys = self._ring.read(session)
                self._read_at = time.monotonic()
            return self._keys


def _is_published(row: SigningKeyColumns, now: datetime) -> bool:
    return row.published_until is None or row.published_until > now


def _kind(algorithm: str) -> type[ECKey | RSAKey]:
    return ECKey if algorithm == "ES256" else RSAKey


def _public(row: SigningKeyColumns) -> ECKey | RSAKey:
    return _kind(row.alg).import_key({name: str(value) for name, value in row.public_jwk.items()})
