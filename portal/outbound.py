"""The one HTTP client for calls that leave us.

By default the libraries below wait for ever on a silent peer, follow redirects anywhere, read answers of any size and
connect to any address that a name resolves to. Here every call has time-outs and a deadline, follows no redirect,
reads at most so many bytes, and connects to no inner address unless the caller says which host may be one.

Proxies, `.netrc` and cookies are left out on purpose: the first two would undo the guard and the caller's own
authentication, and no service that we call needs the third.
"""

import ipaddress
import os
import queue
import socket
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 10.0
DEADLINE_SECONDS: Final = 20.0
"""For the whole call: a peer that sends a byte now and then never meets the read time-out."""
RESOLVE_SECONDS: Final = 6.0
"""For looking a name up. The resolver goes on to its second server after five seconds of silence from the first."""
MOST_LOOK_UPS: Final = 16
"""How many look-ups may be under way at once in a process, those that nobody waits for any more included."""
MOST_BYTES: Final = 1_000_000
USER_AGENT: Final = f"Moothall/{version('moothall')}"

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def _networks(*texts: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(map(ipaddress.ip_network, texts))


# Our own table, from IANA's registries of special addresses: what Python's calls global differs between its versions.
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_LOOPBACK: Final = _networks("127.0.0.0/8", "::1/128")
_INSIDE: Final = _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
_PUBLIC: Final = _networks("0.0.0.0/0", "2000::/3")
_SPECIAL: Final = _networks(
    *("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15"),
    *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    *("2001::/23", "2001:db8::/32", "3fff::/20"),
)


class Guard:
    """Decides to which addresses a client may connect."""

    def __init__(self, *, allow_loopback: bool, trusted_hosts: Collection[str]) -> None:
        self._allow_loopback = allow_loopback
        self._trusted = frozenset(host.lower() for host in trusted_hosts)

    def permits(self, host: str, address: str) -> bool:
        """Whether `host` may be reached at `address`. A trusted host may lie within the council's own network."""
        ip = plain(ipaddress.ip_address(address.partition("%")[0]))
        if _is_in(_LOOPBACK, ip):
            return self._allow_loopback
        if _is_in(_INSIDE, ip):
            return host.lower().strip("[]") in self._trusted
        # The rest is public or refused to all: cloud machines keep their credentials at a link-local address.
        return _is_in(_PUBLIC, ip) and not _is_in(_SPECIAL, ip)


def _is_in(networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...], ip: IPAddress) -> bool:
    return any(ip in each for each in networks)


def plain(ip: IPAddress) -> IPAddress:
    """The IPv4 address within an IPv6 one that only wraps it, so that no inner address hides in a wrapper."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip.sixtofour is not None:
            return ip.sixtofour
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


class _Leash:
    """Cuts the connections of one call when its time is up, in whatever the call is waiting: handshake, head, body.

    Time-outs of a socket begin anew with each byte, so no setting of them bounds the whole.
    """

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._ends_at = time.monotonic() + seconds
        self.late = False

    def __enter__(self) -> Self:
        self._before = _leash.set(self)
        self._timer.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._timer.cancel()
        _leash.reset(self._before)
        with self._lock:
            for each in self._held:
                each.close()
            self._held.clear()

    def hold(self, connected: socket.socket) -> None:
        """Cut this connection too when time is up. Held by a handle of our own: TLS takes the first one over."""
        with self._lock:
            self._held.append(socket.socket(fileno=os.dup(connected.fileno())))
            late = self.late
        if late:
            self._cut()

    def seconds_left(self) -> float:
        """How long the call may still take."""
        return max(0.0, self._ends_at - time.monotonic())

    def _cut(self) -> None:
        with self._lock:
            self.late = True
            for each in self._held:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


_leash: ContextVar[_Leash] = ContextVar("leash")
_within: ContextVar[float] = ContextVar("within", default=DEADLINE_SECONDS)
_at_most: ContextVar[int] = ContextVar("at_most", default=MOST_BYTES)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """In this block each call may take so long at most, instead of the limits of this module: never longer than they.

    For a page that has something better to do than to wait, such as to show what it knew before.
    """
    token = _within.set(max(seconds, 0.001))
    try:
        yield
    finally:
        _within.reset(token)


@contextmanager
def reading_up_to(most: int) -> Iterator[None]:
    """In this block an answer may hold so many bytes: for a file, which is larger than what programs say."""
    token = _at_most.set(most)
    try:
        yield
    finally:
        _at_most.reset(token)


class Careful(requests.Session):
    """A session whose calls keep the rules of this module. Also the base of Authlib's session in `identity`."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send one request and read its answer whole. Raises requests.RequestException for anything that fails."""
        most = _within.get()
        limits = (min(CONNECT_SECONDS, most), min(READ_SECONDS, most))
        options |= {"timeout": limits, "allow_redirects": False, "stream": True}
        with _Leash(min(DEADLINE_SECONDS, most)) as leash:
            try:
                response = super().send(request, **options)
                try:
                    body = _read(response)
                finally:
                    response.close()
            except requests.RequestException:
                if not leash.late:
                    raise
            if leash.late:  # a connection that is cut may also look like the end of an answer
                raise requests.exceptions.ReadTimeout("the answer takes too long")
        # As `requests` itself keeps a body that was read; there is no public way to hand it one.
        response._content = body
        response._content_consumed = True  # type: ignore[attr-defined]  # the stubs leave it out
        return response

    def get_redirect_target(self, _resp: requests.Response) -> None:
        """None: to `requests` no answer is a redirect, or it would read the whole of one before we can measure it."""
        return


