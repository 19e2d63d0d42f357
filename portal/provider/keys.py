"""The keys that sign ID tokens: made, rotated with an overlap, parsed once in a process."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from cryptography.fernet import InvalidToken
from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey
from sqlalchemy import or_, select, text, update
from sqlalchemy.orm import Session

from portal import clock
from portal.provider.models import SigningKey
from portal.provider.secrets_kept import box
from portal.settings import Settings

log = logging.getLogger(__name__)

Algorithm = Literal["ES256", "RS256"]
ES256: Final = "ES256"
RS256: Final = "RS256"
ALGORITHMS: tuple[Algorithm, ...] = (ES256, RS256)
OVERLAP = timedelta(hours=24)
"""Published this long before it signs and after it stopped: relying parties may hold our keys for a day."""
REMEMBERED = timedelta(days=90)
"""An old key no longer published still proves that an `id_token_hint` was ours."""
REFRESH_SECONDS = 60.0
LOCK = 0x4D4F4F4B  # one process makes or rotates keys at a time

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


class KeyRing:
    """The keys, parsed once in this process and read again after a minute."""

    def __init__(self, settings: Settings, transaction: Transaction) -> None:
        self._settings = settings
        self._transaction = transaction
        self._lock = threading.Lock()
        self._keys: Keys | None = None
        self._read_at = 0.0

    def keys(self) -> Keys:
        """The keys as they are now. The first call in a new database makes them."""
        with self._lock:
            if self._keys is None or time.monotonic() - self._read_at > REFRESH_SECONDS:
                with self._transaction() as session:
                    make_missing_keys(session, self._settings)
                    self._keys = _read(session, self._settings)
                self._read_at = time.monotonic()
            return self._keys


def make_missing_keys(session: Session, settings: Settings) -> None:
    """Make a key for each algorithm that has none which signs now and which we can open."""
    if not _missing(session, settings):
        return
    _one_at_a_time(session)
    for algorithm in _missing(session, settings):
        log.info("No %s key signs now: making one", algorithm)
        session.add(_new_key(settings, algorithm, signs_from=clock.now()))
    session.flush()  # the caller reads the keys in the same transaction


def rotate(session: Session, settings: Settings) -> list[str]:
    """Make a new key for each algorithm. It is published now and signs after the overlap; its forerunners go later.

    Returns the new keys' ids.
    """
    _one_at_a_time(session)
    takes_over_at = clock.now() + OVERLAP
    session.execute(
        update(SigningKey).where(SigningKey.published_until.is_(None)).values(published_until=takes_over_at + OVERLAP)
    )
    made = [_new_key(settings, algorithm, signs_from=takes_over_at) for algorithm in ALGORITHMS]
    session.add_all(made)
    return [key.kid for key in made]


def _one_at_a_time(session: Session) -> None:
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})


def _missing(session: Session, settings: Settings) -> list[Algorithm]:
    signing = _signing(_rows(session), settings, clock.now())
    return [algorithm for algorithm in ALGORITHMS if algorithm not in signing]


def _rows(session: Session) -> Sequence[SigningKey]:
    still = or_(SigningKey.published_until.is_(None), SigningKey.published_until > clock.now() - REMEMBERED)
    return session.scalars(select(SigningKey).where(still).order_by(SigningKey.signs_from, SigningKey.kid)).all()


def _read(session: Session, settings: Settings) -> Keys:
    now, rows = clock.now(), _rows(session)
    published = tuple(row.public_jwk for row in rows if _is_published(row, now))
    ours = KeySet([_public(row) for row in rows])
    return Keys(signing=_signing(rows, settings, now), published=published, ours=ours)


def _is_published(row: SigningKey, now: datetime) -> bool:
    return row.published_until is None or row.published_until > now


def _public(row: SigningKey) -> ECKey | RSAKey:
    kind = ECKey if row.alg == "ES256" else RSAKey
    return kind.import_key({name: str(value) for name, value in row.public_jwk.items()})


def _signing(rows: Sequence[SigningKey], settings: Settings, now: datetime) -> dict[str, ECKey | RSAKey]:
    """By algorithm, the newest key whose time has come. `rows` are the oldest first."""
    found: dict[str, ECKey | RSAKey] = {}
    for row in rows:
        if row.signs_from <= now and _is_published(row, now):
            key = _opened(row, settings)
            if key:
                found[row.alg] = key
    return found


def _opened(row: SigningKey, settings: Settings) -> ECKey | RSAKey | None:
    try:
        pem = box(settings, "signing keys").decrypt(row.sealed)
    except InvalidToken:
        log.warning("Signing key %s was sealed under another secret key; it is published but cannot sign", row.kid)
        return None
    parameters: KeyParameters = {"kid": row.kid, "alg": row.alg, "use": "sig"}
    return (ECKey if row.alg == "ES256" else RSAKey).import_key(pem, parameters)


def _new_key(settings: Settings, algorithm: Algorithm, *, signs_from: datetime) -> SigningKey:
    kid = secrets.token_urlsafe(12)
    parameters: KeyParameters = {"kid": kid, "alg": algorithm, "use": "sig"}
    key: ECKey | RSAKey
    if algorithm == "ES256":
        key = ECKey.generate_key("P-256", parameters, private=True)
    else:
        key = RSAKey.generate_key(2048, parameters, private=True)
    return SigningKey(
        kid=kid,
        alg=algorithm,
        sealed=box(settings, "signing keys").encrypt(key.as_pem(private=True)),
        public_jwk=dict(key.as_dict(private=False)),
        signs_from=signs_from,
        published_until=None,
    )
