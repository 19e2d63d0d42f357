"""Have a file decoded or opened and written anew in a process of its own."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from portal.files.headers import PDF
from portal.files.values import REASONS, Unfit

PROGRAM: Final = Path(__file__).parent / "confined.py"
SECONDS: Final = 60
REFUSED: Final = 3
# Somebody ended the child from outside: the file may be sound, so the job is tried again.
_FROM_OUTSIDE: Final = frozenset((-signal.SIGTERM, -signal.SIGKILL, -signal.SIGINT, -signal.SIGHUP))


def clean_apart(raw: bytes, media_type: str) -> bytes:
    """A photo as `picture.clean` makes it, a PDF as `pdf.clean` does.

    Raises Unfit; RuntimeError when it is worth another try.
    """
    return _written_anew(raw, ["pdf"], "broken_pdf") if media_type == PDF else _written_anew(raw, ["picture"], "broken")


def cover_apart(photo: bytes, parts: Sequence[str]) -> bytes:
    """A photo of ours with some parts painted over, as `picture.cover` has them. Raises as `clean_apart`."""
    return _written_anew(photo, ["picture", *parts], "broken")


def _written_anew(raw: bytes, how: Sequence[str], broken: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  # our own program; what strangers sent goes in as data
            [sys.executable, "-I", str(PROGRAM), *how],
            input=raw,
            capture_output=True,
            timeout=SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unfit(broken) from None
    if done.returncode == 0 and done.stdout:
        return done.stdout
    if done.returncode in _FROM_OUTSIDE:
        raise RuntimeError(f"the decoder was ended by signal {-done.returncode}")
    reason = done.stderr.decode("ascii", "replace").strip()
    if done.returncode == REFUSED and reason in REASONS:
        raise Unfit(reason)
    if done.returncode > 0:
        raise RuntimeError(f"the decoder did not run: status {done.returncode}")
    raise Unfit(broken)  # it crashed or ran out of time over this very file
