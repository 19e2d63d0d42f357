"""`moothall identity`: what it says of a provider that cannot be reached, and of clocks that differ."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from portal import clock, outbound
from portal.identity.checks.clock import clock as judge_clock
from portal.identity.checks.reach import Reached
from portal.identity.relying_party import get_party
from tests.integration.identity.conftest import provider_settings
from tests.integration.identity.diagnoses import diagnosed, examine
from tests.integration.identity.processes import DISCOVERY
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

__all__ = ["examine"]


def test_a_provider_that_is_down_is_said_to_be_and_the_addresses_all_the_same(make_portal: Any, examine: Any) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        issuer = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        said = examine(issuer=issuer)
    assert said.faults == ["reachable"]
    assert "takes no connection" in said["reachable"]
    assert "No copy" in said["meanwhile"]
    assert "/auth/town/callback" in said["register"]


def test_what_the_portal_goes_by_meanwhile_is_said(make_portal: Any, provider: HostileProvider) -> None:
    app = make_portal({"town": provider_settings(provider)})
    with app.app_context():
        get_party("town").documents.metadata()
        provider.answers[DISCOVERY] = (503, "text/plain", b"down")
        said = diagnosed(app)
    assert "has a fault of its own (HTTP status 503)" in said["reachable"]
    assert f"{clock.now():%d %B %Y}" in said["meanwhile"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((404, "text/html", b"no"), "is not there (HTTP status 404). Check MOOTHALL_PROVIDERS__TOWN__ISSUER"),
        ((403, "text/html", b"no"), "a firewall there may have to be told"),
        ((302, "text/html", b""), "redirects are not followed"),
        ((200, "text/html", b"<p>hello"), "is no JSON"),
        ((200, "application/json", b"[]"), "is no JSON"),
    ],
)
def test_an_answer_that_is_no_metadata_is_told_apart(
    provider: HostileProvider, examine: Any, answer: Any, words: str
) -> None:
    provider.answers[DISCOVERY] = answer
    said = examine()
    assert said.faults
    assert words in said["reachable"] + said["metadata"]


def test_a_name_that_nobody_knows_is_told(examine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "is not known to this machine" in examine(issuer="https://id.town.example")["reachable"]


def test_a_silent_provider_is_told(provider: HostileProvider, examine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.1)
    provider.delays[DISCOVERY] = 0.4
    assert "does not answer in time" in examine()["reachable"]


@pytest.fixture
def self_signed() -> Iterator[str]:
    """The address of a server whose certificate nobody has signed."""
    import threading

    server = make_server("127.0.0.1", 0, Response("{}"), ssl_context="adhoc")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_that_cannot_be_trusted_is_told(examine: Any, self_signed: str) -> None:
    assert "certificate that cannot be trusted" in examine(issuer=self_signed)["reachable"]


def test_a_provider_elsewhere_cannot_reach_this_machine(examine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "the provider cannot call us" in examine(issuer="https://id.town.example")["our address"]


# --- Its clock


@pytest.mark.parametrize(
    ("seconds", "verdict", "words"),
    [
        (0, "good", "Within"),
        (-3, "good", "Within"),
        (12, "look", "s ahead of ours; 30 s are allowed"),
        (-12, "look", "s behind ours; 30 s are allowed"),
        (90, "fault", "more than MOOTHALL_PROVIDERS__TOWN__LEEWAY_SECONDS allows (30 s)"),
        (-7200, "fault", "s behind ours"),
    ],
)
def test_ux_07_a_clock_that_is_wrong_is_told(examine: Any, at: Clock, seconds: int, verdict: str, words: str) -> None:
    at.advance(seconds=-seconds)  # ours is as wrong as theirs would be, the other way
    said = examine()["clock"]
    assert said.startswith(verdict)
    assert words in said
    assert verdict == "good" or "NTP" in said


@pytest.mark.parametrize("date", ["soon", "", "Mon, 99 Foo 2026 99:99:99 GMT"])
def test_ux_07_a_date_that_is_none_is_worth_a_look(provider: HostileProvider, make_portal: Any, date: str) -> None:
    answer = requests.Response()
    answer.headers["Date"] = date
    with make_portal({"town": provider_settings(provider)}).app_context():
        (found,) = judge_clock(get_party("town"), Reached("http://x", answer, 0.0, 0.0))
    assert found.verdict == "look"
