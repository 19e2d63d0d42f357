"""The provider's own migration history, so that it can live in a database of its own."""

from pathlib import Path

from portal.db.migrate import History
from portal.provider.factor_models import Passkey
from portal.provider.models import SCHEMA

# One metadata for all; it is asked of the file that builds on the other, so that both have been read.
HISTORY = History(SCHEMA, Path(__file__).with_name("migrations"), Passkey.metadata)
