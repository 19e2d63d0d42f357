"""What is held back on an account that somebody has reported, over the whole portal."""

import pytest
from flask import Flask

from portal import clock, kit
from portal.accounts.values import Account
from portal.db.session import session
from portal.identity import hold, recovery
from portal.registry import mount
from tests.support.client import Client
from tests.support.people import sign_in
from tests.support.residents import Resident, resident, statements

SENSITIVE = {
    "profile.email": "where we write to",
    "profile.confirm_email": "where we write to",
    "profile.phone": "how the council makes sure of somebody",
    "profile.contact": "how we write to somebody, and what we must know then",
    "profile.address": "where letters go, which may hold codes",
    "profile.choose_address": "where letters go",
    "profile.confirm_address": "where letters go",
    "profile.type_address": "where letters go",
    "profile.remove_address": "where letters go",
    "data.download": "everything about somebody in one file",
    "ways.add": "who may come in",
    "ways.remove": "who may come in",
    "ways.confirm": "who may come in",
    "inbox.choose": "where letters go",
    "calendar.make": "who may read the days without signing in",
    "claim.claim_page": "takes over what was filled in for somebody else",
    "join.records": "which records of the council's are theirs",
    "join.reference": "adds a record of the council's to the account",
    "join.person": "adds a record",
    "join.fact": "adds a record",
    "join.answer": "adds a record",
    "join.letter": "has a code sent that adds a record",
    "join.letter_asked": "a part of that",
    "join.code": "adds a record",
    "join.taken": "a part of that",
    "join.record": "which record is theirs",
    "join.remove": "takes a record out of the account",
}


@pytest.fixture
def ann(app: Flask) -> Resident:
    """Ann, signed in again after a report that is not settled."""
    found = resident(app, "Ann")
    with app.test_request_context("/"):
        recovery.report(found.account.id, doubted_since=clock.now(), actor="system:mail")
        session().commit()
    sign_in(app, found.client, found.account)
    return found


def test_the_sensitive_pages_of_the_portal_are_those_listed(app: Flask) -> None:
    """Services mark their own, and hold them in their own tests."""
    services = set(app.extensions[mount.EXTENSION])
    ours = {name for name in app.view_functions if name.partition(".")[0] not in services}
    assert {name for name in ours if hold.is_sensitive(app, name)} == set(SENSITIVE)


@pytest.mark.parametrize(
    "path", ["/profile/email", "/profile/phone", "/profile/contact", "/profile/address/home/by-hand"]
)
def test_nobody_changes_where_we_write_to_while_it_is_held(ann: Resident, path: str) -> None:
    assert "This cannot be changed at the moment" in ann.get(path, status=403)
    ann.post(path, status=403, email="thief@example.org", phone="07700 900001")


def test_what_is_not_sensitive_goes_on_and_says_that_some_is_held(ann: Resident) -> None:
    for path in ("/home", "/profile", "/profile/name", "/services/reporting/", "/help"):
        assert "some changes are held" in ann.get(path), path


def test_the_hold_is_known_by_the_one_query_that_every_page_makes(ann: Resident, app: Flask) -> None:
    with statements(app) as seen:
        ann.get("/help")
    assert len(seen) == 1


def test_a_service_marks_its_own_view(app: Flask, sam: Account) -> None:
    @kit.sensitive
    def view() -> str:
        return ""

    app.view_functions["tests.bank_details"] = view
    try:
        assert hold.is_sensitive(app, "tests.bank_details")
    finally:
        del app.view_functions["tests.bank_details"]


def test_the_page_of_sign_ins_is_found_among_your_details(sams: Client) -> None:
    assert 'href="/sign-ins"' in sams.get("/profile").text
