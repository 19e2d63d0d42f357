"""What the README says is there: pictures, files, habits and the demo's people."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.cli.demo_people import PEOPLE

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = ("portal", "services", "tests", "docker", "migrations")


def placeholders(text: str) -> list[str]:
    """Lines that are one word in capitals: what somebody meant to fill in."""
    return re.findall(r"^[ \t]*([A-Z]{3,})[ \t]*$", text, re.MULTILINE)


def absent(text: str, root: Path) -> list[str]:
    """Local pictures, links, and paths written as code that are not there."""
    named = [link for link in LINK.findall(text) if "://" not in link and not link.startswith("mailto:")]
    named += [code for code in CODE.findall(text) if _is_path(code)]
    return [path for path in named if not (root / path.strip("/")).exists()]


def _is_path(code: str) -> bool:
    first, slash, _rest = code.partition("/")
    plain = re.fullmatch(r"[\w./-]+", code) is not None
    return plain and (bool(slash and first in FOLDERS) or re.fullmatch(r"[A-Z]\w+\.md", code) is not None)


def unknown_habits(text: str, makefile: str) -> list[str]:
    """`make x` for which the Makefile has no x."""
    known = set(re.findall(r"[\w-]+", " ".join(re.findall(r"^(?!\.)([\w -]+):", makefile, re.MULTILINE))))
    wanted = re.findall(r"\bmake ([a-z][\w-]*)", "\n".join(_commands(text)))
    return [each for each in wanted if each not in known]


def _commands(text: str) -> Iterator[str]:
    yield from CODE.findall(text)
    yield from re.findall(r"^ {4}(.+)$", text, re.MULTILINE)
    yield from re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def people_of(text: str) -> list[str]:
    """The names in the table of whom to sign in as."""
    table = re.search(r"^\| *sign in as *\|.*\n\|[-| ]+\n((?:\|.*\n)*)", text, re.MULTILINE)
    rows = table[1].splitlines() if table else []
    return [row.split("|")[1].strip().strip("*") for row in rows]


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text()


def test_nothing_waits_to_be_filled_in(readme: str) -> None:
    assert placeholders(readme) == []


def test_every_picture_and_file_is_there(readme: str) -> None:
    assert absent(readme, ROOT) == []


def test_every_habit_is_in_the_makefile(readme: str) -> None:
    assert unknown_habits(readme, (ROOT / "Makefile").read_text()) == []


def test_the_people_are_those_of_the_demo(readme: str) -> None:
    assert people_of(readme) == [person.name for person in PEOPLE]


def test_faults_are_seen() -> None:
    assert placeholders("|---|\nPEOPLE\n\n  FIGURES\nREADME too\n") == ["PEOPLE", "FIGURES"]
    bad = "![a](docs/none.png) [b](https://a.example/x) `portal/none` `portal/web` `NONE.md` `moothall demo`"
    assert absent(bad, ROOT) == ["docs/none.png", "portal/none", "NONE.md"]
    makefile = (ROOT / "Makefile").read_text()
    assert unknown_habits("`make demo` and `PORT=1 make fly`\n\n    make crawl\n", makefile) == ["fly", "crawl"]
    assert people_of("| sign in as | to see |\n|---|---|\n| **Ada Example** | much |\n| Ben | x |\n") == [
        "Ada Example",
        "Ben",
    ]
