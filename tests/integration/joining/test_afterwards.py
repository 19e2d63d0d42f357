"""Once a record is in somebody's account: who is told, where they see it, how they let it go, what is forgotten."""

import json

import pytest
from flask import Flask
from sqlalchemy import insert, text

from portal import clock
from portal.db.session import session
from portal.home.forgetting import forget_person
from portal.identity.models import AccountHoldRow
from portal.joining.records import all_joined
from portal.registry.switches import switch_off, switch_on
from tests.integration.joining.walking import SHARED, START, WITH_FACTS, name_them, tell_facts, trail
from tests.support.outbox import letters
from tests.support.records import KIND, SERVICE, TownHall
from tests.support.residents import Resident, resident

OTHER = "Somebody else on your council tax account can see it online now"
OWN = "Your council tax account is in your council account now"


def only(app: Flask, who: Resident) -> str:
    """The id of their only joined record."""
    with app.app_context():
        (found,) = all_joined(who.account.id)
        session().rollback()
    return str(found.id)


def hold(app: Flask, who: Resident) -> None:
    """Somebody has reported a sign-in to their account."""
    now = clock.now()
    with app.app_context():
        session().execute(insert(AccountHoldRow).values(account_id=who.account.id, held_at=now, doubted_since=now))
        session().commit()


def test_whoever_joins_is_told_in_their_own_way(app: Flask, ada: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    assert OWN in ada.get("/inbox")
    with app.app_context():
        (mail,) = letters("joining/mail/joined.txt")
        assert mail.to_address == "ada@tests.example"
        assert SHARED not in mail.body + mail.subject


def test_who_shares_the_record_is_told_and_nobody_is_named(app: Flask, ada: Resident, ben: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    name_them(ben, SHARED, "Ben Tester")
    assert OTHER in ada.get("/inbox")
    assert OTHER not in ben.get("/inbox")
    with app.app_context():
        (mail,) = letters("joining/mail/joined_by_another.txt")
        assert "Ben" not in mail.body + mail.subject


def test_of_a_protected_record_nobody_else_hears(app: Flask, ada: Resident, ben: Resident, hall: TownHall) -> None:
    hall.protected.add(SHARED)
    hall.facts[SHARED] = {"last_payment_pence": "13860", "direct_debit_ending": "23"}
    for who, name in ((ada, "Ada Tester"), (ben, "Ben Tester")):
        name_them(who, SHARED, name)
        tell_facts(who, last_payment_pence="138.60", direct_debit_ending="23")
    assert OTHER not in ada.get("/inbox")
    with app.app_context():
        assert all(each.protected for each in all_joined(ada.account.id))
        session().rollback()


def test_it_is_among_their_details_and_their_records(ada: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    for path in ("/profile", "/join"):
        assert SHARED in ada.get(path)


def test_another_residents_record_looks_like_none(app: Flask, ada: Resident, eve: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    theirs, nobodys = only(app, ada), "00000000-0000-4000-8000-00000000abcd"
    for end in ("", "/remove"):
        eve.get(f"/join/records/{theirs}{end}", 404)
        first = eve.client.page.main
        eve.get(f"/join/records/{nobodys}{end}", 404)
        assert first == eve.client.page.main
    eve.post(f"/join/records/{theirs}/remove", 404)
    assert only(app, ada) == theirs


def test_it_is_let_go_after_asking_once_more_and_can_be_added_again(app: Flask, ada: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    path = f"/join/records/{only(app, ada)}/remove"
    assert "Remove it from your account?" in ada.get(path)
    ada.client.follow(ada.client.submit())
    assert "It is no longer in your account" in ada.client.page.main
    assert SHARED not in ada.client.page.main
    ada.post(path, 404)
    ((subject, details),) = trail(app, "record.left")
    assert (subject.startswith("record:"), details) == (True, {"service": SERVICE, "kind": KIND})
    assert "it is in your account" in name_them(ada, SHARED, "Ada Tester")


def test_the_file_of_their_data_names_it_and_what_is_begun(app: Flask, ada: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    ada.get(START)
    ada.client.submit(reference="80033333")
    ada.get("/your-data")
    told = json.loads(ada.client.submit().get_data(as_text=True))["records"]
    (joined,) = told["joined"]
    assert (joined["reference"], joined["how"], joined["role"]) == (SHARED, "answers", "joint")
    assert [(each["service"], each["kind"]) for each in told["begun"]] == [(SERVICE, KIND)]


def test_who_is_erased_is_forgotten_here_too_and_their_place_is_free(app: Flask, ada: Resident, eve: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    with app.test_request_context("/"):
        forget_person(ada.account.id)
        session().commit()
        for table in ("joined_record", "join_draft", "join_code"):
            query = text(f"select count(*) from portal.{table} where account_id = :id")
            assert session().scalar(query, {"id": ada.account.id}) == 0, table
    assert "it is in your account" in name_them(eve, SHARED, "Ada Tester")


@pytest.mark.parametrize("path", ["/join", "/join/code", START, f"{START}/name", f"{START}/letter"])
def test_nothing_is_joined_while_the_account_is_held(app: Flask, ada: Resident, path: str) -> None:
    ada.get(START)
    ada.client.submit(reference=SHARED)
    hold(app, ada)
    assert "some changes are held" in ada.get("/home")
    ada.get(path, 403)


def test_a_service_that_is_off_has_nothing_to_join(app: Flask, ada: Resident) -> None:
    with app.test_request_context("/"):
        switch_off(SERVICE, actor="system:tests", reason="We are moving house.")
        session().commit()
    try:
        assert "We are moving house." in ada.get(START, 503)
        assert "Add a council tax account" not in ada.get("/join")
    finally:
        with app.test_request_context("/"):
            switch_on(SERVICE, actor="system:tests")
            session().commit()


def test_a_kind_that_nobody_declared_is_not_there(ada: Resident) -> None:
    ada.get("/join/council_tax/dog", 404)
    ada.get("/join/nothing/account", 404)


def test_the_whole_way_with_facts_leads_to_the_page_of_the_record(app: Flask, hall: TownHall) -> None:
    carys = resident(app, "Carys")
    name_them(carys, WITH_FACTS, "Carys Tester")
    tell_facts(
        carys,
        last_payment_pence="138.60",
        moved_in_on_day="27",
        moved_in_on_month="March",
        moved_in_on_year="2024",
        direct_debit_ending="23",
    )
    assert f"/services/council_tax/accounts/{WITH_FACTS}" in carys.client.page.html
