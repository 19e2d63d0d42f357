"""Find a Chromium and start it. Nothing is left out silently: no browser is a failure that says what to do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = (
    "This needs Chromium, and none was found. Install the system's `chromium`, or run"
    " `.venv/bin/playwright install chromium`, or name one with MOOTHALL_CHROMIUM=/path/to/chromium."
)


class NoBrowser(Exception):
    """There is no browser to look with."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for as long as the block lasts. Raises NoBrowser."""
    with sync_playwright() as playwright:
        found = find_chromium()
        sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium refuses to sandbox itself as root
        try:
            browser = playwright.chromium.launch(executable_path=found, args=[*QUIET, *sandbox])
        except Error as error:
            raise NoBrowser(f"{MISSING} ({error.message.splitlines()[0]})") from None
        try:
            yield browser
        finally:
            browser.close()


def find_chromium() -> str | None:
    """The program to start; None means the one that Playwright has installed."""
    named = os.environ.get("MOOTHALL_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise NoBrowser(f"MOOTHALL_CHROMIUM names {named}, which is not a program.")
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)
