"""Everything that can be found out about one provider without anybody signing in."""

from collections.abc import Iterator
from dataclasses import replace

from portal.identity import stored_documents
from portal.identity.checks.client import client
from portal.identity.checks.clock import clock
from portal.identity.checks.findings import Finding, fault, look
from portal.identity.checks.keys import core_identity, keys
from portal.identity.checks.metadata import algorithms, protections, read
from portal.identity.checks.reach import Unreached, ask
from portal.identity.checks.requests import requests
from portal.identity.checks.signing_out import addresses, reachable_by_provider, signing_out
from portal.identity.relying_party import RelyingParty
from portal.settings.portal import Settings


def diagnose(party: RelyingParty, settings: Settings) -> Iterator[Finding]:
    """Every finding, in the order in which to mend them. Asks the provider itself, never a copy."""
    yield from reachable_by_provider(party, settings.public_url, is_loopback=settings.is_loopback)
    try:
        reached = ask(party, party.documents.metadata_url)
    except Unreached as error:
        yield fault("reachable", str(error))
        yield from _copy(party)
    else:
        examined, found = read(party, reached)
        yield from found
        yield from clock(party, reached)
        if examined is None:
            yield from _copy(party)
        else:
            examined = replace(examined, public_url=settings.public_url)
            for part in (keys, algorithms, client, protections, requests, core_identity, signing_out):
                yield from part(examined)
    yield from addresses(party, settings.public_url)


def _copy(party: RelyingParty) -> Iterator[Finding]:
    """What the portal goes by meanwhile."""
    stored = stored_documents.find(party.documents.metadata_url)
    if party.documents.known_metadata() is None or stored is None or stored.fetched_at is None:
        yield look("meanwhile", "No copy of its metadata is kept: residents are told to try again later.")
    else:
        yield look("meanwhile", f"The portal goes by its copy of {stored.fetched_at:%d %B %Y, %H:%M} UTC.")
