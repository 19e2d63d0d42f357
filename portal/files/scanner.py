"""Have a file looked at by a virus scanner: clamd, over its socket, where the council has one.

Beside cleaning and not in its place: it knows what others have met, and cleaning leaves behind what nobody knows yet.
"""

import logging
import socket
import struct
from typing import Final
from urllib.parse import urlsplit

from flask import current_app

from portal.files.values import Unfit

log = logging.getLogger(__name__)

EXTENSION: Final = "moothall.files.scanner"
CONNECT_SECONDS: Final = 3.0
SECONDS: Final = 60.0
"""For each part of the talk. A worker waits, and nobody else."""
_CHUNK: Final = 256 * 1024
_MOST_SAID: Final = 4096


class ScannerAway(RuntimeError):
    """The scanner was not reached, or did not say whether the file is clean. The job is tried again."""


def scan(data: bytes) -> None:
    """Nothing, when the scanner finds nothing or there is none. Raises Unfit; ScannerAway."""
    address: str = current_app.extensions[EXTENSION]
    if not address:
        return
    said = _asked(address, data)
    if said.endswith("FOUND"):
        log.warning("the virus scanner found %s", said.removesuffix("FOUND").removeprefix("stream:").strip()[:80])
        raise Unfit("infected")
    if not said.endswith("OK"):  # such as that the file is larger than clamd takes: StreamMaxLength
        raise ScannerAway(f"the virus scanner says: {said[:80]}")


def _asked(address: str, data: bytes) -> str:
    """What clamd says of the data, by its command INSTREAM (`man clamd`)."""
    try:
        with _connected(address) as talk:
            talk.settimeout(SECONDS)
            talk.sendall(b"zINSTREAM\0")
            for at in range(0, len(data), _CHUNK):
                part = data[at : at + _CHUNK]
                talk.sendall(struct.pack("!L", len(part)) + part)
            talk.sendall(struct.pack("!L", 0))
            return _answer(talk)
    except OSError as error:
        raise ScannerAway(f"the virus scanner is away ({type(error).__name__})") from None


def _answer(talk: socket.socket) -> str:
    said = bytearray()
    while len(said) < _MOST_SAID and (part := talk.recv(_MOST_SAID)):
        said += part
        if part.endswith(b"\0"):
            break
    return said.rstrip(b"\0\n").decode("ascii", "replace")


def _connected(address: str) -> socket.socket:
    where = urlsplit(address)
    if where.scheme == "unix":
        talk = socket.socket(socket.AF_UNIX)
        try:
            talk.settimeout(CONNECT_SECONDS)
            talk.connect(where.path)
        except OSError:
            talk.close()
            raise
        return talk
    return socket.create_connection((where.hostname or "", where.port or 3310), timeout=CONNECT_SECONDS)
