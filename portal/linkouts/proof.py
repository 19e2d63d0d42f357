"""Who has signed in to an application: proven by the ID token that their provider made out to it.

The subject in it must be the one by which the same provider knows them here. It is when subjects are public, or when
application and portal share a sector: see README.md in this folder.
"""

from dataclasses import replace
from typing import Final
from uuid import UUID

from portal.accounts.identities import find_owner
from portal.db.session import release
from portal.errors import Unavailable
from portal.identity import tokens
from portal.identity.keys import Keys
from portal.identity.metadata import ProviderDown
from portal.identity.relying_party import RelyingParty, all_parties
from portal.linkouts.values import LinkOut, NotTaken

OLDEST: Final = 3600
"""Seconds since an ID token was made. What lay in a log or a backup for longer proves no sign-in of now."""
LONGEST: Final = 12_000
"""Characters. A token of one of our providers has less than 3,000."""


def get_account_id(link_out: LinkOut, id_token: str) -> UUID:
    """Whose account it is that the token's person opens. Asks the provider for its keys where they are not at hand.

    Raises NotTaken when the token is not good, or nobody here is known by it; Unavailable when no key can be had.
    """
    release()  # the provider may have to be asked for a new key
    subject = _subject(link_out, id_token)
    found = find_owner(issuer=link_out.issuer, subject=subject)
    if found is None:
        raise NotTaken(
            "unknown_resident", "Nobody here is known by this subject. They must sign in at the portal first."
        )
    return found


def _subject(link_out: LinkOut, id_token: str) -> str:
    party = _party(link_out)
    expected = replace(party.expected(), client_id=link_out.client_id)
    try:
        return party.with_keys(lambda keys: _judged(id_token, keys, expected))
    except tokens.TokenRefused as refused:
        raise NotTaken("id_token", f"The ID token is not good: {refused.code}.") from None
    except ProviderDown:
        raise Unavailable("The provider's keys cannot be had. Try again later.") from None


def _judged(id_token: str, keys: Keys, expected: tokens.Expected) -> str:
    """The subject of a token that is good. It has no nonce of ours: the application has looked at its own."""
    header, claims = tokens.verified(id_token, keys, expected.algorithms)
    tokens.check_type(header)
    tokens.check_parties(claims, expected)
    tokens.check_times(claims, expected)
    if tokens.seconds(claims, "iat") + OLDEST <= expected.now:
        raise tokens.TokenRefused("iat")
    return tokens.subject_of(claims)


def _party(link_out: LinkOut) -> RelyingParty:
    for party in all_parties():
        if party.settings.issuer == link_out.issuer:
            return party
    raise Unavailable("Residents no longer sign in here with the provider of this application.")
