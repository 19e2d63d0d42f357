"""Who an id of the audit trail is: told to auditors alone, and never without a line about who asked."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.accounts.values import Account
from portal.audit.models import AuditEntry
from portal.cases.values import Case
from portal.db.session import session
from tests.support.residents import resident
from tests.support.staff import Colleague, colleague


@pytest.fixture
def alex(app: Flask) -> Colleague:
    """An auditor."""
    return colleague(app, "Alex", role="auditor")


def ask(alex: Colleague, *ids: str) -> str:
    alex.get("/desk/audit/who")
    alex.client.submit(ids="\n".join(ids))
    return alex.client.page.main


def lines(app: Flask) -> list[dict[str, object]]:
    with app.app_context():
        return list(session().scalars(select(AuditEntry.details).where(AuditEntry.act == "audit.identified")))


def test_staff_residents_and_cases_are_named_and_who_asked_is_on_the_record(
    app: Flask, sam: Account, case: Case, sunita: Colleague, alex: Colleague
) -> None:
    asked = [f"staff:{sunita.staff.id}", f"account:{sam.id}", f"case:{case.id}"]
    page = ask(alex, *asked)
    for said in ("Sunita", "sunita@staff.example", "Sam Tester", case.reference, "Pothole"):
        assert said in page
    assert lines(app) == [{"asked": asked}]
    with app.app_context():
        looks = session().execute(text("select what, reason from portal.staff_look")).all()
    assert [tuple(look) for look in looks] == [("audit", "audit")]  # the case is theirs: one look
    at = resident(app, "Sam")
    at.get("/who-looked")
    assert "What was written down about your account" in at.client.page.main


def test_an_account_needs_no_kind_and_what_is_unknown_is_said(app: Flask, sam: Account, alex: Colleague) -> None:
    page = ask(alex, str(sam.id), f"staff:{uuid.uuid4()}")
    assert "Sam Tester" in page
    assert "Nobody and nothing that is still known" in page


@pytest.mark.parametrize("typed", ["nobody", "\n".join(str(uuid.uuid4()) for _ in range(21))], ids=["none", "many"])
def test_what_is_no_id_and_too_many_are_refused(app: Flask, alex: Colleague, typed: str) -> None:
    alex.get("/desk/audit/who")
    alex.client.submit(ids=typed)
    assert "Enter whole ids, 20 at most" in str(alex.client.page.errors)
    assert lines(app) == []


def test_nobody_else_finds_out(app: Flask, sunita: Colleague) -> None:
    sunita.get("/desk/audit/who", 403)


def test_an_id_of_another_kind_is_not_taken_for_an_account(app: Flask, alex: Colleague) -> None:
    asked = f"person:{uuid.UUID(int=7)}"
    main = ask(alex, asked)
    assert asked in main
    assert "What this id stands for cannot be found out here" in main
    assert f"account:{uuid.UUID(int=7)}" not in main
    assert asked in str(lines(app)[-1])
