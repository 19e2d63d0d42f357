"""OS Places played by us: the documented shape over real HTTP on loopback, from the demo's addresses."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal.gazetteer.demo import DemoGazetteer
from portal.gazetteer.values import Address

KEY = "stand-in-key"


@dataclass
class OsPlacesStandIn:
    """A running stand-in. Set a fault to see what its callers make of it."""

    url: str = ""
    fault: str = ""
    page: int = 100
    extra: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, act: str, query: dict[str, str]) -> tuple[int, bytes]:
        """Status and body."""
        self.asked.append({"act": act, **query})
        if self.fault.isdigit():
            return int(self.fault), _error(int(self.fault), "a fault was asked for")
        if self.fault == "not json":
            return 200, b"<html><h1>It works!</h1></html>"
        if self.fault == "other shape":
            return 200, b'{"header": {"totalresults": 1}, "results": [{"LPI": {"UPRN": "1"}}]}'
        if self.fault == "bare list":
            return 200, b"[]"
        if self.fault == "truncated":
            return 200, b'{"header": {"totalre'
        if self.fault == "silent":
            time.sleep(1.5)
        if query.get("key") != KEY:
            return 401, _error(401, "Invalid ApiKey for given resource")
        if query.get("dataset") != "DPA" or query.get("output_srs") != "WGS84":
            return 400, _error(400, "the portal reads DPA in WGS84")
        found = self._found(act, query)
        start = int(query["offset"])
        size = min(int(query["maxresults"]), self.page)
        return 200, _body(query, found, found[start : start + size])

    def _found(self, act: str, query: dict[str, str]) -> list[dict[str, Any]]:
        if self.extra:
            return self.extra
        demo = DemoGazetteer()
        if act == "postcode":
            return [_dpa(address) for address in demo.by_postcode(query["postcode"])]
        address = demo.by_uprn(query["uprn"])
        return [] if address is None else [_dpa(address)]


@contextmanager
def os_places() -> Iterator[OsPlacesStandIn]:
    """Run the stand-in on a free port of this machine."""
    stand_in = OsPlacesStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, body = stand_in.answer(parts.path.rpartition("/")[2], query)
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}/search/places/v1"
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _error(status: int, message: str) -> bytes:
    return json.dumps({"error": {"statuscode": status, "message": message}}).encode()


def _body(query: dict[str, str], found: list[dict[str, Any]], page: list[dict[str, Any]]) -> bytes:
    answer: dict[str, Any] = {
        "header": {
            "uri": "https://api.os.uk/search/places/v1/…",
            "query": "…",
            "offset": int(query["offset"]),
            "totalresults": len(found),
            "format": "JSON",
            "dataset": "DPA",
            "lr": "EN,CY",
            "maxresults": int(query["maxresults"]),
            "epoch": "120",
            "lastupdate": "2026-11-20",
            "output_srs": "WGS84",
        }
    }
    if page:  # the real API leaves `results` out when there are none
        answer["results"] = [{"DPA": dpa} for dpa in page]
    return json.dumps(answer).encode()


def _dpa(address: Address) -> dict[str, Any]:
    number, _, street = address.lines[-1].upper().partition(" ")
    dpa: dict[str, Any] = {
        "UPRN": address.uprn.zfill(12),
        "UDPRN": "1",
        "ADDRESS": address.label.upper(),
        "BUILDING_NUMBER": number,
        "THOROUGHFARE_NAME": street,
        "POST_TOWN": "LONDON",
        "POSTCODE": address.postcode,
        "RPC": "1",
        "X_COORDINATE": 523000.0,
        "Y_COORDINATE": 178000.0,
        "LNG": address.lon,
        "LAT": address.lat,
        "STATUS": "APPROVED",
        "LANGUAGE": "EN",
        "MATCH": 1.0,
        "MATCH_DESCRIPTION": "EXACT",
    }
    if len(address.lines) == 3:
        dpa["SUB_BUILDING_NAME"], dpa["BUILDING_NAME"] = (line.upper() for line in address.lines[:2])
    return dpa
