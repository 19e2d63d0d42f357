"""What passwords cost: sign-ins for each processor, and other pages while fifty wrong passwords arrive at once.

    .venv/bin/python -m tests.load.password_burst [rounds] [threads]

The provider runs as `moothall provider serve` runs it, on a PostgreSQL of its own. Quiet and burst take turns in one
run, since absolute times drift on shared cores; the clients share those cores too, which makes the figures worse than
they are. Each wrong password comes from an address of its own, so that no limit answers in the server's place.
"""

import http.client
import multiprocessing
import os
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode

from portal.cli.family import Family
from portal.cli.running import transaction
from portal.cli.serving import gunicorn_command
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import upgrade
from portal.provider.operations import register_person
from portal.registry.discovery import discover
from portal.registry.histories import histories
from portal.settings.reading import load_settings

ROUNDS = 6
BURST = 50
QUIET_PAGES = 60
SIGN_INS = 120
AT_ONCE = 8
PASSWORD = "three random words"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Browser:
    """A connection with cookies, from an address of its own."""

    port: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        """Status and text."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            headers = {"Host": f"localhost:{self.port}", "X-Forwarded-For": self.address}
            if self.cookies:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            if body:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.read().decode()

    def open_sign_in(self) -> None:
        """Fetch the page with the form."""
        found = TOKEN.search(self.ask("GET", "/sign-in")[1])
        assert found
        self.token = found[1]

    def sign_in(self, email: str, password: str) -> int:
        """Send the form."""
        return self.ask(
            "POST", "/sign-in", urlencode({"csrf_token": self.token, "email": email, "password": password})
        )[0]


def main(rounds: int, threads: int) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder, _provider(Path(folder), threads) as port:
        _rate(port)
        _burst(port, rounds)


def _rate(port: int) -> None:
    browsers = [Browser(port, f"10.1.{number // 250}.{number % 250}") for number in range(SIGN_INS)]
    _each(browsers, lambda one, _: one.open_sign_in())
    before, start = _cpu_seconds(), time.perf_counter()
    answers = _each(browsers, lambda one, number: one.sign_in(f"p{number % 20}@load.example", PASSWORD))
    wall, cpu = time.perf_counter() - start, _cpu_seconds() - before
    done = answers.count(303)
    print(f"{done} of {SIGN_INS} sign-ins, {AT_ONCE} at a time")
    print(f"  {done / cpu:6.1f} a second of CPU (web server and PostgreSQL: {1000 * cpu / done:.0f} ms each)")
    print(f"  {done / wall:6.1f} a second by the clock, on {os.cpu_count()} cores shared with the clients\n")


def _burst(port: int, rounds: int) -> None:
    visitor = Browser(port, "10.9.9.9")
    visitor.open_sign_in()
    assert visitor.sign_in("p0@load.example", PASSWORD) == 303
    quiet: list[float] = []
    busy: list[float] = []
    answers: list[int] = []
    lasted: list[float] = []
    context = multiprocessing.get_context("spawn")
    for number in range(rounds):
        quiet += [_page(visitor) for _ in range(QUIET_PAGES)]
        ours, theirs = context.Pipe()
        strangers = context.Process(target=_strangers, args=(port, number, theirs))
        strangers.start()
        ours.recv()  # they have the form before them
        ours.send("now")
        start = time.perf_counter()
        while not ours.poll():
            busy.append(_page(visitor))
        lasted.append(time.perf_counter() - start)
        answers += ours.recv()
        strangers.join()
    print(f"another page (signed in, reads the database), {rounds} rounds, in ms")
    print(f"{'':22}{'pages':>7}{'p50':>8}{'p95':>8}{'max':>8}")
    for name, times in (("quiet", quiet), ("50 wrong passwords", busy)):
        print(f"{name:22}{len(times):7}{_at(times, 50):8.1f}{_at(times, 95):8.1f}{1000 * max(times):8.1f}")
    print(f"{'ratio':29}{_at(busy, 50) / _at(quiet, 50):8.2f}{_at(busy, 95) / _at(quiet, 95):8.2f}")
    counted = {status: answers.count(status) for status in sorted(set(answers))}
    print(f"the passwords were answered by {counted} in {statistics.median(lasted):.2f} s")


def _page(visitor: Browser) -> float:
    start = time.perf_counter()
    status, _text = visitor.ask("GET", "/your-sign-in")
    assert status == 200, status
    return time.perf_counter() - start


def _strangers(port: int, number: int, told: Connection) -> None:
    """Fifty at once, in a process of their own: the visitor's clock must not wait for their work."""
    browsers = [Browser(port, f"10.{2 + number}.0.{each}") for each in range(BURST)]
    _each(browsers, lambda one, _: one.open_sign_in())
    told.send("ready")
    told.recv()
    answers: list[int] = []
    senders = [
        threading.Thread(target=lambda each=each, one=one: answers.append(_guess(one, each)))
        for each, one in enumerate(browsers)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    told.send(answers)


def _guess(one: Browser, each: int) -> int:
    return one.sign_in(f"p{each % 20}@load.example", "wrong words here")


def _at(times: Sequence[float], percent: int) -> float:
    return 1000 * statistics.quantiles(times, n=100)[percent - 1]


def _each(browsers: Sequence[Browser], act: object) -> list[int]:
    """`act` with each browser and its number, so many at a time."""
    found: list[int] = []
    waiting = iter(list(enumerate(browsers)))
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                number, one = next(waiting, (None, None))
            if one is None:
                return
            found.append(act(one, number))  # type: ignore[operator]  # one of the two calls above

    threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def _cpu_seconds() -> float:
    """What the web server and PostgreSQL have used: our children and theirs, not ourselves."""
    total = 0
    parents = {os.getpid()}
    stats = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            stats[int(entry.name)] = (int(text[1]), int(text[11]) + int(text[12]))
    known = set(parents)
    while parents:
        parents = {pid for pid, (parent, _) in stats.items() if parent in parents} - known
        known |= parents
    # PostgreSQL is nobody's child: its processes are found by their first one.
    for pid, (_parent, used) in stats.items():
        if pid != os.getpid() and (pid in known or _is_postgres(pid)):
            total += used
    return total / TICKS


def _is_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()[:200] and _ours(pid)
    except OSError:
        return False


def _ours(pid: int) -> bool:
    return not _CLUSTER or _CLUSTER[0] in _command_of_family(pid)


def _command_of_family(pid: int) -> str:
    """The command line of a server process or of its parent, which names the cluster's folder."""
    text = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
    return text + Path(f"/proc/{parent}/cmdline").read_bytes().decode(errors="replace")


_CLUSTER: list[str] = []


@contextmanager
def _provider(folder: Path, threads: int) -> Iterator[int]:
    server = EmbeddedPostgres(folder / "cluster", durable=True)
    server.start()
    _CLUSTER.append(str(folder))
    family = Family(folder / "log")
    try:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        upgrade(server.url, histories(discover()))
        environment = {
            **os.environ,
            "MOOTHALL_SECRET_KEY": "load-load-load-load-load-load-load",
            "MOOTHALL_DATABASE_URL": server.url,
            "MOOTHALL_PUBLIC_URL": f"http://localhost:{port}",
            "MOOTHALL_OWN_PROVIDER__ISSUER": f"http://localhost:{port}",
            "MOOTHALL_MAIL__HOST": "127.0.0.1",
            "MOOTHALL_TRUSTED_PROXIES": "1",
        }
        with transaction(load_settings(environment)):
            for number in range(20):
                register_person(
                    email=f"p{number}@load.example",
                    password=PASSWORD,
                    given_name="Load",
                    family_name="Tester",
                    verified=True,
                )
        workers = os.cpu_count() or 1
        command = gunicorn_command("provider", [f"127.0.0.1:{port}"], workers=workers, threads=threads)
        family.start("web server", command, environment)
        _wait_for(port, family)
        print(f"{workers} workers, {threads} threads each")
        yield port
    finally:
        family.end()
        server.remove()


def _wait_for(port: int, family: Family) -> None:
    for _ in range(300):
        if sentence := family.obituary():
            raise RuntimeError(sentence)
        try:
            if Browser(port, "10.0.0.1").ask("GET", "/sign-in")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("The provider did not answer.")


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given + [ROUNDS, 16][len(given) :]))
