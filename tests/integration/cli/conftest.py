"""The demo as a process of its own, in a copy of this tree so that nobody's running demo is touched."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PARTS = ("portal", "services", "migrations")
SECONDS = 90.0


def free_port() -> int:
    """A port that is free on both loopback addresses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family_of(pid: int) -> set[int]:
    """The process, its children and theirs."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found, fresh = {pid}, {pid}
    while fresh := {child for child, parent in parents.items() if parent in fresh} - found:
        found |= fresh
    return found


def alive(pids: set[int]) -> set[int]:
    """Those that still run. What waits to be reaped does not."""

    def runs(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    return {pid for pid in pids if runs(pid)}


def wait_until(what: Callable[[], object], seconds: float = SECONDS) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.05)
    return False


class Demo:
    """One run of `moothall demo`."""

    def __init__(self, folder: Path, port: int, **environment: str) -> None:
        self.folder, self.port = folder, port
        self.log = folder / f"demo-{time.monotonic_ns()}.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOOTHALL_", "MAKE"))}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.cli.main", "demo"],
                cwd=folder,
                env=kept | {"PYTHONPATH": str(folder), "PORT": str(port)} | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.members: set[int] = set()

    @property
    def said(self) -> str:
        """All that it printed."""
        return self.log.read_text()

    def status_of_front(self) -> int | None:
        """What GET / answers, if anything does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def ready(self) -> "Demo":
        """Wait for the welcome."""
        done = wait_until(lambda: "Moothall is ready" in self.said or self.process.poll() is not None)
        assert done, self.said
        assert "Moothall is ready" in self.said, self.said
        self.members = family_of(self.process.pid)
        return self

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to end, as Ctrl-C does, and wait."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def fails(self) -> str:
        """Wait for it to refuse; what it said."""
        assert self.process.wait(SECONDS) == 1, self.said
        assert "Traceback" not in self.said
        return self.said


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the product in a folder with a long name and spaces in it."""
    folder = tmp_path_factory.mktemp("clone") / f"a folder with spaces {'x' * 80}"
    folder.mkdir()
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    yield folder
    with contextlib.suppress(OSError):
        place = Path((folder / "var" / "postgres" / "place").read_text())
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def run_demo(tree: Path) -> Iterator[Callable[..., Demo]]:
    """Start demos; what is left of them is ended by process id."""
    started: list[Demo] = []

    def start(port: int | None = None, **environment: str) -> Demo:
        started.append(Demo(tree, port or free_port(), **environment))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                each.process.wait(20)
        for pid in alive(each.members):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait(10)
