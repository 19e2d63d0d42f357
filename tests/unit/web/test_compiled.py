"""Compiled templates outlive the process that compiled them, and never their template."""

import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from portal.web.compiled import Compiled


class Counting(Environment):
    """Knows how often it compiled."""

    compiled = 0

    def _generate(self, *arguments: object, **named: object) -> str:
        self.compiled += 1
        return super()._generate(*arguments, **named)  # type: ignore[arg-type]  # passed on as they are


@pytest.fixture(autouse=True)
def _python_may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the tests were started with."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """One template."""
    path = tmp_path / "page.html"
    path.write_text("Hello {{ name }}")
    return path


def said(template: Path) -> tuple[str, int]:
    """What a process that starts now makes of it, and how often it had to compile for that."""
    environment = Counting(loader=FileSystemLoader(template.parent), bytecode_cache=Compiled(), autoescape=True)
    return environment.get_template(template.name).render(name="Sam"), environment.compiled


def kept(template: Path) -> list[Path]:
    return list(template.parent.rglob("*.pyc"))


def test_the_next_process_does_not_compile_again(template: Path) -> None:
    assert said(template) == ("Hello Sam", 1)
    assert said(template) == ("Hello Sam", 0)


def test_a_changed_template_is_compiled_and_takes_the_place_of_the_former(template: Path) -> None:
    said(template)
    template.write_text("Good day {{ name }}")
    assert said(template) == ("Good day Sam", 1)
    assert said(template) == ("Good day Sam", 0)
    assert len(kept(template)) == 1


def test_templates_of_one_folder_are_kept_apart(template: Path) -> None:
    other = template.with_suffix(".txt")
    other.write_text("Dear {{ name }}")
    assert [said(each)[0] for each in (template, other, template, other)] == ["Hello Sam", "Dear Sam"] * 2


def test_another_compiler_compiles_anew(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said(template)
    monkeypatch.setattr("portal.web.compiled._compiler", lambda: "another")
    assert said(template)[1] == 1


@pytest.mark.parametrize("left", [0, 5, 60, -1])
def test_one_that_was_cut_short_is_compiled_anew(template: Path, left: int) -> None:
    said(template)
    (path,) = kept(template)
    path.write_bytes(path.read_bytes()[:left])
    assert said(template) == ("Hello Sam", 1)


def test_nothing_is_written_where_python_may_not(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert said(template) == ("Hello Sam", 1)
    assert list(template.parent.iterdir()) == [template]


def test_it_goes_where_python_was_told_to_keep_such_things(
    template: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setattr(sys, "pycache_prefix", str(elsewhere))
    said(template)
    assert kept(template) == []
    assert len(list(elsewhere.rglob("page.html.*.pyc"))) == 1
    assert said(template) == ("Hello Sam", 0)


def test_a_folder_that_cannot_be_written_is_no_fault(template: Path) -> None:
    (template.parent / "__pycache__").touch()  # not even root can make a folder there
    assert said(template) == ("Hello Sam", 1)
    assert said(template) == ("Hello Sam", 1)
