"""A letter with a code, sent where the bills go and said to nobody; a code from a caseworker; each works once."""

import re

import pytest
from flask import Flask
from sqlalchemy import text

from portal.accounts.queries import get_account
from portal.backoffices.values import OfficeRefused
from portal.db.session import session
from portal.errors import Unavailable
from portal.home.forgetting import forget_person
from portal.joining import codes, letters
from portal.joining.codes import make_desk_code
from portal.joining.kinds import get_kind
from portal.joining.records import all_joined
from portal.joining.values import Match
from portal.notify.models import OutboundMessage
from tests.integration.joining.walking import NOBODYS, SHARED, START, WITH_FACTS, name_them, trail
from tests.support.fixtures import Clock
from tests.support.records import KIND, SERVICE, TownHall, letters_written
from tests.support.residents import Resident, resident, statements

CODE = re.compile(r"\b([2-9B-Z]{4}-[2-9B-Z]{4}-[2-9B-Z]{4})\b")
STAFF = "staff:9b1c1d5e-0a63-4e5d-9a35-6f0d7f8f6a99"


@pytest.fixture
def carys(app: Flask, hall: TownHall) -> Resident:
    """She has not got her bill at hand."""
    return resident(app, "Carys")


def ask(who: Resident, reference: str, name: str) -> str:
    """Ask for a letter; the page that follows."""
    name_them(who, reference, name)
    who.get(f"{START}/letter")
    answer = who.client.submit()
    assert answer.status_code == 303
    return str(who.client.follow(answer).get_data(as_text=True))


def enter(who: Resident, code: str) -> str:
    """Enter a code; the page that follows."""
    who.get("/join/code")
    answer = who.client.submit(code=code)
    if answer.status_code == 303:
        who.client.follow(answer)
    return who.client.page.main


def code_in(letter: OutboundMessage) -> str:
    found = CODE.search(letter.body)
    assert found is not None
    return found[1]


def desk_code(app: Flask, *, reference: str = SHARED, person: str = "p-ada", protected: bool = False) -> str:
    with app.test_request_context("/"):
        match = Match(outcome="matched", person_key=person, role="joint", protected=protected)
        made = make_desk_code(STAFF, get_kind(SERVICE, KIND), key=reference, match=match, identity_check="document")
        session().commit()
    return made


def test_a_letter_goes_to_where_the_bills_go_and_its_code_joins(app: Flask, carys: Resident) -> None:
    page = ask(carys, WITH_FACTS, "Carys Tester")
    assert "You have asked for a letter" in page
    (letter,) = letters_written(app)
    assert (letter.channel, letter.account_id) == ("letter", None)
    assert letter.to_address.splitlines() == [f"p-carys of {WITH_FACTS}", "1 Hidden Lane", "Marlowe", "W6 9JU"]
    assert WITH_FACTS not in letter.body
    assert "it is in your account" in enter(carys, code_in(letter).lower().replace("-", " "))
    with app.app_context():
        (joined,) = all_joined(carys.account.id)
    assert (joined.key, joined.person_key, joined.how) == (WITH_FACTS, "p-carys", "letter")


def test_the_address_is_on_no_page_and_in_nobodys_data(app: Flask, carys: Resident) -> None:
    ask(carys, WITH_FACTS, "Carys Tester")
    shown = carys.client.page.html
    letters_written(app)
    for path in ("/join", f"{START}/letter", f"{START}/letter/asked", "/profile/history", "/inbox", "/activity"):
        shown += carys.get(path)
    carys.get("/your-data")
    shown += carys.client.submit().get_data(as_text=True)
    assert "Hidden" not in shown
    assert "p-carys" not in shown


def test_asking_for_a_letter_says_nothing_of_whose_a_reference_is(app: Flask, hall: TownHall) -> None:
    """The same page, the same statements, no question to the council's system, and the same trail afterwards."""
    pages, asked, data = [], [], []
    for number, reference in enumerate((SHARED, NOBODYS)):
        eve = resident(app, f"Eve{number}")
        name_them(eve, reference, "Eve Tester")
        eve.get(f"{START}/letter")
        questions = len(hall.asked)
        with statements(app) as told:
            answer = eve.client.submit()
        assert len(hall.asked) == questions
        asked.append([each for each in told if "limit_count" not in each])
        pages.append(eve.client.follow(answer).get_data(as_text=True).count("on its way"))
        assert letters_written(app) == []
        data.append(len(re.findall(r"letter with a code", eve.get("/profile/history"))))
    assert asked[0] == asked[1]
    assert pages == [1, 1]
    assert data[0] == data[1]


def test_a_letter_that_fits_and_one_that_does_not_look_alike_to_who_asked(app: Flask, carys: Resident) -> None:
    eve = resident(app, "Eve")
    ask(carys, WITH_FACTS, "Carys Tester")
    ask(eve, WITH_FACTS, "Eve Tester")
    assert len(letters_written(app)) == 1
    seen = [who.get("/profile/history").count("A letter with a code") for who in (carys, eve)]
    assert seen[0] == seen[1] > 0
    with app.app_context():
        query = "select count(distinct expires_at - made_at < interval '28 days 1 minute') from portal.join_code"
        assert session().scalar(text(query)) == 1
        session().rollback()


