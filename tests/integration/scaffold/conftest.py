"""A new service as a project of its own: built, installed and found."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from portal.db.migrate import upgrade
from portal.registry.discovery import Mounted, discover
from portal.scaffold.writing import NewService, write_project

SLUG = "kerbside_books"
TITLE = "Kerbside books"


def _pip(*words: str | Path) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    outcome = subprocess.run([sys.executable, "-m", "pip", *words, *quiet], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a project that was just written."""
    folder = tmp_path_factory.mktemp("apart")
    new = NewService(title=TITLE, title_cy="Llyfrau wrth y palmant", slug=SLUG, package=SLUG)
    project = write_project(new, folder / "project")
    _pip("wheel", project, "--no-build-isolation", "--wheel-dir", folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def apart(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, cleaning_engine: Engine
) -> Iterator[Mounted]:
    """That service, installed where Python looks, found by its entry point, its tables made. Gone after the test."""
    _pip("install", wheel, "--target", tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    importlib.invalidate_caches()
    mounted = next(each for each in discover() if each.slug == SLUG)
    assert mounted.history is not None
    try:
        upgrade(database_url, [mounted.history])
        yield mounted
    finally:
        with cleaning_engine.begin() as connection:
            connection.execute(text(f"drop schema if exists {SLUG} cascade"))
        for name in [each for each in sys.modules if each.partition(".")[0] == SLUG]:
            del sys.modules[name]
