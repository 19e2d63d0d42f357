"""The processes that the demo starts, and how they end: in the opposite order, and never later than we do."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.db.leash import on_leash

GRACE_SECONDS = 6.0
SETUP_MARK = "Setup: "
"""Begins the line in a child's log that says what is wrong with the installation."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process with its own group. `name` is how a sentence calls it."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


class Family:
    """Starts children, watches them, ends them."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []
        self.hurry = False
        """Set by a second Ctrl-C: nobody is waited for any more."""

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        pass_fds: Sequence[int] = (),
        orphaned: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Start a child. Each has a session of its own, so that Ctrl-C reaches us alone and we end them in order.

        `orphaned` is what the kernel sends it when we are killed.
        """
        self._logs.mkdir(exist_ok=True)
        path = self._logs / f"{name.replace(' ', '-')}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  # our own commands
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                pass_fds=tuple(pass_fds),
                start_new_session=True,
                preexec_fn=on_leash(orphaned),
            )
        self._children.append(Child(name, process, path))

    def obituary(self) -> str | None:
        """A sentence on the first child that has ended, if one has."""
        for child in self._children:
            status = child.process.poll()
            if status is not None:
                return (
                    f"The {child.name} ended by itself ({_how(status)}): {_last_line(child.log)} (more in {child.log})"
                )
        return None

    def end(self) -> None:
        """End every child, the youngest first, with a while to finish what it is doing."""
        for child in reversed(self._children):
            with contextlib.suppress(ProcessLookupError):
                child.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in reversed(self._children):
            while child.process.poll() is None and time.monotonic() < deadline and not self.hurry:
                time.sleep(0.02)
            # Its own children too, should it have left any; none of them is in another group.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
        self._children.clear()


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def _last_line(log: Path) -> str:
    with contextlib.suppress(OSError):
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        said = [line.removeprefix(SETUP_MARK) for line in lines if line.startswith(SETUP_MARK)]
        if said or lines:
            return (said or lines)[-1][-300:]
    return "no reason given"
