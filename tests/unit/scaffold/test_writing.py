"""What is written for a new service: formatted, whole, or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from portal.errors import SetupError
from portal.scaffold.writing import NewService, write_project, write_service
from tests.support.catalogues import read

ROOT = Path(__file__).parents[3]
RUFF = Path(sys.executable).with_name("ruff")
LONG = "Zoological gardens and other open air places of learning now"
TITLES = {"a": "A", "garden_waste": "Garden waste", "zoological_gardens_and_other_open_air_pl": LONG}


def new(slug: str, package: str, title_cy: str = "") -> NewService:
    return NewService(title=TITLES[slug], title_cy=title_cy, slug=slug, package=package)


def judged(*words: str, folder: Path) -> str:
    """What ruff says in that folder, with the house's rules there."""
    outcome = subprocess.run([RUFF, *words, "--no-cache", "."], cwd=folder, capture_output=True, text=True, check=False)
    return "" if outcome.returncode == 0 else outcome.stdout + outcome.stderr


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The house's rules, and empty files where its code would be: by them it is known what is of the house."""
    for name in ("services/__init__", "portal/kit/__init__", "tests/support/residents", "tests/support/migrating"):
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return tmp_path


def test_whatever_its_length_a_title_gives_files_that_are_formatted(house: Path) -> None:
    for slug in TITLES:
        write_service(new(slug, f"services.{slug}"), house / "services")
    assert judged("format", "--check", "--diff", folder=house) == ""
    assert judged("check", folder=house) == ""


@pytest.mark.parametrize("slug", TITLES)
def test_a_project_of_its_own_is_formatted_by_its_own_rules(tmp_path: Path, slug: str) -> None:
    folder = write_project(new(slug, slug), tmp_path / "apart")
    assert judged("format", "--check", "--diff", folder=folder) == ""
    assert judged("check", folder=folder) == ""


def test_nothing_of_the_skeleton_is_left_to_be_filled_in(tmp_path: Path) -> None:
    folder = write_project(new("garden_waste", "garden_waste"), tmp_path / "apart")
    texts = [path.read_text() for path in folder.rglob("*") if path.is_file()]
    assert len(texts) > 20
    assert not [text for text in texts if "<<" in text or "<%" in text]


def test_the_title_is_in_the_catalogue_in_welsh_if_it_was_given(tmp_path: Path) -> None:
    for slug, title_cy, expected in (("garden_waste", "Gwastraff gardd", "Gwastraff gardd"), ("a", "", "A")):
        folder = write_service(new(slug, f"services.{slug}", title_cy), tmp_path)
        message = read(folder / "translations" / "cy.po").get(TITLES[slug])
        assert message is not None
        assert message.string == expected


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "garden_waste").mkdir()
    with pytest.raises(SetupError, match="is there already"):
        write_service(new("garden_waste", "services.garden_waste"), tmp_path)
    assert list((tmp_path / "garden_waste").iterdir()) == []


def test_nothing_half_written_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(SetupError, match="No space left"):
        write_service(new("garden_waste", "services.garden_waste"), tmp_path)
    assert list(tmp_path.iterdir()) == []
