"""A caller of whom nobody has made sure: what anybody may report is taken, and nothing is shown of anybody."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.accounts.models import ProfileRow
from portal.accounts.values import Account
from portal.cases.models import CaseRow
from portal.cases.values import Case
from portal.db.session import session
from tests.integration.desk.test_assist import open_for, report
from tests.support.residents import Resident
from tests.support.staff import Colleague, colleague
from tests.support.things import REPORTING


@pytest.fixture
def cora(app: Flask) -> Colleague:
    return colleague(app, "Cora", role="contact")


def begin(who: Colleague, address: str) -> None:
    who.get(address)
    answer = who.client.submit(channel="telephone", identity_check="none")
    if answer.status_code == 303:
        who.client.follow(answer)
        who.client.get(f"{REPORTING}/")


@pytest.fixture
def inside(cora: Colleague) -> Resident:
    """In the place of a caller who has just got an account, unchecked."""
    address = open_for(cora)
    begin(cora, address)
    assert cora.client.get("/home").status_code == 403
    return Resident(Account(uuid.uuid4(), "Cara", "en"), cora.client)


def test_an_account_that_holds_something_or_is_somebodys_is_not_opened(
    app: Flask, sam: Account, cora: Colleague
) -> None:
    begin(cora, f"/desk/assist/{sam.id}")
    assert "Without a check you cannot use an account that holds something" in str(cora.client.page.errors)
    assert cora.client.get("/home").status_code == 303
    kept = open_for(cora)
    begin(cora, kept)
    report(Resident(sam, cora.client))
    begin(cora, kept)
    assert "Without a check you cannot use an account that holds something" in str(cora.client.page.errors)


def test_what_was_begun_in_it_before_is_not_shown(app: Flask, cora: Colleague) -> None:
    kept = open_for(cora)
    begin(cora, kept)
    cora.client.get(f"{REPORTING}/")
    cora.client.submit()
    begin(cora, kept)
    assert "Without a check you cannot use an account that holds something" in str(cora.client.page.errors)


def test_a_form_is_filled_in_and_nothing_else_is_open(app: Flask, inside: Resident) -> None:
    for path in ("/home", "/activity", "/cases", "/profile", "/profile/history", "/who-looked", "/inbox", "/calendar"):
        assert inside.client.get(path).status_code == 403, path
    report(inside)
    with app.app_context():
        reference = session().scalars(select(CaseRow.reference)).one()
    inside.get(f"{REPORTING}/reports/{reference}/sent")
    assert inside.client.get(f"/cases/{reference}").status_code == 403


@pytest.mark.parametrize(
    ("kept", "typed"), [("O’Neill", "ONEILL"), ("Gŵyn", "gwyn"), ("Smith-Jones", "smith jones"), ("Núñez", "Nunez")]
)
def test_a_caller_whom_we_keep_is_found_by_the_last_name_alone_as_it_is_heard(
    app: Flask, sam: Account, cora: Colleague, kept: str, typed: str
) -> None:
    open_for(cora)
    with app.app_context():
        for name, found in ((kept, ProfileRow.account_id != sam.id), (kept, ProfileRow.account_id == sam.id)):
            session().execute(update(ProfileRow).where(found).values(family_name=name))
        session().commit()
    cora.get("/desk/assist")
    cora.client.submit(family_name=typed)
    assert f"1 account Cara {kept}" in cora.client.page.main  # Sam has the name too, and an account of their own
    assert "Sam" not in cora.client.page.main


def test_the_code_is_offered_where_the_case_is(app: Flask, cora: Colleague) -> None:
    kept = open_for(cora)
    begin(cora, kept)
    report(Resident(Account(uuid.uuid4(), "Cara", "en"), cora.client))
    sunita = colleague(app, "Sunita", role="caseworker")
    with app.app_context():
        reference = session().scalars(select(CaseRow.reference)).one()
    sunita.get(f"/desk/cases/{reference}")
    assert "Make a code, with which the caller can claim it" in sunita.client.page.main
    sunita.client.submit(_to=f"{kept}/code")
    assert sunita.client.page.h1 == "Their code"


def test_no_code_is_offered_for_who_has_an_account(app: Flask, case: Case) -> None:
    tom = colleague(app, "Tom", role="lead", service="reporting")
    tom.get(f"/desk/cases/{case.reference}")
    assert "Make a code" not in tom.client.page.main