def client(*, allow_loopback: bool = False, trusted_hosts: Collection[str] = ()) -> requests.Session:
    """A client for calls that leave us.

    `allow_loopback` is for a portal that only this machine can reach. `trusted_hosts` are names from the settings
    that may resolve to addresses within the council's own network.
    """
    made = Careful()
    fit_out(made, allow_loopback=allow_loopback, trusted_hosts=trusted_hosts)
    return made


def fit_out(session: Careful, *, allow_loopback: bool = False, trusted_hosts: Collection[str] = ()) -> None:
    """Give a session its guard, its name and nothing from the environment."""
    session.trust_env = False
    session.headers["User-Agent"] = USER_AGENT
    session.headers["Accept-Encoding"] = "identity"  # a small answer cannot unpack into a huge one
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    guard = Guard(allow_loopback=allow_loopback, trusted_hosts=trusted_hosts)
    adapter = _GuardedAdapter(guard)
    session.mount("https://", adapter)
    session.mount("http://", adapter)


def host_of(url: str) -> str:
    """The host of an address, for `trusted_hosts`."""
    return urlsplit(url).hostname or ""


def _read(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(16_384):
        body += chunk
        if len(body) > _at_most.get():
            raise requests.exceptions.ContentDecodingError("the answer is too large")
    return bytes(body)


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        guard = self._guard

        class GuardedConnection(_GuardedPlain):
            address_guard = guard

        class GuardedSecureConnection(_GuardedSecure):
            address_guard = guard

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = GuardedConnection

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = GuardedSecureConnection

        pools: Mapping[str, type[HTTPConnectionPool]] = {"http": PlainPool, "https": SecurePool}
        self.poolmanager.pool_classes_by_scheme = pools


_look_ups: Final = threading.BoundedSemaphore(MOST_LOOK_UPS)


def _addresses(host: str, *, within: float) -> list[str]:
    """The addresses of a name, in the resolver's order. Raises OSError (TimeoutError is one) and ValueError.

    The resolver of the system can be told no limit, so that it is asked in a thread of its own, which is left behind
    when it takes too long. A daemon, unlike the threads of an executor: no process waits for it before it ends.
    """
    started = time.monotonic()
    if not _look_ups.acquire(timeout=within):
        raise TimeoutError("too many names are being looked up")
    answered: queue.SimpleQueue[list[str] | OSError | ValueError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answered.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, ValueError) as error:  # a name that is no text for the resolver is a ValueError
            answered.put(error)
        finally:
            _look_ups.release()

    try:
        threading.Thread(target=look_up, name="look-up", daemon=True).start()
    except RuntimeError:
        _look_ups.release()
        raise OSError("no thread can be started") from None
    try:
        answer = answered.get(timeout=max(0.0, within - (time.monotonic() - started)))
    except queue.Empty:
        raise TimeoutError("the name takes too long") from None
    if isinstance(answer, list):
        return answer
    raise answer


def _connect_guarded(connection: HTTPConnection, guard: Guard, connect: Any) -> socket.socket:
    """Resolve the name once, and connect to an address that was looked at: a second look-up could say another."""
    host = connection._dns_host
    try:
        addresses = _addresses(host, within=min(RESOLVE_SECONDS, _leash.get().seconds_left()))
    except (OSError, ValueError):
        raise NewConnectionError(connection, "the name cannot be resolved") from None
    allowed = [address for address in addresses if guard.permits(host, address)]
    if not allowed:
        raise NewConnectionError(connection, "the address is not one that we may call")
    last: Exception | None = None
    try:
        for address in allowed[:3]:
            connection._dns_host = address
            try:
                made: socket.socket = connect()
            except (NewConnectionError, TimeoutError) as error:
                last = error
            else:
                return made
    finally:
        connection._dns_host = host
    raise last or NewConnectionError(connection, "no address answers")


class _GuardedPlain(HTTPConnection):
    address_guard: Guard

    def _new_conn(self) -> socket.socket:
        made = _connect_guarded(self, self.address_guard, super()._new_conn)
        _leash.get().hold(made)
        return made

    def request(self, *arguments: Any, **options: Any) -> None:
        if self.sock is not None:  # kept open since an earlier call
            _leash.get().hold(self.sock)
        super().request(*arguments, **options)


class _GuardedSecure(HTTPSConnection):
    address_guard: Guard

    def _new_conn(self) -> socket.socket:
        made = _connect_guarded(self, self.address_guard, super()._new_conn)
        _leash.get().hold(made)
        return made

    def request(self, *arguments: Any, **options: Any) -> None:
        if self.sock is not None:
            _leash.get().hold(self.sock)
        super().request(*arguments, **options)
