"""The form of an entry is unambiguous, and a walk along the chain says what is wrong with it."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.chain import START, Head, digest_of, follow, head_in
from portal.audit.following import WINDOW, Entry, Examination, Link, in_order
from portal.errors import Refused

VALUES = st.lists(st.none() | st.text(), max_size=5)
NOW = datetime(2026, 11, 22, 12, 0, 0, 123, tzinfo=UTC)


def test_the_form_is_as_documented() -> None:
    form = b"2:17,6:\xc3\xa9,\n\xe2\x82\xac,-,0:,".replace(b"6:\xc3\xa9,\n\xe2\x82\xac", b"7:\xc3\xa9,\n\xe2\x82\xac")
    assert digest_of(["17", "é,\n€", None, ""]) == hashlib.sha256(form).digest()


@given(VALUES, VALUES)
def test_two_entries_that_differ_have_different_forms(one: list[str | None], other: list[str | None]) -> None:
    one, other = (
        [None if each is None else each.encode(errors="ignore").decode() for each in it] for it in (one, other)
    )
    assert (digest_of(one) == digest_of(other)) == (one == other)


def test_a_link_covers_all_before_it() -> None:
    assert follow(START, b"a") == hashlib.sha256(bytes(32) + b"a").digest()
    assert follow(follow(START, b"a"), b"b") != follow(follow(START, b"b"), b"a")


def test_a_head_is_read_back_from_its_line_and_from_a_log() -> None:
    head = Head(7, 9, b"\x01" * 32, NOW)
    assert head_in(head.as_line()) == head
    assert head_in(f"2026-11-22 12:00:00 INFO portal.audit.sealing: audit head {head.as_line()}\n") == head


@pytest.mark.parametrize("line", ["", "{", "[]", "{}", '{"number": 1, "entry_id": 1, "chain": "x", "sealed_at": "y"}'])
def test_a_line_without_a_head_is_refused(line: str) -> None:
    with pytest.raises(Refused):
        head_in(line)


def test_heads_that_several_workers_wrote_to_one_file_are_put_in_order() -> None:
    heads = [Head(number ^ 3, 0, b"", NOW) for number in range(4 * WINDOW)]
    assert [head.number for head, _ in in_order(heads, "file")] == list(range(4 * WINDOW))


def trail(many: int) -> tuple[list[Entry], list[Link]]:
    """So many entries with every second id, and their links."""
    entries: list[Entry] = [(str(2 * number), "now", "act") for number in range(1, many + 1)]
    links: list[Link] = []
    chain = START
    for number, entry in enumerate(entries, start=1):
        digest = digest_of(entry)
        chain = follow(chain, digest)
        links.append((2 * number, number, digest, chain))
    return entries, links


def found(entries: Sequence[Entry], links: Sequence[Link], heads: Sequence[tuple[Head, str]] = ()) -> list[str]:
    examination = Examination(None, iter(heads))
    return [each.says for each in examination.findings(iter(entries), iter(links))]


def test_a_good_trail_is_good() -> None:
    assert found(*trail(5)) == []
    assert found([], []) == []


@pytest.mark.parametrize("which", range(5))
def test_one_fault_is_said_once(which: int) -> None:
    entries, links = trail(5)
    assert len(found(entries[:which] + entries[which + 1 :], links)) == 1
    changed = [*entries[:which], (entries[which][0], "later", "act"), *entries[which + 1 :]]
    assert found(changed, links) == [f"Entry {entries[which][0]} was changed after it was sealed."]
    if which < 4:
        (said,) = found(entries, links[:which] + links[which + 1 :])
        assert said.startswith("Links were taken away")


def test_a_missing_and_an_inserted_one_are_told_apart() -> None:
    entries, links = trail(5)
    both = [*entries[:2], ("5", "now", "act"), *entries[3:]]
    assert found(both, links) == [
        "Entry 6 is missing: it was sealed as number 3.",
        "Put in after its time: entry 5. Nothing of that was sealed when its turn came.",
    ]


def test_a_head_that_has_another_hash_is_told() -> None:
    entries, links = trail(5)
    right, wrong = Head(3, 6, links[2][3], NOW), Head(4, 8, links[2][3], NOW)
    assert found(entries, links, [(right, "log")]) == []
    (said,) = found(entries, links, [(right, "log"), (wrong, "log")])
    assert said.startswith("What was sealed up to 2026-11-22 12:00:00 (number 4, entry 8, log)")
    (said,) = found(entries, links, [(Head(6, 12, b"", NOW), "log")])
    assert said.startswith("The end was cut off")
