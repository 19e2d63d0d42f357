"""Object storage played by us: as much of S3's HTTP interface as the portal uses, on loopback."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WRITTEN = "2026-11-20T10:00:00.000Z"


@dataclass
class ObjectStorage:
    """A running stand-in: its address, what it keeps by path, and a status to fail with."""

    url: str = ""
    kept: dict[str, bytes] = field(default_factory=dict)
    fault: int = 0


@contextmanager
def object_storage() -> Iterator[ObjectStorage]:
    """Run the stand-in on a free port of this machine."""
    storage = ObjectStorage()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(storage.fault or status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def do_PUT(self) -> None:
            data = self.body()
            if not storage.fault:
                storage.kept[self.path] = data
            self.answer(200, ETag='"1"')

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if "list-type=2" in query:
                self.answer(200, listing(storage, path))
            elif path in storage.kept:
                self.answer(200, storage.kept[path], ETag='"1"', Last_Modified="Fri, 20 Nov 2026 10:00:00 GMT")
            else:
                self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

        def do_POST(self) -> None:
            bucket = self.path.partition("?")[0]
            keys = re.findall(rb"<Key>(.*?)</Key>", self.body())
            for key in keys:
                storage.kept.pop(f"{bucket}/{key.decode()}", None)
            deleted = b"".join(b"<Deleted><Key>" + key + b"</Key></Deleted>" for key in keys)
            self.answer(200, b"<DeleteResult>" + deleted + b"</DeleteResult>")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    storage.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield storage
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listing(storage: ObjectStorage, bucket: str) -> bytes:
    """Everything that is kept, as S3 lists it."""
    entries = "".join(
        f"<Contents><Key>{path.removeprefix(bucket + '/')}</Key><LastModified>{WRITTEN}</LastModified>"
        f"<ETag>1</ETag><Size>{len(data)}</Size></Contents>"
        for path, data in storage.kept.items()
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode()
