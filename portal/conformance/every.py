"""Every check, in the order in which they are read."""

from typing import Final

from portal.conformance.check import Check
from portal.conformance.checks import (
    browser,
    budget,
    demo_data,
    floors,
    html,
    manifest,
    migrations,
    office,
    person,
    reached,
    routes,
    welsh,
)
from portal.errors import SetupError

EVERY: Final = (
    manifest.CHECK,
    floors.CHECK,
    migrations.CHECK,
    demo_data.CHECK,
    reached.CHECK,
    routes.STRANGERS,
    routes.OTHERS,
    routes.GET,
    routes.CSRF,
    html.CHECK,
    browser.AXE,
    browser.PHONE,
    welsh.CHECK,
    person.EXPORT,
    person.FORGET,
    budget.CHECK,
    office.CHECK,
    person.RETENTION,
)


def chosen(names: tuple[str, ...]) -> tuple[Check, ...]:
    """Those of these names; all of them without any. Raises SetupError for a name that none has."""
    known = {each.name: each for each in EVERY}
    strange = [name for name in names if name not in known]
    if strange:
        raise SetupError(f"There is no check called {strange[0]}. There are: {', '.join(known)}.")
    return tuple(known[name] for name in known if not names or name in names)
