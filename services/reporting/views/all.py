"""Every page of reporting, so that the manifest has one name to import.

Each page's module adds itself to the blueprint when it is imported: add yours to both lists.
"""

from services.reporting.views import (
    asking,
    guest,
    map_data,
    nearby,
    reports,
    sending,
    what,
    where,
)

__all__ = [
    "asking",
    "guest",
    "map_data",
    "nearby",
    "reports",
    "sending",
    "what",
    "where",
]
