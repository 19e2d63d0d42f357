"""Every check, in the order in which they are read."""

from typing import Final

from portal.conformance.check import Check
from portal.conformance.checks import manifest
from portal.errors import SetupError

EVERY: Final = (manifest.CHECK,)


def chosen(names: tuple[str, ...]) -> tuple[Check, ...]:
    """Those of these names; all of them without any. Raises SetupError for a name that none has."""
    known = {each.name: each for each in EVERY}
    strange = [name for name in names if name not in known]
    if strange:
        raise SetupError(f"There is no check called {strange[0]}. There are: {', '.join(known)}.")
    return tuple(known[name] for name in known if not names or name in names)
