"""The provider's own migration history, so that it can live in a database of its own."""

from pathlib import Path

from portal.db.migrate import History
from portal.provider.factor_models import Passkey
from portal.provider.models import SCHEMA
from portal.provider.one_login_models import IdentityProof

TABLES = (Passkey, IdentityProof)
"""One of each file that builds on `models`. They share one metadata, which knows a table once its file was read."""
HISTORY = History(SCHEMA, Path(__file__).with_name("migrations"), TABLES[0].metadata)
