"""Every page of reporting, so that the manifest has one name to import.

Each page's module adds itself to the blueprint when it is imported: add yours to both lists.
"""

from services.reporting.views import (
    alerts,
    asking,
    following,
    follows,
    guest,
    letters,
    map_data,
    nearby,
    public,
    public_feed,
    public_map,
    reports,
    sending,
    what,
    where,
)

__all__ = [
    "alerts",
    "asking",
    "following",
    "follows",
    "guest",
    "letters",
    "map_data",
    "nearby",
    "public",
    "public_feed",
    "public_map",
    "reports",
    "sending",
    "what",
    "where",
]
