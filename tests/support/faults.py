"""Systems that we play, for tests: telling them to misbehave."""

from typing import Any

import requests

FAULTS = ("answers", "seconds")
"""What every stand-in can be told."""


def misbehave(url: str, **how: Any) -> None:  # JSON
    """Tell the stand-in at `url` how to behave; well, without more."""
    answer = requests.put(f"{url}/faults", json=how, timeout=10)
    assert answer.status_code == 200, answer.text


def split(how: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:  # JSON
    """What is said of faults, and what is for the stand-in's own `/control`."""
    faults = {name: value for name, value in how.items() if name in FAULTS}
    return faults, {name: value for name, value in how.items() if name != "answers"}
