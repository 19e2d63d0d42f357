"""A real PostgreSQL that comes as a wheel, for the demo and the tests.

We start `initdb` and `postgres` ourselves. The wheel's own starter, as root, creates a user and opens every parent
folder to the world. Here nothing that was there is touched: as root, a copy of the programs and the data live in
a folder of our own under /var/lib and run as an unprivileged user that exists already.

The server is a child on a leash, not a daemon: it ends when the process that started it ends. That process holds
a lock on the cluster; another one that starts the same cluster meanwhile is a guest and uses the running server.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

import psycopg

from portal.db import embedded_place as places
from portal.db.leash import on_leash
from portal.errors import SetupError

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
START_SECONDS = 60.0
STOP_SECONDS = 20.0


class EmbeddedPostgres:
    """One cluster in one folder. `home` is where it is wanted; as root it lies under /var/lib instead.

    `durable=False` is for tests: quicker, and a power cut may lose data.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self._wanted = home
        self._durable = durable
        self._runner = places.runner()
        self._server: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._place: places.Place | None = None

    @property
    def url(self) -> str:
        """The address to connect to, over the Unix socket. Known once it was started."""
        return self._url("moothall")

    def start(self) -> None:
        """Make the cluster if there is none, and start it if it does not run. Raises SetupError."""
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise SetupError(
                f"The embedded PostgreSQL cannot run here ({error.strerror}: {error.filename})."
                " Run from a folder that you can write to, or set MOOTHALL_DATABASE_URL."
            ) from None
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server, if it is ours, and wait for it."""
        if self._server is not None:
            # SIGINT asks PostgreSQL for a "fast" end: open transactions are undone, nothing is lost.
            # SIGQUIT is the "immediate" one, repaired at the next start.
            for request, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
                self._server.send_signal(request)
                try:
                    self._server.wait(seconds)
                    break
                except subprocess.TimeoutExpired:
                    continue
            self._server = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def remove(self) -> None:
        """Stop the server and delete the cluster with all that is in it. Raises SetupError when another runs it."""
        if self._lock is None and self._wanted.exists():
            self._place = places.place_for(self._wanted, self._runner)
            if not self._take_lock():
                raise SetupError("The embedded PostgreSQL is in use by another process. Stop that one first.")
            self._end_orphan()
        if self._place is not None:
            self.stop()
            shutil.rmtree(self._place.sockets, ignore_errors=True)
            shutil.rmtree(self._place.home, ignore_errors=True)
        shutil.rmtree(self._wanted, ignore_errors=True)

    @property
    def _at(self) -> places.Place:
        if self._place is None:
            raise SetupError("The embedded PostgreSQL was not started.")
        return self._place

    def _start(self) -> None:
        self._wanted.mkdir(parents=True, exist_ok=True)
        self._place = places.place_for(self._wanted, self._runner)
        deadline = time.monotonic() + START_SECONDS
        while not self._take_lock():
            if self._answers():
                return  # a guest at another process's server
            if time.monotonic() > deadline:
                raise SetupError("Another process holds the embedded PostgreSQL and it does not answer.")
            time.sleep(0.1)
        programs = places.programs(self._runner)
        self._runner.own(self._at.sockets)
        if not self._at.data.exists():
            self._initialise(programs)
        self._refuse_other_version(programs)
        self._end_orphan()
        self._launch(programs, deadline)
        self._ensure_database()

    def _take_lock(self) -> bool:
        """Whether the cluster is ours now. The kernel lets go of the lock when we end, however we end."""
        path = self._at.home / "lock"
        while True:
            lock = path.open("a")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                return False
            if path.exists() and path.stat().st_ino == os.fstat(lock.fileno()).st_ino:
                self._lock = lock
                return True
            lock.close()  # `remove` deleted it under our hands

    def _initialise(self, programs: Path) -> None:
        # Beside the target and then renamed, so that a half-made cluster is never taken for a whole one. Under a new
        # name each time: a killed initdb may still be at work on the last.
        for abandoned in self._at.home.glob("partial-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        partial = Path(tempfile.mkdtemp(prefix="partial-", dir=self._at.home))
        self._runner.own(partial)
        command = [str(programs / "initdb"), "-D", str(partial), "-U", "moothall", "-E", "UTF8", "--no-instructions"]
        # PostgreSQL's own Unicode rules, so that sorting does not hang on the machine's locales.
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        # `trust` is safe: the socket lies in a folder that only the server's user can enter.
        command.append("--auth=trust")
        if not self._durable:
            command.append("--no-sync")
        with self._log("w") as log:
            done = self._spawn(command, log).wait()
        if done:
            raise SetupError(f"The embedded PostgreSQL could not be set up: {self._last_words()}")
        partial.rename(self._at.data)

    def _refuse_other_version(self, programs: Path) -> None:
        made_by = (self._at.data / "PG_VERSION").read_text().strip()
        answer = subprocess.run(  # noqa: S603  # our own program
            [programs / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        major = answer.stdout.split()[-1].split(".")[0]
        if made_by != major:
            raise SetupError(
                f"The demo's data was made by PostgreSQL {made_by}, and this is {major}."
                " Start over with `RESET=1 make demo`."
            )

    def _end_orphan(self) -> None:
        """End a server that outlived its owner; we hold the lock, so nobody else may run one."""
        note = self._at.data / "postmaster.pid"
        deadline = time.monotonic() + STOP_SECONDS
        request = signal.SIGINT
        while (pid := _server_of(note)) is not None:
            os.kill(pid, request)
            if time.monotonic() > deadline:
                request = signal.SIGQUIT
            time.sleep(0.1)
        # What is left is stale: its number may belong to another program since the machine was restarted.
        note.unlink(missing_ok=True)

    def _launch(self, programs: Path, deadline: float) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._at.sockets),
            "max_connections": "200",
            "shared_buffers": "128MB",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [str(programs / "postgres"), "-D", str(self._at.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self._log("w") as log:
            self._server = self._spawn(command, log)
        while not self._answers():
            if self._server.poll() is not None:
                words = self._last_words()
                if "still in use" not in words or time.monotonic() > deadline:
                    raise SetupError(f"The embedded PostgreSQL did not start: {words}")
                time.sleep(0.5)  # helpers of a killed server are on their way out
                with self._log("w") as log:
                    self._server = self._spawn(command, log)
            if time.monotonic() > deadline:
                raise SetupError(f"The embedded PostgreSQL did not start in time: {self._last_words()}")
            time.sleep(0.03)

    def _ensure_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = 'moothall'").fetchone():
                connection.execute("create database moothall")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def _url(self, database: str) -> str:
        return f"postgresql://moothall@/{database}?host={self._at.sockets}"

    def _spawn(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  # our own programs with our own arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT,
            user=self._runner.uid,
            group=self._runner.gid,
            extra_groups=[] if self._runner.uid is not None else None,
            start_new_session=True,  # Ctrl-C at the terminal is for us; we stop the server when its users are gone
            umask=0o077,
            preexec_fn=on_leash(signal.SIGINT),
        )

    def _log(self, mode: str) -> IO[bytes]:
        return open(self._at.home / "postgres.log", mode + "b")

    def _last_words(self) -> str:
        """What the log says last that matters."""
        path = self._at.home / "postgres.log"
        lines = [line.strip() for line in path.read_text(errors="replace").splitlines() if line.strip()]
        telling = [line for line in lines if "FATAL" in line or "error:" in line.lower()]
        return f"{(telling or lines or ['no reason given'])[-1]} (more in {path})"


def _server_of(note: Path) -> int | None:
    """The process that runs the cluster of this `postmaster.pid`, if it lives."""
    try:
        pid = int(note.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    if sys.platform != "linux":
        asked = subprocess.run(  # noqa: S603  # a fixed program and a number
            ["/bin/ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
        )
        return pid if str(note.parent) in asked.stdout else None
    try:
        # A server works inside its data folder; another program that has the number by now does not.
        return pid if Path(f"/proc/{pid}/cwd").readlink() == note.parent.resolve() else None
    except OSError:
        return None
