"""A new service is green at once: its own tests, and the portal's rules for every service, with nothing else edited."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli import service_new
from portal.errors import SetupError

ROOT = Path(__file__).parents[3]
COPIED = ("portal", "services", "migrations", "tests/support", "tests/contracts")
RULES = ("test_found_things.py", "test_migrations.py", "test_catalogues.py", "test_keeping.py")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree."""
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(tree: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """What the command says, with that tree as the working copy."""
    monkeypatch.setattr(service_new, "FOLDER", tree / "services")
    outcome = CliRunner().invoke(service_new.new, list(words), catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


def test_it_is_green_and_keeps_every_rule(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run(tree, monkeypatch, "Street parties", "--title-cy", "Partïon stryd")
    assert len(said.splitlines()) == 4
    outcome = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "street_parties or found"),
            *("services/street_parties", *(f"tests/contracts/{name}" for name in RULES)),
        ],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert outcome.returncode == 0, outcome.stdout[-6000:]
    assert " passed" in outcome.stdout


def test_one_without_welsh_says_what_is_left_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "pyproject.toml").touch()
    assert "no Welsh yet" in run(tmp_path, monkeypatch, "Street parties")


def test_a_portal_that_is_installed_is_not_written_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="--apart"):
        run(tmp_path, monkeypatch, "Street parties")


def test_apart_it_is_no_package_that_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="package called `json`"):
        run(tmp_path, monkeypatch, "Json", "--apart", str(tmp_path / "json"))


def test_apart_it_says_how_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run(tmp_path, monkeypatch, "Street parties", "--apart", str(tmp_path / "parties"))
    assert "pip install" in said
    assert (tmp_path / "parties" / "street_parties" / "service.py").is_file()
