"""The whole portal on this machine, for as long as somebody looks at it."""

import contextlib
import fcntl
import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO

import click

from portal.cli import demo_data
from portal.cli.database import upgrade_all
from portal.cli.demo_environment import FOLDER, ROOT, demo_environment
from portal.cli.demo_people import PEOPLE
from portal.cli.demo_reset import forget_everything
from portal.cli.demo_staff import COLLEAGUES
from portal.cli.family import Family
from portal.cli.ports import listen, read_port, read_yes
from portal.cli.serving import gunicorn_command
from portal.db.embedded import EmbeddedPostgres
from portal.db.leash import follow_parent
from portal.errors import SetupError
from portal.settings.reading import load_settings

FIRST_PAGE_SECONDS = 90.0
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(BaseException):
    """Somebody asked us to end. Not an Exception: nothing on the way may take it for a failure."""


@click.command()
@click.option("--port", default="", envvar="PORT", help="The port to serve on.  [default: 8000; also PORT=…]")
@click.option("--reset", is_flag=True, help="Start over (also RESET=1).")
def demo(port: str, reset: bool) -> None:
    """Run the whole portal here with invented people, until Ctrl-C.

    Starts an embedded PostgreSQL under var/, or uses the server that MOOTHALL_DATABASE_URL names; a web server and a
    job worker. Everything that it starts ends with it.
    """
    wanted = read_port(port)
    reset = read_yes("RESET", os.environ.get("RESET", "")) or reset
    if "MAKELEVEL" in os.environ:
        follow_parent(signal.SIGTERM)  # killed make, ended demo
    try:
        os.chdir(ROOT)
        FOLDER.mkdir(exist_ok=True)
    except OSError as error:
        raise SetupError(f"The demo keeps its data in {FOLDER}, which cannot be made ({error.strerror}).") from None
    family = Family(FOLDER / "log")
    with _only_one() as running, contextlib.suppress(Ended), _endings():
        _run(wanted, reset, family, running)


def _run(port: int, reset: bool, family: Family, running: IO[str]) -> None:
    """Start everything in order and watch it; whatever happens, end everything in the opposite order."""
    sockets = listen(port)
    named = os.environ.get("MOOTHALL_DATABASE_URL", "")
    if reset:
        forget_everything(FOLDER, named)
    load_settings(demo_environment(port, named or "postgresql:///checked-later"))
    server = None if named else EmbeddedPostgres(FOLDER / "postgres")
    try:
        if server is not None:
            server.start()
        environment = demo_environment(port, named or (server.url if server else ""))
        os.environ.update(environment)
        _note(running, port, named)
        upgrade_all(environment["MOOTHALL_DATABASE_URL"])
        settings = load_settings()
        demo_data.load(settings)
        handed = [each.fileno() for each in sockets]
        binds = [f"fd://{number}" for number in handed]
        # Loaded once, before the workers part: two workers that load side by side take twice as long on two cores.
        web = gunicorn_command("portal", binds, workers=2, threads=16, grace=4, more=["--preload"])
        family.start("web server", web, environment, pass_fds=handed)
        for each in sockets:
            each.close()
        worker = [sys.executable, "-m", "portal.cli.main", "worker", "--grace", "4"]
        # When we are killed, PostgreSQL goes at the same moment, and a worker that ends in good order would wait for
        # it for half a minute. A job that was cut off is done again.
        family.start("job worker", worker, environment, orphaned=signal.SIGKILL)
        _wait_for_first_page(port, family)
        _say(_welcome(settings.public_url))
        while (sentence := family.obituary()) is None:
            time.sleep(0.25)
        raise SetupError(sentence)
    finally:
        for number in ENDINGS:
            signal.signal(number, lambda *_: setattr(family, "hurry", True))
        family.end()
        if server is not None:
            server.stop()
        _say("Stopped.")


@contextlib.contextmanager
def _only_one() -> Iterator[IO[str]]:
    """Hold the folder's demo. The kernel lets go when we end, however we end."""
    path = FOLDER / "demo.json"
    with path.open("a+") as note:
        try:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(_already(path)) from None
        yield note


def _already(path: Path) -> str:
    try:
        running = json.loads(path.read_text())
        where = f" at http://localhost:{int(running['port'])} (process {int(running['process'])})"
    except (OSError, ValueError, KeyError, TypeError):
        where = ""  # it has only just begun
    return f"The demo of this folder runs already{where}. Use that one, or stop it with Ctrl-C first."


def _note(running: IO[str], port: int, named: str) -> None:
    """Write down where we are, for a second start and for other commands. `named` is empty for the embedded server."""
    running.seek(0)
    running.truncate()
    json.dump({"port": port, "process": os.getpid(), "database_url": named}, running)
    running.flush()


@contextlib.contextmanager
def _endings() -> Iterator[None]:
    """Ctrl-C, a request to terminate and a closed terminal all end the demo in order."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Ended

    before = [signal.signal(number, end) for number in ENDINGS]
    try:
        yield
    finally:
        for number, handler in zip(ENDINGS, before, strict=True):
            signal.signal(number, handler)


def _wait_for_first_page(port: int, family: Family) -> None:
    """Wait until the portal's first page is there. Raises SetupError when it will not come."""
    deadline, answer = time.monotonic() + FIRST_PAGE_SECONDS, "nothing"
    while time.monotonic() < deadline:
        if sentence := family.obituary():
            raise SetupError(sentence)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
            answer = str(connection.getresponse().status)
            if answer == "200":
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    raise SetupError(f"The first page did not come: the portal answered {answer}. See {FOLDER / 'log'}.")


def _welcome(address: str) -> str:
    width = max(len(person.name) for person in PEOPLE)
    lines = [f"  {person.name.ljust(width)}   {person.note}" for person in PEOPLE]
    return "\n".join(
        [
            "",
            f"  Moothall is ready:  {address}",
            "",
            "  Sign in with one click as:",
            *lines,
            "",
            f"  For staff there is {address}/desk:",
            *[f"  {each.given_name} {each.family_name}   {each.note}" for each in COLLEAGUES],
            "",
            f"  Logs are in {FOLDER / 'log'}. Ctrl-C stops everything; RESET=1 make demo starts over.",
            "",
        ]
    )


def _say(text: str) -> None:
    """Print, unless the terminal is gone."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
