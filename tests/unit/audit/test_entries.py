"""What is written down is the same kind of thing everywhere."""

import ast
import re
from pathlib import Path

import pytest

from portal.audit.operations import entry

ROOT = Path(__file__).parents[3]
TABLES = {"AuditEntry", "AuditLink", "AuditHead"}
SQL = re.compile(r"\s*(update|delete\s+from|truncate(\s+table)?)\s+(portal\.)?audit_(entry|link|head)", re.IGNORECASE)


@pytest.mark.parametrize("actor", ["staff:7", "account:1", "system:cases", "person:1", "client:1", "provider:x"])
def test_an_actor_has_a_kind(actor: str) -> None:
    assert entry("test.done", actor=actor)["audit_actor"] == actor


@pytest.mark.parametrize("actor", ["", "Sam", "staff", "admin:7", "7"])
def test_an_actor_without_a_known_kind_is_refused(actor: str) -> None:
    with pytest.raises(ValueError, match="who did it begins with"):
        entry("test.done", actor=actor)


def changes_in(code: str) -> list[str]:
    """The parts of a file that would update or delete rows of the trail."""
    nodes = list(ast.walk(ast.parse(code)))
    calls = [ast.unparse(each) for each in nodes if isinstance(each, ast.Call) and is_change(each)]
    texts = [each.value for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return calls + [each for each in texts if SQL.match(each)]


def is_change(call: ast.Call) -> bool:
    """Whether it is `update(AuditEntry)` or the like."""
    name = ast.unparse(call.func).split(".")[-1]
    about = {ast.unparse(each).split(".")[-1] for each in call.args}
    return ("update" in name or "delete" in name) and bool(about & TABLES)


def test_no_code_of_ours_changes_or_deletes_an_entry() -> None:
    files = [*ROOT.glob("portal/**/*.py"), *ROOT.glob("services/**/*.py")]
    assert len(files) > 100
    assert {str(file): found for file in files if (found := changes_in(file.read_text(encoding="utf-8")))} == {}


@pytest.mark.parametrize(
    "code",
    [
        "session().execute(update(AuditEntry).values(act='x'))",
        "session().execute(delete(models.AuditLink))",
        "delete_in_portions(AuditEntry, AuditEntry.at < then)",
        "text('delete from portal.audit_entry where id = 1')",
        "text('UPDATE portal.audit_head set number = 1')",
    ],
)
def test_a_change_would_be_seen(code: str) -> None:
    assert changes_in(code)
