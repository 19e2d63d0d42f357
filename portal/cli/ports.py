"""Where to serve, and other short answers read from options and variables.

The demo's address is held from the first moment so that nobody takes it while the database starts.
"""

import errno
import re
import socket

from portal.errors import SetupError

LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
DEFAULT = 8000
YES, NO = ("1", "true", "yes"), ("", "0", "false", "no")


def read_port(written: str) -> int:
    """The port that PORT names. Raises SetupError."""
    if not written.strip():
        return DEFAULT
    if not (written.isascii() and written.strip().isdigit()) or not 1 <= int(written) <= 65535:
        raise SetupError(f"PORT must be a number from 1 to 65535, not {written!r}.")
    return int(written)


def read_yes(name: str, written: str) -> bool:
    """Whether a variable says yes. Raises SetupError for what may mean either: much is lost by a wrong guess."""
    said = written.strip().lower()
    if said not in (*YES, *NO):
        raise SetupError(f"{name} must be 1, true or yes, or else 0, false, no or empty, not {written!r}.")
    return said in YES


def read_bind(written: str) -> str:
    """An address for the web server, as gunicorn takes it. Raises SetupError."""
    if re.fullmatch(r"unix:.+|fd://[0-9]+", written):
        return written
    host, colon, port = written.rpartition(":")
    plain = re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]", host) is not None
    if not (colon and plain and port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise SetupError(
            f"--bind must be an address like 127.0.0.1:8000, [::1]:8000 or unix:/run/moothall.sock, not {written!r}."
        )
    return written


def listen(port: int) -> list[socket.socket]:
    """Listen on both loopback addresses that `localhost` may mean. Raises SetupError when the port is not free.

    Both, because another program on the one that we left free would get the browsers that try it first. We listen
    at once: a browser that comes early waits instead of being turned away.
    """
    listening: list[socket.socket] = []
    try:
        for family, host in LOOPBACK:
            if (made := _listen(family, host, port)) is not None:
                listening.append(made)
    except BaseException:
        for each in listening:
            each.close()
        raise
    return listening


def _listen(family: socket.AddressFamily, host: str, port: int) -> socket.socket | None:
    """A listening socket, or None where the machine has no IPv6."""
    try:
        made = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return None
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
        made.listen(512)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                f"Port {port} is taken by another program. Choose one that is free: PORT={_free_port(port)} make demo"
            ) from None
        if error.errno == errno.EACCES:
            raise SetupError(
                f"Port {port} is for the administrator alone. Choose a higher one: PORT=8010 make demo"
            ) from None
        if family == socket.AF_INET6:
            return None
        raise SetupError(f"Nothing can listen on {host}:{port} here ({error.strerror}).") from None
    return made


def _free_port(port: int) -> int:
    """A port near by that is free now, for the advice."""
    for candidate in range(port + 10, port + 200, 10):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("127.0.0.1", candidate))
            except (OSError, OverflowError):
                continue
            return candidate
    return 8010