def test_while_the_system_is_away_the_letter_waits(app: Flask, carys: Resident, hall: TownHall) -> None:
    name_them(carys, WITH_FACTS, "Carys Tester")
    hall.away = True
    carys.get(f"{START}/letter")
    assert carys.client.submit().status_code == 303
    questions = len(hall.asked)
    assert letters_written(app) == []
    assert len(hall.asked) == questions + 1
    hall.away = False
    assert len(letters_written(app)) == 1
    assert len(letters_written(app)) == 1
    assert [details["end"] for _subject, details in trail(app, "record.letter")] == ["asked", "letter_written"]


def test_a_letter_is_given_up_after_a_week_without_the_system(app: Flask, hall: TownHall, at: Clock) -> None:
    at.move_to("2026-11-23T09:00")
    carys = resident(app, "Carys")
    ask(carys, WITH_FACTS, "Carys Tester")
    hall.away = True
    at.advance(days=8)
    assert letters_written(app) == []
    hall.away = False
    assert letters_written(app) == []
    assert trail(app, "record.letter")[-1][1]["end"] == "given_up"


def test_nobody_has_letters_sent_again_and_again(app: Flask, carys: Resident) -> None:
    for _number in range(2):
        assert "You have asked for a letter" in ask(carys, WITH_FACTS, "Carys Tester")
    page = ask(carys, WITH_FACTS, "Carys Tester")
    assert "We cannot send another letter yet" in page
    assert "You can try again from" in page
    assert "Ask for a letter" not in page
    page = ask(resident(app, "Eve"), WITH_FACTS, "Eve Tester")
    assert "We cannot send another letter yet" in page


def test_a_code_from_a_letter_is_of_use_to_who_asked_alone(app: Flask, carys: Resident, eve: Resident) -> None:
    ask(carys, WITH_FACTS, "Carys Tester")
    (letter,) = letters_written(app)
    assert "This code does not work" in enter(eve, code_in(letter))
    assert "it is in your account" in enter(carys, code_in(letter))


def test_a_code_works_once(app: Flask, ada: Resident, ben: Resident) -> None:
    code = desk_code(app)
    assert "it is in your account" in enter(ada, code)
    assert "This code does not work" in enter(ben, code)
    assert "This code does not work" in enter(ada, code)


def test_a_code_is_too_old_in_the_end(app: Flask, hall: TownHall, at: Clock) -> None:
    at.move_to("2026-11-23T09:00")
    code = desk_code(app)
    at.advance(days=8)
    assert "This code does not work" in enter(resident(app, "Ada"), code)
    with app.app_context():
        codes.sweep_codes()
        assert session().scalar(text("select count(*) from portal.join_code")) == 0


def test_a_code_is_kept_nowhere(app: Flask, hall: TownHall) -> None:
    code = desk_code(app).replace("-", "")
    with app.app_context():
        kept = str(session().execute(text("select * from portal.join_code")).all())
        kept += str(session().execute(text("select act, actor, subject, details from portal.audit_entry")).all())
        session().rollback()
    assert code not in kept.replace("-", "")


def test_who_guesses_codes_is_stopped_before_a_right_one_is_looked_up(app: Flask, eve: Resident) -> None:
    code = desk_code(app)
    for _guess in range(5):
        assert "This code does not work" in enter(eve, "2222-2222-2222")
    assert "You have tried too often" in enter(eve, code)
    assert "it is in your account" in enter(resident(app, "Ada"), code)


@pytest.mark.parametrize(
    "typed", ["x", "'; drop table--", "２２２２-２２２２-２２２２", "2" * 39], ids=["x", "sql", "wide", "long"]
)
def test_what_cannot_be_a_code_is_none(eve: Resident, typed: str) -> None:
    assert "This code does not work" in enter(eve, typed)


def test_a_code_for_a_person_who_is_in_another_account_is_refused(app: Flask, ada: Resident, eve: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    assert "It is in another account already" in enter(eve, desk_code(app))


def test_where_no_letters_are_sent_none_is_offered(
    app: Flask, carys: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "can_post", lambda: False)
    assert "send me a letter" not in name_them(carys, WITH_FACTS, "Carys Tester")
    carys.get(f"{START}/letter", 404)


def test_a_letter_is_not_written_for_who_has_been_forgotten(app: Flask, carys: Resident) -> None:
    ask(carys, WITH_FACTS, "Carys Tester")
    with app.test_request_context("/"):
        forget_person(get_account(carys.account.id).id)
        session().commit()
    assert letters_written(app) == []


@pytest.mark.parametrize(
    "trouble", [Unavailable("Not now."), OfficeRefused("merged"), KeyError("x")], ids=["silent", "refused", "fault"]
)
def test_one_record_that_is_not_answered_holds_up_nobodys_letter(
    app: Flask, hall: TownHall, ada: Resident, carys: Resident, trouble: Exception
) -> None:
    ask(ada, NOBODYS, "Ada Tester")
    ask(carys, WITH_FACTS, "Carys Tester")
    hall.people[NOBODYS, "ada tester", "W6 9JU"] = "p-ada"
    hall.troubles[NOBODYS] = trouble
    (letter,) = letters_written(app)
    assert letter.to_address.startswith("p-carys")
    assert len(letters_written(app)) == 1
    hall.troubles.clear()
    assert len(letters_written(app)) == (1 if isinstance(trouble, OfficeRefused) else 2), "a no is an answer"
