"""Go through what is due, one after another, each committed by itself: for jobs that ask the gateway."""

import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Final

from portal import clock
from portal.db.session import session
from portal.errors import Unavailable
from portal.web.fault_log import told

log = logging.getLogger(__name__)

SECONDS: Final = 40.0
"""A sweep comes each minute, and ends before the next one."""
STUCK: Final = 3
"""So many in a row that find nobody there end a sweep: who is away is asked three times a minute, whatever waits."""


def sweep(next_due: Callable[[datetime], uuid.UUID | None], act: Callable[[uuid.UUID], object], *, what: str) -> None:
    """Call `act` with what `next_due` names until there is no more, the time is up, or nobody answers.

    `act` puts what it takes up off, first of all, and commits: else it would be due again at once. A fault of ours
    costs that one alone.
    """
    began, ends, stuck = clock.now(), time.monotonic() + SECONDS, 0
    while time.monotonic() < ends and stuck < STUCK:
        due = next_due(began)
        if due is None:
            return
        try:
            act(due)
        except Unavailable:
            session().rollback()
            stuck += 1
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one must not hold up the others
            session().rollback()
            log.error("%s %s failed: %s", what, due, told(error))
        else:
            session().commit()
            stuck = 0
