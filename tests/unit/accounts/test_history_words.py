"""The audit trail in plain words."""

import ast
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from portal.accounts.values import Account
from portal.audit.models import AuditEntry
from portal.cases.values import EventKind
from portal.home import history_words
from portal.home.profile_history import in_words
from portal.registry.discovery import discover

ADDRESS_STOPPED = "The secret address of your calendar was switched off"
ABOUT = "account_id"
WRITING = {"record", "record_for_each"}
ANN = Account(uuid.UUID(int=1), "Ann", "en")


def entry(act: str, actor: str, **details: object) -> AuditEntry:
    return AuditEntry(
        id=1, at=datetime(2026, 1, 1, tzinfo=UTC), act=act, actor=actor, account_id=ANN.id, subject="", details=details
    )


@pytest.mark.parametrize(
    ("written", "what", "who"),
    [
        (entry("identity.signed_in", f"account:{ANN.id}"), "Signed in", "You"),
        (
            entry("profile.changed", f"account:{ANN.id}", fields=["phone", "language"]),
            "Changed: telephone number, language",
            "You",
        ),
        (
            entry("identity.logged_out", "provider:town"),
            "Signed out here, because you had signed out elsewhere",
            "The account you sign in with",
        ),
        (entry("profile.changed", "system:desk"), "Changed: ", "The portal"),
        (entry("profile.changed", "staff:5", fields=["new_field"]), "Changed: another detail", "The council"),
        (
            entry("permits.renewed", f"account:{uuid.UUID(int=2)}"),
            "Something was done on your account",
            "Somebody else",
        ),
        (entry("case.message_sent", f"account:{ANN.id}"), "You wrote to us", "You"),
        (entry("case.message_sent", "staff:5"), "We wrote to you", "The council"),
        (entry("case.rated", f"account:{ANN.id}"), "You told us what you thought", "You"),
        (entry("case.moved", "staff:5"), "Something you sent was updated", "The council"),
        (entry("calendar.address_stopped", f"account:{ANN.id}"), ADDRESS_STOPPED, "You"),
    ],
)
def test_an_entry_is_told_in_plain_words(written: AuditEntry, what: str, who: str) -> None:
    (line,) = in_words([written], ANN)
    assert (line.what, line.who) == (what, who)


def test_an_act_of_a_service_is_told_in_its_own_words() -> None:
    (line,) = in_words([entry("bees.housed", "staff:5")], ANN, {"bees.housed": "Your bees were housed"})
    assert line.what == "Your bees were housed"


def acts_of_services() -> set[str]:
    """What the services have words for."""
    return {act for each in discover() for act in each.service.acts}


def acts_about_residents() -> Iterator[str]:
    """Every act that the code writes down about somebody's record, where the code spells it out."""
    for room in ("portal", "services"):
        for path in Path(history_words.__file__).parents[2].joinpath(room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    yield from acts_in(node)


def acts_in(function: ast.FunctionDef) -> Iterator[str]:
    """Those that a function writes down, said in the call or before it."""
    inner = list(ast.walk(function))
    before = {target.id: each.value for each in inner if isinstance(each, ast.Assign) for target in names_in(each)}
    for node in inner:
        if not isinstance(node, ast.Call) or ABOUT not in {each.arg for each in node.keywords}:
            continue
        if getattr(node.func, "attr", getattr(node.func, "id", "")) in WRITING and node.args:
            act = node.args[0]
            said = before.get(act.id, act) if isinstance(act, ast.Name) else act
            yield from (
                each.value
                for each in ast.walk(said)
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and "." in each.value.strip(".")
            )


def names_in(assignment: ast.Assign) -> list[ast.Name]:
    """What is given a value, where it is a name."""
    return [target for target in assignment.targets if isinstance(target, ast.Name)]


def test_everything_that_is_written_down_about_a_resident_has_words() -> None:
    written = {act for act in acts_about_residents() if not act.endswith(".")}
    assert {"data.exported", "calendar.address_made", "case.document_fetched", "reporting.photo_hidden"} <= written
    known = set(history_words.ACTS) | history_words.LEFT_OUT | {"profile.changed"} | acts_of_services()
    assert written - known == set()


@pytest.mark.parametrize("kind", sorted(get_args(EventKind)))
def test_every_act_on_a_case_has_words_or_is_left_out(kind: str) -> None:
    act = f"case.{kind}"
    said = history_words.in_words(act, {}, by_resident=False)
    assert act in history_words.LEFT_OUT or said != str(history_words.OTHER_ACT)
