"""The API as the manifest names it: its pages add themselves to the blueprint when they are imported."""

from typing import Final

from portal.kit import Mount
from services.reporting.views.open311 import posting, reading, updates
from services.reporting.views.open311.blueprint import PATH, bp, refuse

PAGES: Final = (posting, reading, updates)
MOUNT: Final = Mount(path=PATH, blueprint=bp, refuse=refuse)
