"""What the log says of a fault: where it was and of what kind. Never its words, and never the address asked for.

An error's own words quote what a resident typed (a value that cannot be read, a row that breaks a constraint), and an
address may hold a token that still opens something.
"""

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Final

from flask import Flask, request

from portal.web.request_ids import request_id
from portal.web.state import web_state

log = logging.getLogger(__name__)

LONGEST_CHAIN: Final = 8


def install(app: Flask) -> None:
    """Have `app` log its faults this way."""
    app.log_exception = _log  # type: ignore[method-assign]  # Flask's documented place for this


def told(error: BaseException) -> str:
    """The places and kinds of an error and of those it came from, the first one first, as tracebacks have them."""
    # In the demo everything is invented, and who writes a service there wants to read the words.
    words = web_state().settings.demo
    return "\n".join(
        "".join(traceback.format_tb(each.__traceback__))
        + f"{type(each).__module__}.{type(each).__qualname__}"
        + (f": {each}" if words else "")
        for each in reversed(list(_chain(error)))
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(LONGEST_CHAIN):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _log(exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
    error = exc_info[1]
    log.error("Fault in %s: reference %s\n%s", request.endpoint, request_id(), told(error) if error else "")
