"""A Chromium for the journeys: one that is there, or else one that can be installed."""

import os
import shutil
import subprocess
import sys

from portal.errors import SetupError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "MOOTHALL_TEST_BROWSER"
"""Where the journeys find the program; unset when Playwright's own is to be used."""


def find_browser() -> dict[str, str]:
    """The environment that tells the journeys which browser to use. Raises SetupError when none can be had."""
    if program := _installed():
        return {VARIABLE: program}
    if _of_playwright():
        return {}
    print("No Chromium is here: installing one for the journeys…", flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _quiet("apt-get", "update")
        _quiet("apt-get", "install", "-y", "--no-install-recommends", "chromium")
        if program := _installed():
            return {VARIABLE: program}
    _quiet(sys.executable, "-m", "playwright", "install", "chromium")
    if _of_playwright():
        return {}
    raise SetupError(
        "The journeys need Chromium, and none could be installed. Install it with your system's packages"
        f" (Debian: `apt-get install chromium`), or name one in {VARIABLE}."
    )


def _installed() -> str | None:
    """The first browser that runs; on some systems the name is only a stub that asks for another installer."""
    for name in (os.environ.get(VARIABLE, ""), *NAMES):
        program = shutil.which(name) if name else None
        if program and _quiet(program, "--version"):
            return program
    return None


def _of_playwright() -> bool:
    asked = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    command = [sys.executable, "-c", asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own text
    return done.returncode == 0 and os.access(done.stdout.strip(), os.X_OK)


def _quiet(*command: str) -> bool:
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, capture_output=True, env=os.environ | quiet, check=False)  # noqa: S603  # fixed commands
    return done.returncode == 0
