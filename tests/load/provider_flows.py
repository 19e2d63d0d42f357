"""How many complete sign-ins a second of CPU pays for: our provider beside `oidc-provider` and canaille, in one run.

    .venv/bin/python -m tests.load.provider_flows

A flow is what happens when somebody who has a session at the provider opens another service: authorize (answered with
a code), token, userinfo, over HTTP on kept connections, with PKCE and a client secret in the header; ours and
`oidc-provider` sign with ES256, canaille with RS256, its default. Ours runs as in production, one gunicorn process on
PostgreSQL, and writes down codes, tokens and audit rows; `oidc-provider` keeps everything in memory, and canaille,
under Werkzeug's own server, in memory once and once in a PostgreSQL as durable as ours. Counted is the CPU of the
provider's process, user and system, and where there is one also with PostgreSQL's. Rounds take turns; the best of
each counts, and the ratios are of those.
"""

import hashlib
import json
import os
import secrets
import tempfile
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import psycopg
import requests

from portal.cli.serving import gunicorn_command
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import upgrade
from portal.db.session import dispose, session
from portal.provider import operations
from portal.provider.app import create_provider
from portal.registry.discovery import discover
from portal.registry.histories import histories
from portal.settings.own_provider import OwnProvider
from tests.peers.installing import HERE, canaille_python
from tests.peers.resident import Resident
from tests.peers.running import free_port, node_script, running
from tests.support.settings import settings_for

ROUNDS = 5
FLOWS = 200
CALLBACK = "http://127.0.0.1:9/callback"
SECRET = "a-secret-of-the-client-for-tests-only-0123456789"
PASSWORD = "three random words"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class System:
    """A running provider, and a browser that has a session there. `more` are processes counted apart."""

    name: str
    issuer: str
    browser: requests.Session
    processes: Callable[[], list[int]]
    more: Callable[[], list[int]] = list
    flows: int = FLOWS
    """In a round."""
    pause: float = 0.0
    """Seconds between two flows, which cost no CPU."""
    best: float = 0.0
    best_with_more: float = 0.0


def main() -> None:
    """Print the table."""
    with ExitStack() as stack:
        systems = [stack.enter_context(make()) for make in (ours, node, canaille, canaille_on_postgresql)]
        for system in systems:
            Flow(system).run(min(20, system.flows))
        for _ in range(ROUNDS):
            for system in systems:
                _measure(system)
        _print(systems)


def _measure(system: System) -> None:
    flow = Flow(system)
    before, before_more = _cpu(system.processes()), _cpu(system.more())
    flow.run(system.flows)
    spent, spent_more = _cpu(system.processes()) - before, _cpu(system.more()) - before_more
    system.best = max(system.best, system.flows / spent)
    system.best_with_more = max(system.best_with_more, system.flows / (spent + spent_more))


def _print(systems: list[System]) -> None:
    first = systems[0]
    print(f"{'provider':24} {'flows / CPU s':>14} {'with database':>14} {'ours is':>8}")
    for each in systems:
        ratio = f"{first.best / each.best:7.2f}x"
        print(f"{each.name:24} {each.best:14.0f} {each.best_with_more:14.0f} {ratio:>8}")


class Flow:
    """The relying party's part, with as little work of its own as can be."""

    def __init__(self, system: System) -> None:
        self._host = urlsplit(system.issuer).netloc
        self._pause = system.pause
        metadata = requests.get(f"{system.issuer}/.well-known/openid-configuration", timeout=10).json()
        self._authorize = urlsplit(metadata["authorization_endpoint"]).path
        self._token = urlsplit(metadata["token_endpoint"]).path
        self._userinfo = urlsplit(metadata["userinfo_endpoint"]).path
        self._cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in system.browser.cookies)
        self._basic = "Basic " + b64encode(f"load:{SECRET}".encode()).decode()

    def run(self, flows: int) -> None:
        """So many flows, one after the other, each checked."""
        browser, client = HTTPConnection(self._host), HTTPConnection(self._host)
        for _ in range(flows):
            self._one(browser, client)
            time.sleep(self._pause)
        browser.close()
        client.close()

    def _one(self, browser: HTTPConnection, client: HTTPConnection) -> None:
        verifier = secrets.token_urlsafe(32)
        asked = _request(verifier)
        browser.request("GET", f"{self._authorize}?{urlencode(asked)}", headers={"Cookie": self._cookies})
        answer = _read(browser)
        location = answer.getheader("Location") or ""
        assert location.startswith(CALLBACK), (answer.status, location)
        given = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(location).query)["code"][0],
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
        }
        headers = {"Authorization": self._basic, "Content-Type": "application/x-www-form-urlencoded"}
        client.request("POST", self._token, urlencode(given), headers)
        token = _json(client)["access_token"]
        client.request("GET", self._userinfo, headers={"Authorization": f"Bearer {token}"})
        assert _json(client)["sub"]


