"""The provider's own migration history, so that it can live in a database of its own."""

from pathlib import Path

from portal.db.migrate import History
from portal.provider.models import SCHEMA, Base

HISTORY = History(SCHEMA, Path(__file__).with_name("migrations"), Base.metadata)
