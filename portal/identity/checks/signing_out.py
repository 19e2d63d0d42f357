"""Signing out on both sides, and every address to register at the provider."""

from collections.abc import Iterator

from portal.identity import client_keys, own_keys
from portal.identity.checks.findings import Examined, Finding, good, look, note
from portal.identity.relying_party import RelyingParty


def signing_out(examined: Examined) -> Iterator[Finding]:
    """What the provider offers for it."""
    if examined.metadata.end_session_endpoint is None:
        yield look("sign-out", "The provider does not let us end its session: signing out here leaves it signed in.")
    else:
        yield good("sign-out", "Ends the provider's session too.")
    if not examined.says("backchannel_logout_supported"):
        yield look(
            "sign-out there",
            "The provider does not say that it tells us. Sessions here end by their own time"
            f" or by {examined.variable('refresh_minutes')}.",
        )
    elif not examined.says("backchannel_logout_session_supported"):
        yield good("sign-out there", "The provider tells us, by person: all their sessions here end.")
    else:
        yield good("sign-out there", "The provider tells us, by session.")


def addresses(party: RelyingParty, public_url: str) -> Iterator[Finding]:
    """What to register at the provider, letter for letter."""
    yield note("register", f"redirect URI              {party.redirect_uri}")
    for_staff = party.settings.people == "staff"
    yield note("register", f"post-logout redirect URI  {public_url}{'/desk' if for_staff else ''}/signed-out")
    yield note("register", f"back-channel logout URI   {public_url}/auth/{party.name}/logout")
    if not for_staff:
        yield note("register", f"initiate login URI        {public_url}/auth/initiate")
    if own_keys.signs(party.settings):
        yield note("register", f"our keys (jwks_uri)       {public_url}/auth/jwks")
        yield from _named(party)


def _named(party: RelyingParty) -> Iterator[Finding]:
    if party.settings.client_key_file is None:
        mine = client_keys.key_for(party.settings)
        yield note("register", f"signed now by             {mine.key_id} ({mine.algorithm})")
    elif party.settings.client_key_id is None:
        yield look(
            "our key",
            "Assertions name no key. Where the provider reads our keys from their address, it wants that: set the key"
            f" id {client_keys.file_key_id(party.settings)} in client_key_id.",
        )


def reachable_by_provider(party: RelyingParty, public_url: str, *, is_loopback: bool) -> Iterator[Finding]:
    """Whether the provider can call us at all."""
    its_own = party.settings.issuer.startswith(("http://localhost", "http://127.0.0.1", "http://[::1]"))
    if is_loopback and not its_own:
        yield look(
            "our address",
            f"MOOTHALL_PUBLIC_URL is {public_url}: only browsers on this machine come back to it, and the provider"
            " cannot call us (our keys, signing out there). For trying out that may be enough.",
        )
