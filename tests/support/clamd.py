"""A virus scanner that speaks clamd's INSTREAM and knows one virus."""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner takes for a virus and is none (eicar.org)."""


@dataclass
class PlayedClamd:
    """Where it listens, what it was sent, and what it says instead of looking."""

    address: str
    says: bytes = b""
    seen: list[bytes] = field(default_factory=list)

    def answer(self, data: bytes) -> bytes:
        """As clamd puts it."""
        self.seen.append(data)
        if self.says:
            return self.says
        return b"stream: Eicar-Signature FOUND\0" if EICAR in data else b"stream: OK\0"


def _exactly(talk: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        part = talk.recv(length - len(data))
        if not part:
            raise ConnectionError
        data += part
    return data


@contextmanager
def clamd_running(folder: Path, *, tcp: bool = False) -> Iterator[PlayedClamd]:
    """One, until the end of the block: on a socket in the folder, or on a port."""
    made: list[PlayedClamd] = []

    class Talk(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            assert _exactly(self.request, 10) == b"zINSTREAM\0"
            data = b""
            while length := struct.unpack("!L", _exactly(self.request, 4))[0]:
                data += _exactly(self.request, length)
            self.request.sendall(made[0].answer(data))

    if tcp:
        server = socketserver.TCPServer(("127.0.0.1", 0), Talk)
        address = f"tcp://127.0.0.1:{server.socket.getsockname()[1]}"
    else:
        server = socketserver.UnixStreamServer(str(folder / "clamd.ctl"), Talk)
        address = f"unix://{folder / 'clamd.ctl'}"
    made.append(PlayedClamd(address))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
