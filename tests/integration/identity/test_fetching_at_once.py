"""Processes that want a provider's documents at the same time: one fetches, and nobody waits for long."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from portal.identity import documents as documents_module
from portal.identity import stored_documents as store
from portal.identity.documents import Documents
from portal.identity.metadata import ProviderDown
from tests.integration.identity.processes import DISCOVERY, process, town
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

__all__ = ["process", "town"]


def test_processes_that_start_at_once_ask_once(town: Flask, process: Any, provider: HostileProvider) -> None:
    provider.delay = 0.1

    def count(documents: Documents) -> int:
        with town.app_context():
            return len(documents.keys())

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(count, [process() for _ in range(6)])) == {2}
    assert (provider.count(DISCOVERY), provider.count("/jwks")) == (1, 1)


def test_nobody_waits_for_a_refresh_while_a_copy_serves(
    town: Flask, process: Any, provider: HostileProvider, at: Clock
) -> None:
    one, other = process(), process()
    one.metadata()
    other.metadata()
    at.advance(hours=2)
    assert store.claim(one.metadata_url, known=1) is not None  # a third process is fetching, and takes long
    assert other.metadata().issuer == provider.issuer
    assert provider.count(DISCOVERY) == 1


def test_a_process_that_dies_while_fetching_holds_up_nobody_for_long(
    process: Any, provider: HostileProvider, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_module, "PATIENCE_SECONDS", 0.1)
    one = process()
    assert store.claim(one.metadata_url, known=0) is not None
    with pytest.raises(ProviderDown):
        one.metadata()
    at.advance(seconds=store.CLAIM.total_seconds() + 1)
    assert one.metadata().issuer == provider.issuer


def test_an_answer_that_comes_too_late_replaces_nothing(process: Any, provider: HostileProvider, at: Clock) -> None:
    one = process()
    claimed = store.claim(one.metadata_url, known=0)
    assert claimed is not None
    at.advance(seconds=store.CLAIM.total_seconds() + 1)
    one.metadata()
    store.keep(one.metadata_url, claimed=claimed, body="{}", fresh_until=claimed + timedelta(days=1))
    assert process().metadata().issuer == provider.issuer
    assert provider.count(DISCOVERY) == 1
