"""Make `.venv` as the locks say, then hand over. Run by the machine's own Python: standard library only.

Written so that every Python 3 can read it, because an old one has to be told that it is old. Nothing is done when
the stamp in `.venv` says that it was made from these very files by this very Python at this very place.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # run by whatever Python the machine has
    sys.stderr.write(
        "Moothall needs Python 3.11 or newer, and {} is {}.{}. Install a newer one beside it, then try again.\n".format(
            sys.executable or "python3", *sys.version_info[:2]
        )
    )
    sys.exit(1)

import fcntl
import hashlib
import importlib.util
import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "moothall.json"
LOG = VENV / "install.log"
LOCKS = {"demo": ROOT / "requirements.lock", "test": ROOT / "tests" / "requirements.lock"}
UNREACHABLE = ("NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError", "Retrying (Retry(")


class CannotInstall(Exception):
    """One sentence, without a trace."""


def main(habit: str) -> None:
    """Make sure that `.venv` is current, then become the habit's own process."""
    kind = "demo" if habit == "demo" else "test"
    try:
        os.chdir(ROOT)
        with_lock(kind, habit)
    except CannotInstall as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"The virtual environment in {VENV} cannot be made: {error.strerror} ({error.filename}).")
    except KeyboardInterrupt:
        sys.exit(130)
    program = [str(VENV / "bin" / "python"), "-m", "portal.cli.habits", habit]
    if habit == "demo":
        program = [str(VENV / "bin" / "moothall"), "demo"]
    os.execv(program[0], program)  # noqa: S606  # our own program, in this very process: signals reach it


def with_lock(kind: str, habit: str) -> None:
    """Bring `.venv` up to date, one process at a time."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        before = read_stamp()
        if before.get(kind) != fingerprint(kind):
            install(kind, before, habit)
    finally:
        os.close(folder)


def install(kind: str, before: "dict[str, str]", habit: str) -> None:
    """Install what the lock says. Without a good stamp the environment is made anew: it may be half a one."""
    sys.stdout.write("Installing into .venv, which takes about a minute the first time…\n")
    sys.stdout.flush()
    STAMP.unlink(missing_ok=True)
    if before.get("place") != place():
        for module in ("venv", "ensurepip"):
            if importlib.util.find_spec(module) is None:
                raise CannotInstall(
                    f"This Python ({sys.executable}) has no `{module}` module. "
                    f"On Debian and Ubuntu `apt-get install python3-venv` adds it; then run `make {habit}` again."
                )
        # The interpreter outside any environment, since the environment that may be running us is about to go.
        outside = getattr(sys, "_base_executable", sys.executable)
        run([outside, "-I", "-m", "venv", "--clear", str(VENV)], habit)
        before = {}
    pip = [str(VENV / "bin" / "python"), "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    # Wheels only: building from source needs a compiler, runs strangers' code and fails with a page of noise. The lock
    # is whole but for what `lock` leaves out on purpose, so pip looks for nothing beside it.
    locked = ["--only-binary", ":all:", "--require-hashes", "--no-deps", "-r", str(LOCKS[kind])]
    run([*pip, "--retries", "2", *locked], habit)
    run([*pip, "--no-deps", "--no-build-isolation", "--no-index", "-e", "."], habit)
    stamp = {"place": place(), kind: fingerprint(kind)}
    if kind == "test":  # its lock holds everything that the demo's does
        stamp["demo"] = fingerprint("demo")
    STAMP.write_text(json.dumps(before | stamp))


def run(command: "list[str]", habit: str) -> None:
    """Run one step, its noise kept in a file. Raises CannotInstall with the line that matters."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    environment |= {"PIP_USER": "0", "PIP_DEFAULT_TIMEOUT": os.environ.get("PIP_DEFAULT_TIMEOUT", "15")}
    VENV.mkdir(exist_ok=True)
    done = subprocess.run(  # noqa: S603  # our own command
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
        check=False,
    )
    if VENV.exists():
        with LOG.open("a") as log:
            log.write(done.stdout)
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith(("ERROR:", "Error:"))]
        reason = (errors or lines or ["no reason given"])[-1].removeprefix("ERROR: ")
        what = "The packages could not be installed"
        if any(sign in done.stdout for sign in UNREACHABLE):
            what = "The package registry could not be reached"
        raise CannotInstall(
            f"{what}: {reason.rstrip('.')}. Mend that (all of it is in {LOG}), then run `make {habit}` again."
        )


def read_stamp() -> "dict[str, str]":
    """What `.venv` was made from; empty when it is unknown or the environment does not work."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    works = stamp.get("place") == place() and os.access(VENV / "bin" / "moothall", os.X_OK)
    return stamp if works else {}


def place() -> str:
    """Scripts in an environment hold its path, and its packages fit one Python."""
    return f"{VENV} {sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"


def fingerprint(kind: str) -> str:
    """A digest of all that decides what is installed."""
    digest = hashlib.sha256()
    for path in (LOCKS[kind], ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main(sys.argv[1])
