"""Call a system because somebody at the desk wants to know, and never for longer than they can be expected to wait."""

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final, cast

from flask import Flask, current_app

from portal.db.session import release
from portal.errors import DomainError
from portal.web.fault_log import told
from portal.web.languages import current_language, using
from portal.web.languages import gettext as _

log = logging.getLogger(__name__)

WAITS: Final = 8.0
"""Seconds. Each client has a bound of its own; this one is for a check that makes several calls."""
AT_ONCE: Final = threading.BoundedSemaphore(4)
"""A thread cannot be stopped: a system that hangs keeps some at most."""


def ask(check: Callable[[], str], *, seconds: float = WAITS) -> str:
    """What is wrong with a system, as its check says it; empty when it is well. In a thread, with its own session."""
    release()
    if not AT_ONCE.acquire(blocking=False):
        return _("Others are being tried. Try again in a moment.")
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]  # of werkzeug's proxies
    answered: SimpleQueue[str] = SimpleQueue()
    language = current_language()

    def run() -> None:
        try:
            with app.app_context(), using(language):
                answered.put(_checked(check))
        finally:
            AT_ONCE.release()

    threading.Thread(target=run, name="trying an office", daemon=True).start()
    try:
        return answered.get(timeout=seconds)
    except Empty:
        return _("It has not answered within %(seconds)s seconds.", seconds=f"{seconds:g}")


def _checked(check: Callable[[], str]) -> str:
    try:
        return check()
    except DomainError as error:
        return str(error) or type(error).__name__
    except Exception as error:  # noqa: BLE001  # whatever a check raises says that it is not well
        log.warning("an office could not be tried: %s", told(error))
        return _("The check itself failed. The log says where.")
