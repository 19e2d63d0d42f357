"""Every migration history there is, core first, then the provider's, then the services' by slug."""

from collections.abc import Sequence

import portal.cases.rule_models
import portal.cases.talk_models  # noqa: F401  # core's tables must all be known before they are compared
from portal.db.migrate import CORE, History
from portal.provider.migrations_history import HISTORY as PROVIDER
from portal.registry.discovery import Mounted


def histories(services: Sequence[Mounted]) -> Sequence[History]:
    """The histories to upgrade, in order."""
    return (CORE, PROVIDER, *(each.history for each in services if each.history is not None))
