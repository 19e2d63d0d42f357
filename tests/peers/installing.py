"""Software of others that the tests meet, in the versions of its lock, under `var/peers`. Never part of Moothall.

Each stands in a folder named for its lock, so that a changed lock is a new folder. What cannot be installed fails the
tests that need it, with the installer's own last line.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KEPT = ROOT / "var" / "peers"


class CannotInstall(Exception):
    """A peer is missing, and why."""


def node_folder() -> Path:
    """A folder with `node_modules` as the lock says, beside which our scripts are found."""
    return _made("node", HERE / "node" / "package-lock.json", _install_node)


def canaille_python() -> Path:
    """The Python of an environment with canaille in it: its pins need not be ours."""
    return _python_of("canaille")


def idpyoidc_python() -> Path:
    """The same for idpyoidc."""
    return _python_of("idpyoidc")


def georeport_python() -> Path:
    """The same for georeport, a client of Open311."""
    return _python_of("georeport")


def _python_of(name: str) -> Path:
    return _made(name, HERE / name / "requirements.lock", _install_python) / "bin" / "python"


def apache_folder() -> Path:
    """A folder with Apache and mod_auth_openidc in it, unpacked from Debian's packages and not installed."""
    return _made("apache", HERE / "apache" / "packages.txt", _unpack_debian)


def _made(name: str, lock: Path, install: Callable[[Path, Path], None]) -> Path:
    # Of one Python and one folder: an environment knows its own path.
    made_from = lock.read_bytes() + sys.version.encode() + str(ROOT).encode()
    folder = KEPT / f"{name}-{hashlib.sha256(made_from).hexdigest()[:12]}"
    if not (folder / "whole").exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(KEPT / f"{name}.lock"):
            if not (folder / "whole").exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                install(folder, lock)
                (folder / "whole").touch()
    return folder


def _install_node(folder: Path, lock: Path) -> None:
    if shutil.which("npm") is None:
        raise CannotInstall("npm is missing: the tests against certified peers need Node.js 20 or newer.")
    for name in ("package.json", lock.name):
        shutil.copy(lock.with_name(name), folder)
    _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", at=folder)


def _install_python(folder: Path, lock: Path) -> None:
    _run(sys.executable, "-m", "venv", str(folder), at=folder)
    pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, "--only-binary", ":all:", "--require-hashes", "-r", str(lock), at=folder)


def _unpack_debian(folder: Path, lock: Path) -> None:
    if shutil.which("apt-get") is None:
        raise CannotInstall("The test against mod_auth_openidc unpacks Debian's packages, and apt-get is missing.")
    packages = lock.read_text().split()
    try:
        _run("apt-get", "download", "-qq", *packages, at=folder)
    except CannotInstall:
        _run("apt-get", "update", "-qq", at=folder)  # a machine without lists of packages
        _run("apt-get", "download", "-qq", *packages, at=folder)
    for archive in sorted(folder.glob("*.deb")):
        _run("dpkg-deb", "--extract", archive.name, ".", at=folder)


def _run(*command: str, at: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        command, cwd=at, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise CannotInstall(f"{' '.join(command[:4])}: {done.stdout.strip().splitlines()[-1:] or 'no reason given'}")


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Two test processes may want the same peer at once."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
