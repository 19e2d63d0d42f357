"""Our Open311 server, read by a client that we did not write and did not change."""

import json
import subprocess
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.serving import make_server

from services.reporting.tests.programs import Program, new_key
from tests.peers.installing import HERE, georeport_python


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The API behind a real port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://localhost:{server.server_port}/open311/v2"
    server.shutdown()
    thread.join()
    server.server_close()


def test_georeport_reads_services_definitions_and_reports(app: Flask, address: str) -> None:
    program = Program(app.test_client(), new_key(app))
    references = [program.report(), program.report(description="Another hole & more.")]
    script = [str(georeport_python()), str(HERE / "georeport" / "calls.py"), address, references[0]]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    for form in ("json", "xml"):
        told = said[form]
        assert {each["service_code"] for each in told["services"]} >= {"pothole", "street_light", "graffiti"}
        assert told["definition"]["service_code"] == "fly_tipping"
        assert {each["service_request_id"] for each in told["requests"]} == set(references)
        assert told["request"]["service_request_id"] == references[0]
        assert told["request"]["description"] == "A deep hole by the kerb."
