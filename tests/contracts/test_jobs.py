"""Whoever makes the application knows every job there is: one that nobody imports is never done."""

import re
import subprocess
import sys
from pathlib import Path

import portal

NAMED = re.compile(r'^@job\("([a-z_.]+)"', re.MULTILINE)
KNOWN = "import portal.app; from portal.jobs.queue import _registered; print(*_registered)"


def test_every_job_of_the_portal_is_known_to_the_worker() -> None:
    written = {
        name
        for each in Path(*portal.__path__).rglob("*.py")
        for name in NAMED.findall(each.read_text(encoding="utf-8"))
    }
    # In a process of its own: other tests have imported much more than a worker does.
    known = subprocess.run([sys.executable, "-c", KNOWN], check=True, capture_output=True, text=True).stdout.split()
    assert written - set(known) == set()
    assert len(written) > 20