def _request(verifier: str = "any") -> dict[str, str]:
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return {
        "client_id": "load",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid profile email",
        "state": secrets.token_urlsafe(16),
        "nonce": secrets.token_urlsafe(16),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


def _read(connection: HTTPConnection) -> HTTPResponse:
    answer = connection.getresponse()
    answer.read()
    return answer


def _json(connection: HTTPConnection) -> dict[str, str]:
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body[:300]
    return dict(json.loads(body))


@contextmanager
def ours() -> Iterator[System]:
    """Our provider as `moothall provider serve` runs it, with one process."""
    port = free_port()
    issuer = f"http://localhost:{port}"
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder)) as (url, postmaster):
        _furnish(url, issuer)
        environment = os.environ | {
            "MOOTHALL_PUBLIC_URL": issuer,
            "MOOTHALL_DATABASE_URL": url,
            "MOOTHALL_SECRET_KEY": "load-load-load-load-load-load-load",
            "MOOTHALL_MAIL__HOST": "127.0.0.1",
            "MOOTHALL_OWN_PROVIDER__ISSUER": issuer,
        }
        command = gunicorn_command("provider", [f"127.0.0.1:{port}"], workers=1, threads=8)
        with running(command, port=port, env=environment) as peer:
            requests.get(f"{issuer}/jwks", timeout=120)  # the port is open before the worker has loaded
            resident = Resident(issuer)
            resident.press(resident.get("/sign-in"), "password", email="priya@example.org", password=PASSWORD)
            yield System(
                "moothall (PostgreSQL)", issuer, resident.browser, lambda: family(peer.pid), lambda: family(postmaster)
            )


@contextmanager
def _database(folder: Path) -> Iterator[tuple[str, int]]:
    """A durable PostgreSQL with our tables; its address and its first process."""
    database = EmbeddedPostgres(folder / "cluster", durable=True)
    database.start()
    try:
        upgrade(database.url, histories(discover()))
        with psycopg.connect(database.url) as connection:
            row = connection.execute("select pg_backend_pid()").fetchone()
            assert row
            yield database.url, _parent(row[0])
    finally:
        database.remove()


def _furnish(url: str, issuer: str) -> None:
    own = OwnProvider(issuer=issuer)
    app = create_provider(settings_for(url, public_url=issuer, own_provider=own, providers={}))
    with app.app_context():
        operations.ensure_client("load", title="Load", redirect_uris=[CALLBACK], secret=SECRET)
        operations.register_person(
            email="priya@example.org", password=PASSWORD, given_name="Priya", family_name="Shah", verified=True
        )
        session().commit()
        dispose()


@contextmanager
def node() -> Iterator[System]:
    """`oidc-provider` with its store in memory."""
    port = free_port()
    client = {
        "client_id": "load",
        "client_secret": SECRET,
        "redirect_uris": [CALLBACK],
        "id_token_signed_response_alg": "ES256",
    }
    with node_script("oidc_provider.mjs", {"port": port, "clients": [client], "quiet": True}) as peer:
        issuer = f"http://127.0.0.1:{port}"
        resident = Resident(issuer, stops_at=CALLBACK)
        # A first request, for a session and the consent that it remembers.
        page = resident.get(f"/auth?{urlencode(_request())}")
        page = resident.press(page, "/interaction/", login="priya", password="any")
        resident.press(page, "/interaction/")
        yield System("oidc-provider (memory)", issuer, resident.browser, lambda: family(peer.pid))


@contextmanager
def canaille() -> Iterator[System]:
    """canaille with its store in memory."""
    with _canaille("canaille (memory)", {}) as system:
        yield system


@contextmanager
def canaille_on_postgresql() -> Iterator[System]:
    """canaille with its store in a PostgreSQL that keeps what it has confirmed."""
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder)) as (url, postmaster):
        store = {"database": url.replace("postgresql://", "postgresql+psycopg2://", 1)}
        with _canaille("canaille (PostgreSQL)", store) as system:
            system.more = lambda: family(postmaster)
            # Two tokens that it makes for a person within one second are alike, and its table refuses the second.
            system.flows, system.pause = 12, 1.1
            yield system


@contextmanager
def _canaille(name: str, store: dict[str, str]) -> Iterator[System]:
    port = free_port()
    client = {
        "client_id": "load",
        "client_name": "Load",
        "client_secret": SECRET,
        "client_uri": "http://localhost",
        "redirect_uris": [CALLBACK],
        "scope": ["openid", "profile", "email"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "RS256",
    }
    given = {"port": port, "password": PASSWORD, "client": client, **store}
    command = [str(canaille_python()), str(HERE / "canaille" / "canaille_app.py")]
    with running(command, given, port=port) as peer:
        issuer = f"http://127.0.0.1:{port}"
        resident = Resident(issuer)
        page = resident.press(resident.get("/login"), "login", login="priya")
        resident.press(page, "password", password=PASSWORD)
        yield System(name, issuer, resident.browser, lambda: family(peer.pid))


def family(pid: int) -> list[int]:
    """A process and all that came of it."""
    children: dict[int, list[int]] = {}
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            with suppress(OSError):
                children.setdefault(_parent(int(each.name)), []).append(int(each.name))
    found = [pid]
    for each_pid in found:
        found.extend(children.get(each_pid, []))
    return found


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold spaces: state, parent and so on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _cpu(pids: list[int]) -> float:
    """Seconds that these processes have spent."""
    return sum(int(ticks) for pid in pids for ticks in _stat(pid)[11:13]) / TICKS


if __name__ == "__main__":
    main()
