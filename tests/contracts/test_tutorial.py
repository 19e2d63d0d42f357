"""The tutorial for council developers does what it says, in a copy of the tree."""

import re
import shutil
from pathlib import Path

import pytest

from tests.support.tutorial import Astray, blocks, environment_for, follow

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "services" / "TUTORIAL.md"
COPIED = ("portal", "services", "migrations", "tests/support", "tests/contracts")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree."""
    copy = tmp_path / "tree"
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "tests" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_the_tutorial_does_what_it_says(tree: Path, tmp_path: Path) -> None:
    """But for the blocks that take minutes: `python -m tests.load.tutorial` follows those too."""
    done = list(follow(TUTORIAL.read_text(), tree, environment_for(tree, tmp_path / "bin")))
    print(f"the tutorial: {len(done)} steps, {sum(each.seconds for each in done):.0f} seconds")
    assert len(done) >= 25


def test_what_is_left_out_is_what_takes_minutes() -> None:
    long = [each.body for each in blocks(TUTORIAL.read_text()) if each.is_long]
    typed = re.findall(r"^\$ (.+)$", "".join(long), re.MULTILINE)
    assert typed == [
        "mypy services/garden_waste",
        "lint-imports",
        "moothall service check garden_waste",
        "moothall demo",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```console\n$ false\n```\n", "line 1: `false` fails"),
        ("```console\n$ echo one\ntwo\n```\n", "line 1: `echo one` prints"),
        ("```diff a.txt\n-not there\n+there\n```\n", "line 1: not once in a.txt"),
        ("```diff a.txt\n twice\n+there\n```\n", "line 1: not once in a.txt"),
        ("\n```cobol a.txt\n```\n", "line 2: nobody knows"),
        ("```\nsomething\n```\n", "does not say"),
    ],
    ids=["command_fails", "prints_otherwise", "not_there", "there_twice", "unknown_kind", "no_kind"],
)
def test_what_is_not_so_is_seen(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "a.txt").write_text("twice\ntwice\n")
    with pytest.raises(Astray, match=complaint):
        list(follow(text, tmp_path, environment_for(tmp_path, tmp_path / "bin")))


def test_what_is_changed_and_printed_as_said_is_done(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    text = "```diff a.txt\n one\n-two\n+three\n```\n```console\n$ cat a.txt\none\nth…e\n```\n"
    done = list(follow(text, tmp_path, environment_for(tmp_path, tmp_path / "bin")))
    assert [each.what for each in done] == ["diff a.txt", "cat a.txt"]
