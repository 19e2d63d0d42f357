"""A case that was joined with another: its resident sees and hears how it goes on, and nothing of anybody else."""

import uuid

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.ending import rate_case
from portal.cases.joined import joined_with
from portal.cases.merging import merge_case
from portal.cases.moving import move_case
from portal.cases.queries import get_case
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Refused
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place
from services.reporting.rules.written import Written
from tests.support.residents import Resident, resident

STAFF = f"staff:{uuid.UUID(int=7)}"
RIGHTS = frozenset({"look", "work", "decide"})
HERS = "Beside the blue door of number 9"


def filed(account: Account, words: str = "A hole.") -> Case:
    """A report for the council alone: of a public one everybody may know the reference."""
    written = Written("pothole", Place("Larkspur Lane", None), words, private=True)
    return file_report(account, report_id=uuid.uuid4(), written=written)


@pytest.fixture
def sams(app: Flask) -> Resident:
    return resident(app, "Sam")


def joined(app: Flask, sams: Resident, other: Account) -> tuple[Case, Case]:
    """Sam's case, joined with one of the other's."""
    with app.test_request_context("/"):
        master, duplicate = filed(other, HERS), filed(sams.account)
        duplicate = merge_case(duplicate.id, into=master.id, actor=STAFF)
        session().commit()
    return duplicate, master


def moved(app: Flask, case: Case, *way: str) -> None:
    with app.test_request_context("/"):
        for to in way:
            move_case(case.id, to=to, actor=STAFF, channel="desk", rights=RIGHTS, reason="For Olga alone to read.")
        session().commit()


def test_it_says_how_the_other_stands_and_shows_nothing_of_its_resident(app: Flask, sams: Resident) -> None:
    olga = resident(app, "Olga")
    duplicate, master = joined(app, sams, olga.account)
    page = sams.get(f"/cases/{duplicate.reference}")
    assert "We aim to finish by" in page
    moved(app, master, "with_team", "in_progress")
    page = sams.get(f"/cases/{duplicate.reference}")
    assert "In progress" in page
    for hidden in (master.reference, HERS, "Olga", "For Olga alone"):
        assert hidden not in page, hidden
    with app.app_context():
        shown = joined_with(get_case(sams.account.id, duplicate.id))
    assert shown is not None
    assert (shown.reference, shown.account_id, shown.holder_id) == ("", None, None)


def test_ones_own_other_case_is_linked(app: Flask, sams: Resident) -> None:
    duplicate, master = joined(app, sams, sams.account)
    assert f'href="/cases/{master.reference}"' in sams.get(f"/cases/{duplicate.reference}")


def test_it_is_not_rated_but_the_other_is(app: Flask, sams: Resident) -> None:
    duplicate, _master = joined(app, sams, resident(app, "Olga").account)
    assert "Tell us how we did" not in sams.get(f"/cases/{duplicate.reference}")
    with app.test_request_context("/"), pytest.raises(Refused):
        rate_case(sams.account, duplicate.id, rating=1)


def test_they_are_told_once_when_the_other_is_closed(app: Flask, sams: Resident) -> None:
    duplicate, master = joined(app, sams, resident(app, "Olga").account)
    before = sams.get("/inbox").count(duplicate.reference)
    moved(app, master, "with_team")
    assert sams.get("/inbox").count(duplicate.reference) == before
    moved(app, master, "fixed")
    page = sams.get("/inbox")
    assert page.count(duplicate.reference) > before
    assert f"Pothole {duplicate.reference}: Fixed" in page
    assert master.reference not in page
    assert "Fixed" in sams.get(f"/cases/{duplicate.reference}")


def test_who_sent_both_is_told_on_the_other_alone(app: Flask, sams: Resident) -> None:
    duplicate, master = joined(app, sams, sams.account)
    before = sams.get("/inbox").count(duplicate.reference)
    moved(app, master, "with_team", "fixed")
    page = sams.get("/inbox")
    assert page.count(duplicate.reference) == before
    assert f"Pothole {master.reference}: Fixed" in page


def test_the_list_says_of_a_joined_case_what_its_page_says(app: Flask, sams: Resident) -> None:
    duplicate, master = joined(app, sams, resident(app, "Olga").account)
    moved(app, master, "with_team", "in_progress")
    assert "In progress" in sams.get(f"/cases/{duplicate.reference}")
    page = sams.get("/cases")
    assert "In progress" in page
    assert master.reference not in page
    moved(app, master, "fixed")
    assert "reopen" not in sams.get(f"/cases/{duplicate.reference}"), "that is for whose case it is"
