"""Layouts: what one sets for itself, the page that extends it sees too, and must not see in place of its own value."""

from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(
    path for room in ("portal", "services") for path in (ROOT / room).rglob("*.html") if "templates" in path.parts
)


def name_of(path: Path) -> str:
    """The template's name, as another one extends it."""
    return path.relative_to([each for each in path.parents if each.name == "templates"][-1]).as_posix()


def unmarked(environment: Environment, source: str) -> list[str]:
    """What a layout sets for the whole page under a name that a view could give to its own value."""
    tree = environment.parse(source)
    found = [name.name for each in tree.body for name in _set_by(each)]
    return sorted({name for name in found if not name.startswith("layout_")})


def _set_by(node: nodes.Node) -> list[nodes.Name]:
    """The names set outside of any block: one within a block, a loop or a macro is gone after it."""
    if isinstance(node, (nodes.Block, nodes.Macro, nodes.For)):
        return []
    if isinstance(node, (nodes.Assign, nodes.AssignBlock)):
        return [node.target] if isinstance(node.target, nodes.Name) else list(node.target.find_all(nodes.Name))
    return [name for child in node.iter_child_nodes() for name in _set_by(child)]


@pytest.fixture(scope="module")
def environment() -> Environment:
    return Environment(extensions=["jinja2.ext.i18n"])


def test_a_name_that_a_view_may_give_is_found(environment: Environment) -> None:
    bad = "{% set before %}{% block a %}{% endblock %}{% endset %}{% if x %}{% set width = 1 %}{% endif %}"
    assert unmarked(environment, bad) == ["before", "width"]
    assert unmarked(environment, "{% block a %}{% set before = 1 %}{% endblock %}{% set layout_x = 2 %}") == []


def test_no_layout_sets_what_a_view_may_give(environment: Environment) -> None:
    sources = {name_of(path): path.read_text() for path in TEMPLATES}
    layouts = {
        parent
        for source in sources.values()
        if "{% extends" in source
        for parent in meta.find_referenced_templates(environment.parse(source))
        if parent and f'{{% extends "{parent}" %}}' in source
    }
    assert "web/page.html" in layouts
    assert {name: found for name in sorted(layouts) if (found := unmarked(environment, sources[name]))} == {}
