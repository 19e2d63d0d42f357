"""What befalls the gateway while residents pay: it is stopped, slowed, killed, away, wrong, and says nothing."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any, Final, NoReturn

import requests
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.payments.standin import courier
from portal.payments.standin.app import create_standin
from portal.payments.standin.place import PATH
from portal.settings.portal import Settings
from tests.load.lives.processes import end, forked
from tests.support.faults import split

USUAL: Final[dict[str, Any]] = {"per_second": 10_000, "seconds": 2, "late_success": True, "retry_seconds": 2}
STORMS: Final = ("slow", "stopped", "unsaid", "killed", "down", "wrong", "busy")
WEBHOOKS: Final = ("twice", "late", "mixed", "never", "forged", "altered", "unknown", "soon")
STORM_SECONDS: Final = 4.0
CALM_SECONDS: Final = 3.0


class Silent(WSGIRequestHandler):
    """Says nothing of each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing."""


def gate(settings: Settings, port: int) -> NoReturn:
    """Be GOV.UK Pay until killed."""
    standin = create_standin(settings)
    courier.wake(standin)
    _serve(DispatcherMiddleware(Flask("nothing").wsgi_app, {PATH: standin.wsgi_app}), port)


def web(app: Flask, port: int) -> NoReturn:
    """Be the portal's web process, which takes the gateway's messages, until killed."""
    _serve(app.wsgi_app, port)


def _serve(wsgi: Any, port: int) -> NoReturn:  # a WSGI application, of whatever kind
    make_server("127.0.0.1", port, wsgi, threaded=True, request_handler=Silent).serve_forever()
    os._exit(0)


class Gate:
    """The gateway's process, which is ended and begun again."""

    def __init__(self, url: str, begin: Callable[[], NoReturn]) -> None:
        self.url, self._begin = url, begin
        self.process = forked(begin)
        self.storms: dict[str, int] = {}
        self.behave()

    def behave(self, **how: Any) -> None:
        """Tell it, as soon as it is there."""
        for _time in range(200):
            try:
                faults, own = split(USUAL | how)
                requests.put(f"{self.url}/faults", json=faults, timeout=5).raise_for_status()
                requests.put(f"{self.url}/control", json=own, timeout=5).raise_for_status()
            except requests.RequestException:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the gateway's stand-in does not start")

    def sums(self) -> dict[str, int]:
        """What it has made, taken and given back."""
        said: dict[str, int] = requests.get(f"{self.url}/control/sums", timeout=30).json()
        return said

    def suffer(self, storm: str, webhooks: str) -> None:
        """Let this befall it for a while, and then nothing for a while."""
        self.storms[storm] = self.storms.get(storm, 0) + 1
        self.behave(webhooks=webhooks, answers=storm if storm not in ("stopped", "killed") else "right")
        if storm == "stopped":
            os.kill(self.process, signal.SIGSTOP)
        elif storm == "killed":
            time.sleep(STORM_SECONDS / 2)
            end(self.process)
        time.sleep(STORM_SECONDS)
        if storm == "stopped":
            os.kill(self.process, signal.SIGCONT)
        elif storm == "killed":
            self.process = forked(self._begin)
        self.behave(webhooks=webhooks)
        time.sleep(CALM_SECONDS)
