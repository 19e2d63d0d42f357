"""The stand-in for DVLA behind a real port, and the portal's settings told to lead there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import requests
from flask import Flask
from pydantic import SecretStr
from werkzeug.serving import make_server

from services.permits.standin.app import create
from tests.support.office import not_met_yet

KEY: Final = "the-key-that-dvla-gave"
SETTINGS: Final = "moothall.settings.permits"


@dataclass
class PlayedDvla:
    """The stand-in at `url`."""

    url: str
    web: requests.Session = field(default_factory=requests.Session)

    def ask(self, body: Any, *, key: str = KEY) -> requests.Response:  # JSON, or what is none
        """Ask about a vehicle, as anybody may."""
        return self.web.post(f"{self.url}/v1/vehicles", json=body, headers={"x-api-key": key}, timeout=10)

    def behave(self, **how: Any) -> None:
        """Tell it how to behave; right, without more."""
        answer = self.web.put(f"{self.url}/faults", json=how, timeout=10)
        assert answer.status_code == 200, answer.text


@contextmanager
def dvla_running(database_url: str) -> Iterator[PlayedDvla]:
    """The stand-in until the end of the block."""
    app = create(database_url, "http://localhost/standin", KEY)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        played = PlayedDvla(f"http://127.0.0.1:{server.server_port}")
        played.behave()
        yield played
        played.web.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def asking_dvla_at(app: Flask, url: str, **more: Any) -> Iterator[None]:  # further settings
    """In this block `url` is DVLA, which this process has not met before. An empty one: there is none."""
    before = app.extensions[SETTINGS]
    key = SecretStr(KEY) if url else None
    app.extensions[SETTINGS] = before.model_copy(update={"dvla_url": url, "dvla_key": key} | more)
    not_met_yet(app)
    try:
        yield
    finally:
        app.extensions[SETTINGS] = before
        not_met_yet(app)
