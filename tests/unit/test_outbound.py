"""The one HTTP client: what it refuses, and how long it waits. Over real HTTP on loopback."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from portal import outbound


@Request.application
def echo(request: Request) -> Response:
    match request.path:
        case "/redirect":
            return Response(status=302, headers={"Location": "/elsewhere", "Set-Cookie": "a=b; Path=/"})
        case "/huge":
            return Response(b"x" * (outbound.MOST_BYTES + 1))
    return Response("\n".join(f"{name}: {value}" for name, value in request.headers))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    made = make_server("127.0.0.1", 0, echo, threaded=True)
    made.daemon_threads = True
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.port}"
    made.shutdown()
    thread.join()
    made.server_close()


def local() -> requests.Session:
    return outbound.client(allow_loopback=True)


def test_every_call_says_who_we_are(server: str) -> None:
    with local() as client:
        assert "User-Agent: Moothall/" in client.get(server).text


def test_no_redirect_is_followed_and_no_cookie_kept(server: str) -> None:
    with local() as client:
        assert client.get(f"{server}/redirect", allow_redirects=True).status_code == 302
        assert "Cookie" not in client.get(server).text


def test_an_answer_that_is_too_large_is_refused(server: str) -> None:
    with local() as client, pytest.raises(requests.RequestException, match="too large"):
        client.get(f"{server}/huge")


DRIPS = {
    "head": (b"HTTP/1.1 200 OK\r\n", b"X-a: b\r\n"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 16000\r\n\r\n", b" "),
    "body of any length": (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}


@contextmanager
def dripping(start: bytes, drop: bytes) -> Iterator[str]:
    """A peer that answers the first call at once, and each later one on the same connection with drops."""

    def drip(listening: socket.socket) -> None:
        with suppress(OSError):
            peer, _ = listening.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                peer.recv(4096)
                peer.sendall(start)
                for _ in range(60):
                    peer.sendall(drop)
                    time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join(5)


@pytest.mark.parametrize("where", DRIPS)
def test_a_peer_that_drips_is_given_up(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "DEADLINE_SECONDS", 0.3)
    with dripping(*DRIPS[where]) as url, local() as client:
        assert client.get(url).text == "ok"
        before = time.monotonic()
        with pytest.raises(requests.exceptions.ReadTimeout, match="too long"):
            client.get(url)
        assert time.monotonic() - before < 1


def test_no_thread_stays_behind_an_answer(server: str) -> None:
    with local() as client:
        before = threading.active_count()
        for _ in range(5):
            client.get(server)
        # The server's own thread and one that has just looked a name up may still be on their way out.
        until = time.monotonic() + 5
        while threading.active_count() > before + 1 and time.monotonic() < until:
            time.sleep(0.01)
        assert threading.active_count() <= before + 1


def test_rp_47_how_long_a_call_may_take(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests shorten the limits; these are the real ones, and every call is made with them whatever it says."""
    assert (outbound.CONNECT_SECONDS, outbound.READ_SECONDS, outbound.DEADLINE_SECONDS) == (3, 10, 20)
    given: list[object] = []
    honest = HTTPAdapter.send

    def send(adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        given.append(options["timeout"])
        return honest(adapter, request, **options)

    monkeypatch.setattr(HTTPAdapter, "send", send)
    with local() as client:
        client.get(server)
        client.get(server, timeout=3600)
    assert given == [(3, 10), (3, 10)]


@pytest.mark.parametrize(
    ("seconds", "limits"),
    [(0.5, (0.5, 0.5)), (5, (3, 5)), (3600, (3, 10)), (-1, (0.001, 0.001))],
    ids=["less than all", "less than one", "more", "none left"],
)
def test_a_block_may_shorten_the_limits_and_never_lengthen_them(
    server: str, monkeypatch: pytest.MonkeyPatch, seconds: float, limits: tuple[float, float]
) -> None:
    given: list[object] = []

    def send(_adapter: HTTPAdapter, _request: requests.PreparedRequest, **options: Any) -> requests.Response:
        given.append(options["timeout"])
        raise requests.ConnectionError

    monkeypatch.setattr(HTTPAdapter, "send", send)
    with local() as client:
        with outbound.within(seconds), suppress(requests.RequestException):
            client.get(server)
        with suppress(requests.RequestException):
            client.get(server)
    assert given == [limits, (3, 10)]


def test_a_peer_that_drips_is_given_up_when_the_block_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "READ_SECONDS", 5)
    with dripping(*DRIPS["body"]) as url, local() as client:
        assert client.get(url).text == "ok"
        before = time.monotonic()
        with outbound.within(0.3), pytest.raises(requests.RequestException):
            client.get(url)
        assert time.monotonic() - before < 1


