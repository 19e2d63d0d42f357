"""Deleting a service's folder removes the service: what is left works and upgrades."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from portal.db.migrate import upgrade
from portal.registry.discovery import discover
from portal.registry.histories import histories

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from portal.app import create_app
from portal.db.migrate import behind, upgrade
from portal.db.session import session
from portal.registry.discovery import FOLDER, discover
from portal.registry.histories import histories
from tests.support.people import sign_in, someone
from tests.support.settings import settings_for

url = sys.argv[1]
assert str(FOLDER).startswith(sys.argv[2]), FOLDER
assert "reporting" not in [each.slug for each in discover()]
upgrade(url, histories(discover()))
assert behind(url, histories(discover())) == []
app = create_app(settings_for(url))
client = app.test_client()
assert client.get("/").status_code == 200
sign_in(app, client, someone(app))
for path in ("/home", "/activity", "/profile", "/your-data"):
    assert client.get(path).status_code == 200, path
assert client.get("/services/reporting/").status_code == 404
"""


@pytest.fixture
def without_reporting(tmp_path: Path) -> Path:
    """The tree with the folder of one service deleted."""
    for name in ("portal", "services", "migrations", "tests/support"):
        ignored = shutil.ignore_patterns("__pycache__", "govuk")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    (tmp_path / "tests" / "__init__.py").touch()
    shutil.rmtree(tmp_path / "services" / "reporting")
    return tmp_path


def test_a_deleted_service_leaves_a_portal_that_works(without_reporting: Path, empty_database_url: str) -> None:
    upgrade(empty_database_url, histories(discover()))  # with its tables, as an installation would have them
    outcome = subprocess.run(
        [sys.executable, "-c", PROGRAM, empty_database_url, str(without_reporting)],
        cwd=without_reporting,
        env={"PYTHONPATH": str(without_reporting)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert outcome.returncode == 0, outcome.stderr
