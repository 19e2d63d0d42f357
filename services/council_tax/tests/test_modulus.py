"""The modulus check holds the test cases of the published specification, and passes what it cannot know."""

import os
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from services.council_tax.queries.bank_tables import EXAMPLES, bank_tables
from services.council_tax.rules.modulus import BadTable, Tables, fits, read_tables

GOOD = ["089000 089999 MOD10 0 0 0 0 0 0 7 1 3 7 1 3 7 1"]
PUBLISHED = [
    ("089999", "66374958", True, "1: modulus 10"),
    ("107999", "88837491", True, "2: modulus 11"),
    ("202959", "63748472", True, "3: modulus 11 and double alternate"),
    ("871427", "46238510", True, "4: exceptions 10 and 11, the first passes"),
    ("872427", "46238510", True, "5: exceptions 10 and 11, the second passes"),
    ("871427", "09123496", True, "6: exception 10 with 09 and g 9"),
    ("871427", "99123496", True, "7: exception 10 with 99 and g 9"),
    ("820000", "73688637", True, "8: exception 3, c is 6"),
    ("827999", "73988638", True, "9: exception 3, c is 9"),
    ("827101", "28748352", True, "10: exception 3, both checks"),
    ("134020", "63849203", True, "11: exception 4"),
    ("118765", "64371389", True, "12: exception 1"),
    ("200915", "41011166", True, "13: exception 6"),
    ("938611", "07806039", True, "14: exception 5"),
    ("938600", "42368003", True, "15: exception 5 with another sort code"),
    ("938063", "55065200", True, "16: exception 5 without remainders"),
    ("772798", "99345694", True, "17: exception 7"),
    ("086090", "06774744", True, "18: exception 8"),
    ("309070", "02355688", True, "19: exceptions 2 and 9, the first passes"),
    ("309070", "12345668", True, "20: exceptions 2 and 9, the second passes"),
    ("309070", "12345677", True, "21: exception 2 with other weights"),
    ("309070", "99345694", True, "22: exception 2 with g 9"),
    ("938063", "15764273", False, "23: exception 5, the second fails"),
    ("938063", "15764264", False, "24: exception 5, the first fails"),
    ("938063", "15763217", False, "25: exception 5 with remainder 1"),
    ("118765", "64371388", False, "26: exception 1 fails"),
    ("203099", "66831036", False, "27: the second of two fails"),
    ("203099", "58716970", False, "28: the first of two fails"),
    ("089999", "66374959", False, "29: modulus 10 fails"),
    ("107999", "88837493", False, "30: modulus 11 fails"),
    ("074456", "12345112", True, "31: exceptions 12 and 13, the first passes"),
    ("070116", "34012583", True, "32: exceptions 12 and 13, the first passes"),
    ("074456", "11104102", True, "33: exceptions 12 and 13, the second passes"),
    ("180002", "00000190", True, "34: exception 14"),
]


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Those that are shipped."""
    weights, instead = ((EXAMPLES / name).read_text() for name in ("valacdos.example.txt", "scsubtab.example.txt"))
    return read_tables(weights.splitlines(), instead.splitlines())


@pytest.mark.parametrize(
    ("sort_code", "account_number", "right"), [case[:3] for case in PUBLISHED], ids=[case[3] for case in PUBLISHED]
)
def test_the_published_cases_hold(sort_code: str, account_number: str, right: bool, tables: Tables) -> None:
    assert fits(sort_code, account_number, tables) is right


def test_a_sort_code_that_no_row_covers_passes(tables: Tables) -> None:
    assert fits("999999", "12345678", tables)
    assert fits("089999", "66374959", Tables())


@given(st.sampled_from([case[0] for case in PUBLISHED]), st.from_regex(r"[0-9]{8}", fullmatch=True))
def test_any_eight_digits_are_answered(sort_code: str, account_number: str) -> None:
    text = (EXAMPLES / "valacdos.example.txt").read_text().splitlines()
    assert fits(sort_code, account_number, read_tables(text)) in (True, False)


@given(st.from_regex(r"[0-9]{8}", fullmatch=True), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_never_passes_modulus_11(account_number: str, at: int, more: int) -> None:
    table = read_tables(["107999 107999 MOD11 0 0 0 0 0 0 8 7 6 5 4 3 2 1"])
    if not fits("107999", account_number, table):
        return
    wrong = str((int(account_number[at]) + more) % 10)
    assert not fits("107999", account_number[:at] + wrong + account_number[at + 1 :], table)


@pytest.mark.parametrize(
    "line",
    ["089000", "089000 089999 MOD12 " + "0 " * 14, "08900x 089999 MOD10 " + "0 " * 14, "089000 089999 MOD10 1 2"],
    ids=["short", "method", "sort code", "few weights"],
)
def test_a_table_in_another_form_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(BadTable, match="line 2"):
        read_tables(["# a comment", line])
    with pytest.raises(BadTable, match="line 1"):
        read_tables([], ["938173"])


def test_a_broken_file_keeps_nobody_from_paying_and_a_new_one_is_read(
    app: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    weights, key = tmp_path / "valacdos.txt", "moothall.settings.council_tax"
    before = app.extensions[key]
    app.extensions[key] = before.model_copy(update={"modulus_weights": weights})
    try:
        with app.app_context():
            assert bank_tables() == Tables()
            assert "cannot be read" in caplog.text
            weights.write_text("nonsense")
            assert not fits("089999", "66374959", read_tables(GOOD))
            assert fits("089999", "66374959", bank_tables())
            weights.write_text("\n".join(GOOD))
            os.utime(weights, ns=(1, 1))
            assert not fits("089999", "66374959", bank_tables())
    finally:
        app.extensions[key] = before
