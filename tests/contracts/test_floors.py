"""The floors of the house hold, and the checker sees a breach."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")
BREACHES = {
    "1. The portal never imports a service": ("portal/home/breach.py", "import services.reporting.service\n"),
    "2. Services never import each other": ("services/breach/service.py", "import services.reporting.workflow\n"),
    "3. Services enter the portal only through portal.kit": (
        "services/reporting/rules.py",
        "import portal.accounts.models\n",
    ),
    "4. Rooms of the portal, top floor first": ("portal/accounts/breach.py", "import portal.identity.sessions\n"),
    "5. Rooms of a service, top floor first": ("services/reporting/rules.py", "import services.reporting.forms\n"),
    "6. Only operations and queries touch a service's tables": (
        "services/reporting/views.py",
        "import services.reporting.models\n",
    ),
    "7. Rules, reads and tables know nothing of the web": ("services/reporting/rules.py", "import flask\n"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder)}
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code to breach."""
    copy = tmp_path_factory.mktemp("house")
    for name in ("portal", "services"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "static", "*.po"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_the_floors_hold() -> None:
    outcome = lint(ROOT)
    assert outcome.returncode == 0, outcome.stdout
    assert "7 kept, 0 broken" in outcome.stdout


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_seen(house: Path, contract: str) -> None:
    where, line = BREACHES[contract]
    path = house / where
    before = path.read_text() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    path.write_text((before or "") + "\n" + line)
    try:
        outcome = lint(house)
    finally:
        if before is None:
            path.unlink()
            if path.parent.name == "breach":
                shutil.rmtree(path.parent)
        else:
            path.write_text(before)
    assert outcome.returncode != 0
    assert f"{contract} BROKEN" in outcome.stdout, outcome.stdout