def test_a_silent_peer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, local() as client:
        before = time.monotonic()
        with pytest.raises(requests.RequestException):
            client.get(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        assert time.monotonic() - before < 2


@pytest.fixture
def silent_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """A resolver that says nothing until the test is over; which names it was asked for."""
    asked: list[object] = []
    over = threading.Event()

    def wait(host: object, *_rest: object, **_options: object) -> None:
        asked.append(host)
        over.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "no server answers")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", wait)
        yield asked
        over.set()
        while any(each.name == "look-up" for each in threading.enumerate()):
            time.sleep(0.01)


def seconds_for(url: str) -> float:
    before = time.monotonic()
    with local() as client, pytest.raises(requests.RequestException):
        client.get(url)
    return time.monotonic() - before


@pytest.mark.parametrize("limit", ["DEADLINE_SECONDS", "RESOLVE_SECONDS"])
def test_a_resolver_that_says_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch, silent_resolver: list[object], limit: str
) -> None:
    monkeypatch.setattr(outbound, limit, 0.2)
    assert 0.15 < seconds_for("http://slow.example/") < 1
    assert silent_resolver == ["slow.example"]


def test_only_so_many_look_ups_are_under_way(monkeypatch: pytest.MonkeyPatch, silent_resolver: list[object]) -> None:
    """A resolver that is down for long fills no process with threads."""
    monkeypatch.setattr(outbound, "RESOLVE_SECONDS", 0.02)
    for number in range(outbound.MOST_LOOK_UPS + 3):
        assert seconds_for(f"http://name-{number}.example/") < 1
    assert len(silent_resolver) == outbound.MOST_LOOK_UPS


def test_an_unknown_name_frees_its_place_at_once(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    def unknown(*_all: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", unknown)
        for _ in range(outbound.MOST_LOOK_UPS + 3):
            assert seconds_for("http://nowhere.example/") < 1
    with local() as client:
        assert client.get(server).status_code == 200


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433"])
def test_loopback_is_refused_unless_allowed(server: str, name: str) -> None:
    port = server.rpartition(":")[2]
    with outbound.client() as client, pytest.raises(requests.ConnectionError):
        client.get(f"http://{name}:{port}/")


INNER = [
    "10.0.0.1",
    "172.16.1.1",
    "192.168.1.1",
    "100.64.0.1",
    "fc00::1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "::ffff:10.1.1.1",
]


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_for_hosts_that_the_settings_name(address: str) -> None:
    guard = outbound.Guard(allow_loopback=True, trusted_hosts={"id.inside.example"})
    assert not guard.permits("other.example", address)
    assert guard.permits("ID.inside.example", address)


SPECIAL = [
    *("169.254.169.254", "fe80::1%eth0", "0.0.0.0", "224.0.0.1", "ff02::1", "::"),
    *("240.0.0.1", "255.255.255.255", "192.0.0.8", "192.0.0.192", "198.18.0.1", "203.0.113.9", "2001:db8::1"),
    *("fec0::1", "::10.0.0.1", "::a9fe:a9fe", "64:ff9b:1::a00:1", "64:ff9b::a9fe:a9fe", "2001::1", "100::1"),
    *("2002:a9fe:a9fe::", "4000::1"),
]


@pytest.mark.parametrize("address", SPECIAL)
def test_special_addresses_are_refused_always(address: str) -> None:
    guard = outbound.Guard(allow_loopback=True, trusted_hosts={"id.inside.example"})
    assert not guard.permits("id.inside.example", address)


def test_public_addresses_are_permitted() -> None:
    guard = outbound.Guard(allow_loopback=False, trusted_hosts=())
    assert guard.permits("www.example", "93.184.216.34")
    assert guard.permits("www.example", "2606:2800:220:1::1")
