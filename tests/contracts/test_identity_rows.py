"""Each row of the identity checklist is a test that bears its id, or says here why it cannot be one."""

import ast
import csv
import re
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TESTS = HERE.parent
ROW = re.compile(r"(?:^test|_)_?(gov|rp|bc|op|bcp|ux)_(\d\d)(?=_|$)")


def rows() -> dict[str, str]:
    """The ids and, where no test carries one, the reason."""
    with (HERE / "identity_rows.tsv").open() as table:
        lines = list(csv.reader(table, delimiter="\t"))
    return {line[0]: line[2] if len(line) > 2 else "" for line in lines[1:]}


def ids_in(source: str) -> set[str]:
    """The rows that the tests of a module bear in their names."""
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    return {
        f"{kind.upper()}-{number}"
        for function in functions
        if function.name.startswith("test_")
        for kind, number in ROW.findall(function.name)
    }


@cache
def with_tests() -> set[str]:
    """All of them."""
    return set().union(*(ids_in(path.read_text()) for path in TESTS.rglob("test_*.py")))


def test_ids_are_read_from_names() -> None:
    """The reader itself, on good and bad examples."""
    source = (
        "def test_rp_07_a(): ...\ndef test_op_05_bcp_11_b(): ...\ndef helper_rp_09(): ...\ndef test_trip_08(): ...\n"
    )
    assert ids_in(source) == {"RP-07", "OP-05", "BCP-11"}


@pytest.mark.parametrize("row", sorted(rows()))
def test_each_row_has_a_test_or_a_reason(row: str) -> None:
    reason = rows()[row]
    assert (row in with_tests()) != bool(reason), reason or f"{row} has neither a test nor a reason"


def test_no_test_bears_an_unknown_row() -> None:
    assert with_tests() <= set(rows())
