"""The container's own question to its web process."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from portal.cli.healthy import is_healthy


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (302, True), (404, True), (500, False), (503, False)])
def test_a_server_error_is_not_healthy(status: int, healthy: bool) -> None:
    asked: list[tuple[str, str]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert is_healthy(server.server_port, "/x", "https://my.council.example") is healthy
        thread.join(5)
    assert asked == [("/x", "my.council.example")]


def test_silence_is_not_healthy() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_port
    assert not is_healthy(port, "/", "")
