"""Whole lives of cases, by real workers that are killed: a small run of `tests/load/case_lives.py`."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

CASES, WORKERS, KILLS = 40, 2, 2


@pytest.fixture
def database(clean_database: str, cleaning_engine: Engine) -> Iterator[str]:
    """An empty database, and no letters left at the stand-in, whose tables are not the portal's."""
    yield clean_database
    with cleaning_engine.begin() as connection:
        for table in ("receipt", "notification", "control"):
            connection.execute(text(f"delete from notify_standin.{table}"))


def test_lives_come_to_their_end_with_every_message_sent_once_though_workers_are_killed(database: str) -> None:
    command = [sys.executable, "-m", "tests.load.case_lives", "--database", database, "--seconds", "100"]
    numbers = ["--cases", str(CASES), "--workers", str(WORKERS), "--kills", str(KILLS)]
    ran = subprocess.run([*command, *numbers], cwd=Path(__file__).parents[3], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{CASES} cases, {KILLS} kills" in ran.stdout
