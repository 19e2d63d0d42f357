"""Residents at their browsers, beside a test that holds a context of the application open."""

import contextvars
from functools import wraps
from typing import Any

from flask import Flask

from tests.support.residents import Resident
from tests.support.residents import resident as at_a_browser


def resident(app: Flask, name: str) -> Resident:
    """Somebody signed in, whose requests have a context of their own as in life: what one page of somebody's has kept
    there, such as its token, is nobody else's."""
    found = at_a_browser(app, name)
    send = found.client.open

    @wraps(send)
    def apart(*args: Any, **kwargs: Any) -> Any:  # whatever the test client takes and gives
        return contextvars.Context().run(send, *args, **kwargs)

    found.client.open = apart  # type: ignore[method-assign]  # for this one browser
    return found
