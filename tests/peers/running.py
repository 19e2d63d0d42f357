"""Start a peer's process, wait until it listens, and stop it again; serve an application of ours on loopback."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from wsgiref.types import WSGIApplication

from werkzeug.serving import make_server

from tests.peers.installing import HERE, ROOT, node_folder

PATIENCE = 30.0


class NotStarted(Exception):
    """The peer's process ended or was silent. Holds what it said."""


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Peer:
    """A running process, with what it has said so far."""

    def __init__(self, command: list[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> None:
        self.said: list[str] = []
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line.rstrip())

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def tell(self, line: str) -> None:
        """Write a line to its input."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def ready_with(self) -> str:
        """What it said after the word ready."""
        return next(line for line in self.said if line.startswith("ready ")).removeprefix("ready ")

    def wait_for(self, word: str) -> None:
        """Until it has said a line with that word. Raises NotStarted."""
        until = time.monotonic() + PATIENCE
        while not any(word in line for line in self.said):
            if time.monotonic() > until or self._ended_without(word):
                raise NotStarted("\n".join(self.said[-20:]))
            time.sleep(0.02)

    def _ended_without(self, word: str) -> bool:
        if self._process.poll() is None:
            return False
        # What it said last may still be on its way through the pipe.
        self._listener.join()
        return not any(word in line for line in self.said)

    def wait_for_port(self, port: int) -> None:
        """Until it listens there. Raises NotStarted."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise NotStarted("\n".join(self.said[-20:])) from None
                time.sleep(0.05)

    def stop(self) -> None:
        """End it and wait until it is gone."""
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


@contextmanager
def running(
    command: list[str],
    given: Mapping[str, object] | None = None,
    *,
    cwd: Path = ROOT,
    port: int | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[Peer]:
    """A peer, told by one argument if by any, once it listens at `port` or says that it is ready."""
    peer = Peer([*command, *([json.dumps(given)] if given is not None else [])], cwd=cwd, env=env)
    try:
        if port is None:
            peer.wait_for("ready")
        else:
            peer.wait_for_port(port)
        yield peer
    finally:
        peer.stop()


@contextmanager
def node_script(name: str, given: Mapping[str, object]) -> Iterator[Peer]:
    """One of our scripts under Node.js, once it has said that it is ready."""
    folder = node_folder()
    # Modules are looked up from where a script lies, so it runs from a copy beside them.
    script = folder / name
    source = (HERE / "node" / name).read_text()
    if not script.exists() or script.read_text() != source:
        script.write_text(source)
    with running(["node", name], given, cwd=folder) as peer:
        yield peer


@contextmanager
def served(app: WSGIApplication, port: int) -> Iterator[None]:
    """An application of ours on that port, with a thread for each request."""
    server = make_server("localhost", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
