"""What `make test`, `make check` and the others run, inside `.venv`."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from portal.cli.browser import find_browser
from portal.errors import SetupError

ROOT = Path(__file__).resolve().parents[2]
PYTEST = ("-m", "pytest")
# In the order of tests/support/fixtures.py: xdist's own goes by the number of tests alone.
IN_PARALLEL = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
CHECKS = {
    # The slowest first: two run at a time.
    "types": ("-m", "mypy"),
    "unit and contract tests": (*PYTEST, "-q", "tests/contracts", "tests/unit"),
    "floors": ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
    "format": ("-m", "ruff", "format", "--check", "--quiet", "."),
    "lint": ("-m", "ruff", "check", "--quiet", "."),
}


def test() -> int:
    """Everything but load: first what needs no browser, then the journeys, whose demos have the machine alone."""
    browser = find_browser()  # first of all: without one, nobody should wait for the rest to hear of it
    folders = _journey_folders()
    rest = [f"--ignore={folder}" for folder in folders]
    side_by_side = _python(*PYTEST, "-q", *IN_PARALLEL, *rest)
    return max(side_by_side, _python(*PYTEST, "-q", *IN_PARALLEL, *folders, environment=browser))


def check() -> int:
    """Format, lint, floors, types, unit and contract tests, two at a time, each with the time it took."""
    begun, failed = time.monotonic(), []
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(_timed, name, command) for name, command in CHECKS.items()]
        for done in as_completed(running):
            name, status, seconds, words = done.result()
            print(f"{'bad ' if status else 'good'}  {seconds:5.1f} s  {name}", flush=True)
            if status:
                failed.append(name)
                print(words, flush=True)
    print(f"{'Failed: ' + ', '.join(failed) if failed else 'All good'} in {time.monotonic() - begun:.0f} s.")
    return 1 if failed else 0


def journeys() -> int:
    """Whole stories in Chromium."""
    return _python(*PYTEST, *IN_PARALLEL, *_journey_folders(), environment=find_browser())


def _journey_folders() -> list[str]:
    return ["tests/journeys", *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("services/*/tests/journeys")))]


def load() -> int:
    """Every bounded load, fault and growth run, one after the other."""
    modules = sorted(path.stem for path in (ROOT / "tests" / "load").glob("[a-z]*.py"))
    return max((_python("-m", f"tests.load.{module}") for module in modules), default=0)


def lock() -> int:
    """Write both locks anew from pyproject.toml: every platform, every hash. Needs `uv`, which is fetched for this."""
    status = _python("-m", "pip", "install", "--quiet", "--target", "var/uv", "--upgrade", "uv")
    compile_ = (
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--upgrade",
        # Of Notify's client it serves a command of its own that we do not install, and there is no wheel of it.
        "--no-emit-package",
        "docopt",
    )
    wanted = (("requirements.lock", ()), ("tests/requirements.lock", ("--group", "pyproject.toml:test")))
    for path, more in wanted:
        command = ["var/uv/bin/uv", *compile_, "--no-header", "pyproject.toml", *more, "-o", path]
        status = status or subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603  # our own command
    return status


HABITS: dict[str, Callable[[], int]] = {
    "test": test,
    "check": check,
    "journeys": journeys,
    "load": load,
    "lock": lock,
}


def _python(*arguments: str, environment: dict[str, str] | None = None) -> int:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=_environment() | (environment or {}), check=False)  # noqa: S603  # our own
    return done.returncode


def _environment() -> dict[str, str]:
    """Ours, but Python keeps what it compiles: tests start the portal in processes of their own, from nothing."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _timed(name: str, command: Sequence[str]) -> tuple[str, int, float, str]:
    begun = time.monotonic()
    done = subprocess.run(  # noqa: S603  # our own commands
        [sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return name, done.returncode, time.monotonic() - begun, done.stdout


if __name__ == "__main__":
    try:
        sys.exit(HABITS[sys.argv[1]]())
    except SetupError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
