"""The provider's keys, and those of who signs core identity claims."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from portal.identity.checks.findings import Examined, Finding, counted_keys, fault, good, look, words
from portal.identity.checks.reach import Unreached, ask, why_not
from portal.identity.did import read_did
from portal.identity.documents import read_keys
from portal.identity.metadata import ProviderDown


def keys(examined: Examined) -> Iterator[Finding]:
    """How many there are, and whether they fit the algorithms that we accept."""
    document, reason = _fetched(examined, examined.metadata.jwks_uri)
    if reason is not None:
        yield fault("keys", reason)
        return
    try:
        found = read_keys(document)
    except ProviderDown:
        yield fault("keys", f"{examined.metadata.jwks_uri} holds no key for signatures that we can use (RSA or EC).")
        return
    accepted = examined.party.settings.algorithms
    usable = [each for each in accepted if found.fitting(each)]
    if not usable:
        there = counted_keys(len(found))
        yield fault("keys", f"{there} there, and none for an algorithm that we accept ({words(accepted)}).")
        return
    yield good("keys", f"{counted_keys(len(found))} of use to us, for {words(usable)}.")
    if len(found) > 1 and found.nameless:
        yield look("keys", "Some have no id (kid). Tokens signed by those are refused, since several could be meant.")


def core_identity(examined: Examined) -> Iterator[Finding]:
    """The DID document, when one is configured."""
    url = examined.party.settings.core_identity_did
    if url is None:
        return
    document, reason = _fetched(examined, url)
    if reason is not None:
        yield fault("core identity", reason)
        return
    try:
        did = read_did(document)
    except ProviderDown:
        variable = examined.variable("core_identity_did")
        yield fault("core identity", f"{url} is no DID document with keys that may assert. Check {variable}.")
        return
    host = urlsplit(url).hostname or ""
    if did.id.startswith("did:web:") and did.id.removeprefix("did:web:").partition(":")[0].partition("%")[0] != host:
        yield look("core identity", f"The document at {url} is {did.id}, which is another host's. Is it the right one?")
    yield good(
        "core identity",
        f"{did.id}, {counted_keys(len(did))}. Signed for {examined.party.settings.core_identity_issuer}.",
    )


def _fetched(examined: Examined, url: str) -> tuple[object, str | None]:
    """The document at an address, or why there is none."""
    try:
        reached = ask(examined.party, url)
    except Unreached as error:
        return None, str(error)
    if reason := why_not(reached):
        return None, reason
    try:
        return reached.answer.json(), None
    except (ValueError, RecursionError):
        return None, f"What {url} answers is no JSON."
