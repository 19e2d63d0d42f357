"""The one HTTP client: what it refuses, and how long it waits. Over real HTTP on loopback."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import requests
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
        case "/drip":
            return Response((b"x" for _ in iter(lambda: time.sleep(0.1), 1)), direct_passthrough=True)
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


def test_a_peer_that_drips_is_given_up(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "DEADLINE_SECONDS", 0.3)
    with local() as client, pytest.raises(requests.RequestException):
        client.get(f"{server}/drip")


def test_a_silent_peer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, local() as client:
        before = time.monotonic()
        with pytest.raises(requests.RequestException):
            client.get(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        assert time.monotonic() - before < 2


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


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1%eth0", "0.0.0.0", "224.0.0.1", "::"])
def test_link_local_addresses_are_refused_always(address: str) -> None:
    guard = outbound.Guard(allow_loopback=True, trusted_hosts={"id.inside.example"})
    assert not guard.permits("id.inside.example", address)


def test_public_addresses_are_permitted() -> None:
    guard = outbound.Guard(allow_loopback=False, trusted_hosts=())
    assert guard.permits("www.example", "93.184.216.34")
    assert guard.permits("www.example", "2606:2800:220:1::1")
