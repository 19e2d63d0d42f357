"""The reference of the kit is what its docstrings say, and each name has one."""

from pathlib import Path

import pytest

import portal.kit
from portal.kit import reference
from portal.kit.reference import SUBJECTS, entries

PAGE = Path(__file__).parents[2] / "services" / "KIT.md"
ENTRIES = {each.name: each for each in entries()}


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.reference(), "moothall service reference > services/KIT.md"


def test_each_name_has_words_and_each_subject_a_name() -> None:
    assert [each.name for each in ENTRIES.values() if not each.words] == []
    assert list(ENTRIES) == list(portal.kit.__all__)
    assert {each.subject for each in ENTRIES.values()} == set(SUBJECTS)


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("can_tell", "can_tell(account: Account, *, topic: str) -> bool"),
        ("Health", "Health(*, ok: bool, sentence: str = '')"),
        ("finish_draft", None),
        ("TooMany", None),
        ("clock", "clock"),
        ("AccountId", "AccountId"),
    ],
)
def test_functions_values_errors_modules_and_types_are_told_as_they_are(name: str, signature: str | None) -> None:
    assert ENTRIES[name].signature.startswith(signature or f"{name}(")


def test_a_module_of_no_subject_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "SUBJECTS", {"Cases": ("cases",)})
    with pytest.raises(LookupError, match="is of no subject"):
        entries()
