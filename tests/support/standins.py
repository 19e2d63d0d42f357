"""Which settings the demo fills in to lead a service to its stand-in."""

from collections.abc import Mapping

from portal.registry.discovery import discover
from portal.registry.standins import environment_for


def settings_in_the_demo(slug: str) -> Mapping[str, str]:
    """The variables of one service, where nothing else is set."""
    found = [each for each in discover() if each.slug == slug]
    return environment_for(found, "http://localhost:8000", {}, lambda name: name)
