"""The stylesheet and script that are committed: nothing in them that a council may not use or a policy would stop."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "portal" / "web" / "static"
CSS = (STATIC / "moothall.css").read_text()
SCRIPT = (STATIC / "app.js").read_text()


@pytest.mark.parametrize("word", ["GDS Transport", "@font-face", "crown", "govuk-header", "govuk-footer", "@import"])
def test_the_stylesheet_holds_nothing_of_govuks_own(word: str) -> None:
    assert word not in CSS.split("*/", 1)[1]


def test_the_typeface_comes_from_the_council_everywhere_but_on_paper() -> None:
    faces = set(re.findall(r"font-family:([^;}]+)", CSS))
    assert faces == {"var(--council-typeface, Helvetica Neue, Helvetica, Arial, sans-serif)", "sans-serif"}


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert not re.findall(r"url\((?![\"']?data:)", CSS)
    assert set(re.findall(r"http[^ ]+?//[a-z.0-9]+", CSS)) <= {"http://www.w3.org"}  # the name of SVG, not a place


@pytest.mark.parametrize("word", ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http"])
def test_the_script_writes_text_only_and_calls_nobody(word: str) -> None:
    assert word not in SCRIPT


def test_the_recipe_is_pinned_and_names_no_registry() -> None:
    recipe = json.loads((ROOT / "docker" / "theme" / "package.json").read_text())["devDependencies"]
    lock = json.loads((ROOT / "docker" / "theme" / "package-lock.json").read_text())["packages"]
    assert recipe == {"govuk-frontend": "6.6.0", "sass": "1.108.2"}
    assert recipe == {name: lock[f"node_modules/{name}"]["version"] for name in recipe}
    assert not any("resolved" in package for package in lock.values())
    assert all("integrity" in package for name, package in lock.items() if name)
