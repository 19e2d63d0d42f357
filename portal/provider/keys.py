"""The keys that sign our ID tokens, and those for core identities: rings of `portal.signing`, each with its table."""

from typing import Final

from portal.provider.models import SigningKey
from portal.provider.one_login_models import CoreIdentityKey
from portal.settings.portal import Settings
from portal.signing.ring import Algorithm, Ring

ES256: Final = "ES256"
RS256: Final = "RS256"
ALGORITHMS: tuple[Algorithm, ...] = (ES256, RS256)


def ring(settings: Settings) -> Ring:
    """The provider's keys."""
    return Ring(
        rows=SigningKey, settings=settings, algorithms=ALGORITHMS, purpose="provider signing keys", lock=0x4D4F4F4B
    )


def identity_ring(settings: Settings) -> Ring:
    """The keys that sign core identities, in the shape of One Login."""
    return Ring(
        rows=CoreIdentityKey,
        settings=settings,
        algorithms=(ES256,),
        purpose="provider core identity keys",
        lock=0x4D4F4F4C,
    )


def rings(settings: Settings) -> list[Ring]:
    """Every ring that is in use."""
    return [ring(settings)] + ([identity_ring(settings)] if settings.own_provider.shape == "one_login" else [])
