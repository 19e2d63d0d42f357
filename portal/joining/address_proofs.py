"""Where the council's own records show that somebody lives, for services that need proof of address.

A service that keeps such a record declares `proofs` in its manifest; whoever asks does not learn which service it was
but by its name, and needs no door to it.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app

from portal.accounts.values import Account
from portal.errors import NotFound, Unavailable

log = logging.getLogger(__name__)

EXTENSION = "moothall.address_proofs"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressProof:
    """A council record of this resident's that names where they live.

    `source` is the slug of the service that keeps it, `reference` the record's. `uprn` is without leading zeros, empty
    where the record has none; `lines` and `postcode` are as the record has them. `as_of_at` is when it said so.
    """

    source: str
    reference: str
    uprn: str
    lines: tuple[str, ...]
    postcode: str
    as_of_at: datetime


Proofs = Callable[[Account], Sequence[AddressProof]]


def no_proofs(_account: Account) -> Sequence[AddressProof]:
    """For a service that keeps no record of where people live."""
    return ()


def add(app: Flask, service: str, proofs: Proofs) -> None:
    """Take in what a service knows of where people live."""
    app.extensions.setdefault(EXTENSION, {})[service] = proofs


def address_proofs(account: Account) -> Sequence[AddressProof]:
    """What the council's records prove of where the resident lives; none where they have joined none.

    May wait for the back office of each record, so call it before anything is written. A service that is off, away or
    does not know them any more proves nothing: then they can send a document.
    """
    asked: dict[str, Proofs] = current_app.extensions.get(EXTENSION, {})
    found: list[AddressProof] = []
    for service in sorted(asked):
        try:
            found += asked[service](account)
        except (Unavailable, NotFound):
            log.info("no proof of address from %s at the moment", service)
    return found
