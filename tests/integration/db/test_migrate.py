"""Several machines that start at once upgrade one after the other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from portal.db import migrate
from portal.db.migrate import ADVISORY_LOCK, CORE, behind, engine_for, upgrade
from portal.provider.migrations_history import HISTORY


def test_an_upgrade_waits_for_another_however_long_it_takes(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_WAIT_MS", 100)
    engine = engine_for(empty_database_url)
    histories = [CORE, HISTORY]
    with ThreadPoolExecutor(2) as machines:
        with engine.begin() as first:
            first.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            waiting = [machines.submit(upgrade, empty_database_url, histories) for _ in range(2)]
            first.execute(text("select pg_sleep(0.5)"))
        for each in waiting:
            each.result(30)
    engine.dispose()
    assert behind(empty_database_url, histories) == []


def test_other_locks_are_waited_for_briefly_while_upgrading(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = migrate.command.upgrade

    def look(config: migrate.Config, target: str) -> None:
        seen.append(config.attributes["connection"].execute(text("show lock_timeout")).scalar_one())
        real(config, target)

    monkeypatch.setattr(migrate.command, "upgrade", look)
    upgrade(empty_database_url, [CORE])
    assert seen == ["5s"]
