"""The portal's settings, told to lead to whoever plays the council's system."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from flask import Flask, current_app
from pydantic import SecretStr

from services.council_tax.settings import CouncilTaxSettings
from tests.support.office import not_met_yet

SETTINGS: Final = "moothall.settings.council_tax"


@contextmanager
def connected_to(app: Flask, url: str, token: str = "t" * 20, **more: Any) -> Iterator[None]:  # further settings
    """In this block `url` is the council's system, which this process has not met before."""
    before = app.extensions[SETTINGS]
    told: dict[str, Any] = {"url": url, "token": SecretStr(token), **more}
    app.extensions[SETTINGS] = CouncilTaxSettings(**told)
    not_met_yet(app)
    try:
        yield
    finally:
        app.extensions[SETTINGS] = before
        not_met_yet(app)


def in_another_process() -> None:
    """From now on as in another process: no breaker is open."""
    not_met_yet(current_app)
