"""The keys that sign our ID tokens: a ring of `portal.signing` in the provider's own table."""

from typing import Final

from portal.provider.models import SigningKey
from portal.settings import Settings
from portal.signing.ring import Algorithm, Ring

ES256: Final = "ES256"
RS256: Final = "RS256"
ALGORITHMS: tuple[Algorithm, ...] = (ES256, RS256)


def ring(settings: Settings) -> Ring:
    """The provider's keys."""
    return Ring(
        rows=SigningKey, settings=settings, algorithms=ALGORITHMS, purpose="provider signing keys", lock=0x4D4F4F4B
    )
