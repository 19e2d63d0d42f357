"""Programs that post reports until each is acknowledged, whatever becomes of those who answer."""

import os
import time
from pathlib import Path
from typing import Final, NoReturn

import requests

PATIENCE: Final = 600.0
"""Seconds that a program tries on with one report."""
WORDS: Final = "The lamp at number {0} of the row is out. Reported by program {1}."


def post_all(url: str, key: str, share: range, notes: Path) -> NoReturn:
    """Post each report of a share, and write down what was acknowledged: its number and the id that was given.

    Every second one goes by its own words alone, as clients do that know no idempotency key.
    """
    with requests.Session() as web, notes.open("a", buffering=1) as noted:
        for number in share:
            noted.write(f"{number} {_posted(web, url, key, number)}\n")
    os._exit(0)


def _posted(web: requests.Session, url: str, key: str, number: int) -> str:
    """The id that a report was given at last."""
    fields = {
        "api_key": key,
        "service_code": "street_light",
        "lat": f"{51.49 + number % 100 * 0.00001:.5f}",
        "long": f"{-0.23 + number % 97 * 0.00001:.5f}",
        "description": WORDS.format(number, os.getpid()),
        "attribute[fault]": "out",
    }
    headers = {"Idempotency-Key": f"post-{number}"} if number % 2 else {}
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        try:
            answer = web.post(f"{url}/open311/v2/requests.json", data=fields, headers=headers, timeout=10)
            if answer.status_code == 200:
                return str(answer.json()[0]["service_request_id"])
            if answer.status_code < 500 and answer.status_code != 429:
                raise SystemExit(f"refused: {answer.status_code} {answer.text[:300]}")
        except (requests.RequestException, ValueError):
            pass  # killed in the middle of it, away, or not there yet
        time.sleep(0.2)
    raise SystemExit(f"report {number} was never acknowledged")
