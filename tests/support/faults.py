"""Systems that we play, for tests: telling them to misbehave, and letting go of what they hold."""

from typing import Any

import requests
from flask import Flask

from portal.standins.faulty import EXTENSION

FAULTS = ("answers", "seconds")
"""What every stand-in can be told."""


def let_go(app: Flask) -> None:
    """Close its connections to what it was told."""
    app.extensions[EXTENSION].engine.dispose()


def misbehave(url: str, **how: Any) -> None:  # JSON
    """Tell the stand-in at `url` how to behave; well, without more."""
    answer = requests.put(f"{url}/faults", json=how, timeout=10)
    assert answer.status_code == 200, answer.text


def split(how: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:  # JSON
    """What is said of faults, and what is for the stand-in's own `/control`."""
    faults = {name: value for name, value in how.items() if name in FAULTS}
    return faults, {name: value for name, value in how.items() if name != "answers"}
