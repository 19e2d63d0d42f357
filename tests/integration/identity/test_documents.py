"""A provider's metadata and keys: shared by all processes, and used stale while it is down."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.identity import own_keys
from portal.identity import stored_documents as store
from portal.identity.documents import MOST_STALE
from portal.identity.metadata import ProviderDown
from tests.integration.identity.processes import DISCOVERY, process, take_down, town
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

__all__ = ["process", "town"]

ROOT = Path(__file__).resolve().parents[3]


def test_gov_01_one_process_fetches_and_all_use_it(process: Any, provider: HostileProvider) -> None:
    for each in (process(), process(), process()):
        assert each.metadata().issuer == provider.issuer
        assert len(each.keys()) == 2
    assert (provider.count(DISCOVERY), provider.count("/jwks")) == (1, 1)


def test_gov_01_a_copy_is_fresh_for_as_long_as_the_provider_says(
    process: Any, provider: HostileProvider, at: Clock
) -> None:
    provider.headers[DISCOVERY] = {"Cache-Control": "max-age=1800"}
    one, other = process(), process()
    for documents in (one, other, one):
        documents.metadata()
    at.advance(minutes=29)
    one.metadata()
    assert provider.count(DISCOVERY) == 1
    at.advance(minutes=1)
    one.metadata()
    other.metadata()
    assert provider.count(DISCOVERY) == 2


def test_gov_01_a_stale_copy_serves_while_the_provider_is_down(
    process: Any, provider: HostileProvider, at: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    one = process()
    one.keys()
    take_down(provider)
    at.advance(days=3)
    assert one.metadata().issuer == provider.issuer
    assert len(one.keys()) == 2
    assert "town could not be fetched: jwks_status; the copy of" in caplog.text
    before = len(provider.requests)
    for each in (process(), one):  # one failure is known to all, and nobody asks again at once
        assert len(each.keys()) == 2
    assert len(provider.requests) == before
    provider.answers = {}
    at.advance(seconds=store.AFTER_FAILURE_WITH_COPY.total_seconds())
    one.keys()
    assert len(provider.requests) == before + 2


def test_gov_01_a_copy_does_not_serve_for_ever(process: Any, provider: HostileProvider, at: Clock) -> None:
    one = process()
    one.keys()
    take_down(provider)
    at.advance(seconds=MOST_STALE.total_seconds())
    with pytest.raises(ProviderDown):
        one.keys()
    assert one.known_metadata() is None


@pytest.mark.parametrize(
    "bad", [(200, "application/json", b"[]"), (200, "text/html", b"<p>"), (200, "application/json", b'{"keys": []}')]
)
def test_a_bad_answer_does_not_replace_a_good_copy(
    process: Any, provider: HostileProvider, at: Clock, bad: tuple[int, str, bytes]
) -> None:
    one = process()
    keys = one.keys()
    provider.answers = {DISCOVERY: bad, "/jwks": bad}
    at.advance(hours=2)
    assert one.keys() is keys
    assert process().metadata().issuer == provider.issuer


def test_gov_01_a_document_that_breaks_its_reader_does_not_replace_a_good_copy(
    process: Any,
    provider: HostileProvider,
    at: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = process()
    keys = one.keys()
    provider.published = [provider.other_rsa]
    at.advance(hours=2)

    def broken(_document: object) -> None:
        raise ZeroDivisionError("nobody has thought of this")

    monkeypatch.setattr(one._keys, "_read", broken)
    assert one.keys() is keys
    assert "town could not be fetched: jwks_unreadable; the copy of" in caplog.text
    assert "nobody has thought" not in caplog.text
    stored = store.find(one.metadata().jwks_uri)
    assert stored is not None
    assert stored.claimed_at is None, "nobody waits for a claim that nobody holds"


def test_ux_09_the_portal_starts_without_its_provider(
    process: Any, provider: HostileProvider, at: Clock, town: Flask
) -> None:
    take_down(provider)
    assert town.test_client().get("/sign-in").status_code == 200
    one = process()
    for _ in range(5):
        with pytest.raises(ProviderDown, match="metadata_status"):
            one.metadata()
    assert provider.count(DISCOVERY) == 1
    provider.answers = {}
    at.advance(seconds=store.AFTER_FAILURE.total_seconds())
    assert len(one.keys()) == 2


def test_ux_09_a_process_that_starts_while_the_provider_is_down_uses_what_others_knew(
    process: Any, provider: HostileProvider, at: Clock, clean_database: str
) -> None:
    """A real second process, which shares nothing but the database."""
    process().keys()
    take_down(provider)
    program = """
import json, sys
from flask import Flask
from portal.db import session
from portal.identity.documents import Documents
from portal.settings.providers import Provider
app = Flask("second")
session.install(app, sys.argv[1])
with app.app_context():
    documents = Documents("town", Provider(**json.loads(sys.argv[2])), allow_loopback=True)
    known = documents.known_metadata()
    print(known.issuer, len(documents.keys()))
    session.dispose()
"""
    settings = {"issuer": provider.issuer, "client_id": "portal", "client_secret": "x"}
    said = subprocess.run(
        [sys.executable, "-c", program, clean_database, json.dumps(settings)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert said.stdout.split() == [provider.issuer, "2"]
    assert (provider.count(DISCOVERY), provider.count("/jwks")) == (1, 1)


def test_tidying_forgets_who_is_asked_no_more(process: Any, provider: HostileProvider, at: Clock, rows: Any) -> None:
    process().keys()
    at.advance(days=29)
    own_keys.tidy()
    assert rows("select count(*) from portal.provider_document") == [(2,)]
    at.advance(days=2)
    own_keys.tidy()
    assert rows("select count(*) from portal.provider_document") == [(0,)]
