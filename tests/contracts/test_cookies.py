"""Every cookie that is set anywhere is on the page that says which ones are."""

import ast
from collections.abc import Iterator
from pathlib import Path

from flask.testing import FlaskClient

ROOT = Path(__file__).parents[2] / "portal"


def names_set(folder: Path) -> set[str]:
    """The names that calls of `cookies.put` give, as text or by a constant of the modules under this folder."""
    trees = {path: ast.parse(path.read_text()) for path in sorted(folder.rglob("*.py"))}
    constants = {path: dict(_constants(tree)) for path, tree in trees.items()}
    everywhere = {name: value for found in constants.values() for name, value in found.items()}
    names = set()
    for path, tree in trees.items():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "cookies.put" and call.args:
                first = call.args[0]
                names.add(
                    first.value if isinstance(first, ast.Constant) else _value(first, constants[path], everywhere)
                )
    return names


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for statement in tree.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        value = getattr(statement, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield target.id, value.value


def _value(name: ast.expr, here: dict[str, str], everywhere: dict[str, str]) -> str:
    written = ast.unparse(name)
    found = here.get(written) or everywhere.get(written)
    assert found, f"the name of a cookie must be a constant, not {written}"
    return found


def test_every_cookie_is_on_the_page(client: FlaskClient) -> None:
    page = client.get("/cookies").get_data(as_text=True)
    names = names_set(ROOT)
    assert len(names) > 8
    assert sorted(name for name in names if f">{name}<" not in page) == []


def test_a_cookie_that_is_on_no_page_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('CRUMB = "crumb"\ncookies.put(CRUMB, "1")\ncookies.put("other", "2")\n')
    assert names_set(tmp_path) == {"crumb", "other"}
