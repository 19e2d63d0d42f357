"""One line for each event, on standard error."""

import logging


def write_logs(level: int = logging.INFO) -> None:
    """Log from here on. Ids only: what a person typed is never logged."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("alembic", "urllib3", "procrastinate.periodic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
