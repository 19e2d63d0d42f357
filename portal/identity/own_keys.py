"""The portal's own keys, by which it proves to providers who it is: a ring of `portal.signing` in a table of core.

A key is made for an algorithm only when a provider in the settings needs one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from flask import Flask
from sqlalchemy import func
from sqlalchemy.orm import Session

from portal import clock
from portal.audit import operations as audit
from portal.db.base import Base
from portal.db.session import beside, session
from portal.errors import NotFound
from portal.identity.stored_documents import ProviderDocumentRow
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.settings.portal import Settings
from portal.settings.providers import Provider
from portal.signing.ring import REMEMBERED, Algorithm, KeyRing, Ring
from portal.signing.tables import SigningKeyColumns

FORGOTTEN: Final = timedelta(days=30)
"""No copy serves for as long as that (see `documents`): its provider is not in the settings any more."""


class OwnKeyRow(SigningKeyColumns, Base):
    """A key that signs assertions and requests."""

    __tablename__ = "signing_key"


def needs_ring(provider: Provider) -> bool:
    """Whether we sign for this provider by a key of the ring."""
    return signs(provider) and provider.client_key_file is None


def signs(provider: Provider) -> bool:
    """Whether we sign anything for this provider."""
    return provider.client_auth == "private_key_jwt" or provider.request_object


def algorithms(settings: Settings) -> tuple[Algorithm, ...]:
    """What the providers in the settings need."""
    return tuple(sorted({each.client_key_algorithm for each in settings.providers.values() if needs_ring(each)}))


def ring(settings: Settings) -> Ring:
    """The portal's keys."""
    return Ring(
        rows=OwnKeyRow,
        settings=settings,
        algorithms=algorithms(settings),
        purpose="portal signing keys",
        lock=0x4D4F4F52,
    )


def key_ring(app: Flask, settings: Settings) -> KeyRing:
    """The same, parsed once in this process."""
    return KeyRing(ring(settings), lambda: _own_transaction(app))


def rotate(settings: Settings) -> list[str]:
    """Publish new keys, which take over when every provider has had time to fetch them. Returns their ids."""
    made = ring(settings).rotate(session())
    audit.record("identity.keys_rotated", actor="system:identity", kids=made)
    return made


def retire(settings: Settings, kid: str) -> None:
    """Forget a key at once, with another in its place. Raises NotFound when there is none of that id."""
    if not ring(settings).retire(session(), kid):
        raise NotFound
    audit.record("identity.key_retired", actor="system:identity", kid=kid)


@job("identity.tidy_keys", cron="27 3 * * *")
def tidy() -> None:
    """Delete keys that nobody has been shown for a long time, and what providers said that are asked no more."""
    now = clock.now()
    delete_in_portions(OwnKeyRow, OwnKeyRow.published_until < now - REMEMBERED)
    last = func.coalesce(ProviderDocumentRow.fetched_at, ProviderDocumentRow.failed_at)
    delete_in_portions(ProviderDocumentRow, last < now - FORGOTTEN)


@contextmanager
def _own_transaction(app: Flask) -> Iterator[Session]:
    """A short transaction beside the request's: a key that was published must not be rolled back with a page."""
    with app.app_context(), beside() as connection, Session(connection) as own:
        yield own
        own.flush()  # `beside` commits, and knows nothing of the session
