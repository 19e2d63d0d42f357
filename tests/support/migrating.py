"""A service's history there and back, for the tests of a service."""

from portal.db.migrate import behind, downgrade, upgrade
from portal.registry.discovery import discover
from portal.registry.histories import histories


def goes_down_and_up(database_url: str, slug: str) -> bool:
    """Whether the tables of a service can be taken away and made again; what was in them is lost."""
    (history,) = [each for each in histories(discover()) if each.schema == slug]
    downgrade(database_url, history, "base")
    was_gone = behind(database_url, [history]) == [slug]
    upgrade(database_url, [history])
    return was_gone and behind(database_url, [history]) == []
