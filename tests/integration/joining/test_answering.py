"""By answers: what fits is joined, what does not is named by its kind, and nobody learns whose a reference is."""

import pytest
from flask import Flask

from portal.backoffices.values import OfficeRefused
from portal.db.session import session
from portal.joining.records import all_joined, leave_record
from portal.joining.values import JoinedRecord
from services.council_tax.workflow import RECORD
from tests.integration.joining.walking import NOBODYS, SHARED, START, WITH_FACTS, name_them, tell_facts, trail
from tests.support.fixtures import Clock
from tests.support.records import TownHall
from tests.support.residents import Resident, resident, statements

RIGHT = {
    "last_payment_pence": "£138.60",
    "moved_in_on_day": "27",
    "moved_in_on_month": "3",
    "moved_in_on_year": "2024",
    "direct_debit_ending": "2 3",
}


def joined_by(app: Flask, who: Resident) -> list[JoinedRecord]:
    with app.app_context():
        found = list(all_joined(who.account.id))
        session().rollback()
    return found


def test_reference_name_and_postcode_are_enough_when_the_system_says_so(app: Flask, ada: Resident) -> None:
    page = name_them(ada, SHARED, "Ada Tester")
    assert "Council tax account: it is in your account" in page
    (joined,) = joined_by(app, ada)
    assert (joined.kind, joined.key, joined.person_key, joined.role, joined.how) == (
        RECORD, SHARED, "p-ada", "joint", "answers",
    )  # fmt: skip


@pytest.mark.parametrize("typed", ["8001 1111", " 80011111 ", "80-01-11-11", "8001.1111"])
def test_a_reference_is_taken_however_it_is_grouped(app: Flask, ada: Resident, typed: str) -> None:
    name_them(ada, typed, "Ada Tester")
    assert [each.key for each in joined_by(app, ada)] == [SHARED]


@pytest.mark.parametrize("typed", ["", "80O11111", "1234567", "1234567890123", "٨٠٠١١١١١", "80011111x"])
def test_what_cannot_be_a_reference_is_said_before_anybody_is_asked(ada: Resident, hall: TownHall, typed: str) -> None:
    ada.get(START)
    ada.refused(START, reference=typed)
    assert hall.asked == []


def test_name_and_postcode_come_from_the_profile(ada: Resident) -> None:
    ada.get(START)
    ada.client.follow(ada.client.submit(reference=SHARED))
    assert ada.client.page.form_with("name").values["name"] == ["Ada Tester"]


def test_facts_are_asked_one_by_one_and_only_those_that_are_wanted(app: Flask, hall: TownHall) -> None:
    carys = resident(app, "Carys")
    page = name_them(carys, WITH_FACTS, "Carys Tester")
    assert "How much did you pay last time?" in page
    assert "it is in your account" in tell_facts(carys, **RIGHT)
    assert dict(hall.asked[-1].facts) == hall.facts[WITH_FACTS]
    assert len(hall.asked) == 2


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"moved_in_on": "2024-03-27"},
        {"last_payment_pence": "13860", "instalment_pence": "13860"},
        {"moved_in_on": "2024-03-27", "last_payment_pence": "13860"},
    ],
    ids=["nothing", "one", "amounts", "enough"],
)
def test_a_protected_record_takes_facts_that_nobody_can_look_up(
    app: Flask, hall: TownHall, wanted: dict[str, str]
) -> None:
    carys = resident(app, "Carys")
    hall.facts[WITH_FACTS] = wanted
    hall.protected.add(WITH_FACTS)
    name_them(carys, WITH_FACTS, "Carys Tester")
    if wanted:
        tell_facts(carys, **RIGHT, instalment_pence="£138.60")
    is_enough = len(wanted) > 1 and "moved_in_on" in wanted
    assert bool(joined_by(app, carys)) is is_enough


def test_who_is_right_has_used_up_no_try_by_being_asked_facts(app: Flask, hall: TownHall) -> None:
    carys = resident(app, "Carys")
    for _time in range(6):
        name_them(carys, WITH_FACTS, "Carys Tester")
        assert "it is in your account" in tell_facts(carys, **RIGHT)
        with app.test_request_context("/"):
            leave_record(carys.account, service="council_tax", kind=RECORD, key=WITH_FACTS)
            session().commit()


def test_facts_that_do_not_fit_are_named_by_their_kind_and_asked_again(app: Flask, hall: TownHall) -> None:
    carys = resident(app, "Carys")
    name_them(carys, WITH_FACTS, "Carys Tester")
    page = tell_facts(carys, **RIGHT | {"direct_debit_ending": "99"})
    assert "What you told us from the bill is not what we have." in page
    assert "13860" not in page
    assert "23" not in carys.client.page.main
    carys.get(f"{START}/facts/last_payment_pence")
    assert "it is in your account" in tell_facts(carys, **RIGHT)


def test_another_name_is_asked_its_own_facts(hall: TownHall, app: Flask) -> None:
    carys = resident(app, "Carys")
    name_them(carys, WITH_FACTS, "Carys Tester")
    name_them(carys, WITH_FACTS, "Somebody Else")
    carys.get(f"{START}/facts/last_payment_pence", 303)


def test_a_fact_that_nobody_asked_for_is_no_way_in(ada: Resident) -> None:
    ada.get(f"{START}/facts/last_payment_pence", 303)
    ada.post(f"{START}/facts/last_payment_pence", answer="1")
    ada.get(f"{START}/facts/nothing", 303)


@pytest.mark.parametrize(
    ("code", "typed", "sentence"),
    [
        ("last_payment_pence", "much", "Enter an amount in pounds and pence, like 138.60"),
        ("last_payment_pence", "-5", "Enter an amount in pounds and pence, like 138.60"),
        ("last_payment_pence", "1000000000", "Enter an amount in pounds and pence, like 138.60"),
        ("direct_debit_ending", "abc", "Enter 2 numbers"),
        ("direct_debit_ending", "12345678", "Enter 2 numbers"),
        ("direct_debit_ending", "", "Enter the answer"),
    ],
    ids=["words", "negative", "absurd", "letters", "too many", "none"],
)
def test_a_fact_that_cannot_be_one_is_refused_in_the_page(
    app: Flask, hall: TownHall, code: str, typed: str, sentence: str
) -> None:
    carys = resident(app, "Carys")
    name_them(carys, WITH_FACTS, "Carys Tester")
    asked = len(hall.asked)
    assert carys.refused(f"{START}/facts/{code}", answer=typed) == [sentence]
    assert len(hall.asked) == asked


def test_a_day_to_come_is_refused(app: Flask, hall: TownHall) -> None:
    carys = resident(app, "Carys")
    name_them(carys, WITH_FACTS, "Carys Tester")
    said = {"answer-day": "1", "answer-month": "1", "answer-year": "2199"}
    assert carys.refused(f"{START}/facts/moved_in_on", **said) == ["The date must be today or in the past"]


def test_somebody_elses_reference_and_none_at_all_are_one_answer(app: Flask, hall: TownHall) -> None:
    """The same page, the same trail, the same questions to the database."""
    pages, sent, ends = [], [], []
    for reference in (SHARED, NOBODYS):
        eve = resident(app, "Eve")
        name_them(eve, NOBODYS, "Warming Up")  # what is read once for each process
        with statements(app) as asked:
            name_them(eve, reference, "Eve Tester")
        pages.append(eve.client.page.main)
        sent.append([each for each in asked if "limit_count" not in each])
        ends.append(trail(app)[-1])
    assert pages[0] == pages[1]
    assert sent[0] == sent[1]
    assert ends[0] == ends[1] == (
        "", {"service": "council_tax", "kind": RECORD, "end": "not_matched", "wrong": "reference"},
    )  # fmt: skip


def test_a_name_that_does_not_fit_is_asked_for_again_with_what_was_typed(ada: Resident) -> None:
    page = name_them(ada, SHARED, "Ida Tester")
    assert "What you told us does not fit" in page
    ada.get(f"{START}/name")
    assert ada.client.page.form_with("name").values["name"] == ["Ida Tester"]


def test_while_the_system_is_away_nothing_is_lost_and_nothing_counts(app: Flask, ada: Resident, hall: TownHall) -> None:
    hall.away = True
    page = name_them(ada, SHARED, "Ada Tester")
    assert "We cannot check this at the moment" in page
    for _again in range(12):
        assert ada.client.submit().status_code == 303
        ada.get(f"{START}/answer")
    hall.away = False
    ada.client.follow(ada.client.submit())
    assert "it is in your account" in ada.client.page.main
    assert {details["end"] for _subject, details in trail(app)} == {"unavailable", "joined"}


@pytest.mark.parametrize(
    ("trouble", "end"), [(OfficeRefused("merged"), "not_matched"), (KeyError("x"), "unavailable")], ids=["no", "fault"]
)
def test_whatever_a_system_does_is_an_answer_and_on_the_trail(
    app: Flask, ada: Resident, hall: TownHall, trouble: Exception, end: str
) -> None:
    hall.troubles[SHARED] = trouble
    name_them(ada, SHARED, "Ada Tester")
    assert [details["end"] for _subject, details in trail(app)] == [end]
    hall.troubles.clear()
    name_them(ada, SHARED, "Ada Tester")
    assert [each.key for each in joined_by(app, ada)] == [SHARED]


def test_what_is_joined_already_is_said_kindly_and_nobody_is_asked(app: Flask, ada: Resident, hall: TownHall) -> None:
    name_them(ada, SHARED, "Ada Tester")
    asked = len(hall.asked)
    ada.get(START)
    ada.client.follow(ada.client.submit(reference=SHARED))
    assert "it is in your account" in ada.client.page.main
    assert len(hall.asked) == asked


def test_two_people_of_a_joint_account_both_have_it(app: Flask, ada: Resident, ben: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    name_them(ben, SHARED, "Ben Tester")
    assert [each.person_key for each in joined_by(app, ben)] == ["p-ben"]


def test_the_same_person_in_a_second_account_is_refused_and_the_first_is_told(
    app: Flask, ada: Resident, eve: Resident
) -> None:
    name_them(ada, SHARED, "Ada Tester")
    page = name_them(eve, SHARED, "Ada Tester")
    assert "It is in another account already" in page
    assert joined_by(app, eve) == []
    assert "Somebody tried to add your council tax account to another account" in ada.get("/inbox")
    assert "Somebody tried" not in eve.get("/inbox")


def test_nothing_typed_is_on_the_trail_or_readable_in_the_tables(app: Flask, hall: TownHall) -> None:
    carys = resident(app, "Carys")
    name_them(carys, WITH_FACTS, "Carys Tester")
    said = str(trail(app))
    with app.app_context():
        kept = str(session().connection().exec_driver_sql("select answers from portal.join_draft").all())
        session().rollback()
    for typed in (WITH_FACTS, "Carys", "W6 9JU"):
        assert typed not in said
        assert typed not in kept


def test_answers_are_forgotten_once_they_have_served(app: Flask, ada: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    with app.app_context():
        assert session().connection().exec_driver_sql("select count(*) from portal.join_draft").scalar_one() == 0
        session().rollback()


def test_too_many_tries_are_stopped_with_the_time_to_try_again(app: Flask, hall: TownHall, at: Clock) -> None:
    at.move_to("2026-11-23T09:00")
    eve = resident(app, "Eve")
    for number in range(5):
        name_them(eve, f"8009000{number}", "Eve Tester")
    asked = len(hall.asked)
    page = name_them(eve, "80090009", "Eve Tester")
    assert "You have tried too often" in page
    assert "10:00" in page or "10am" in page
    assert len(hall.asked) == asked
    at.advance(minutes=61)
    eve = resident(app, "Eve")
    eve.get(f"{START}/answer")
    assert "You can try again now." in eve.client.page.main
    eve.client.follow(eve.client.submit())
    assert len(hall.asked) == asked + 1
    assert [details["end"] for _subject, details in trail(app)][-2:] == ["too_many", "not_matched"]


def test_a_reference_is_shut_after_ten_tries_whoever_tries_and_whether_it_is_anybodys(
    app: Flask, hall: TownHall
) -> None:
    said = []
    for reference in (SHARED, NOBODYS):
        for number in range(10):
            name_them(resident(app, f"Guesser{reference}{number}"), reference, "Nobody Here")
        said.append(name_them(resident(app, f"Late{reference}"), reference, "Nobody Here"))
    assert all("You have tried too often" in page for page in said)
    assert len(hall.asked) == 20


def test_what_is_right_opens_the_reference_again_but_frees_no_guesser(app: Flask, ada: Resident, eve: Resident) -> None:
    for _number in range(4):
        name_them(eve, SHARED, "Nobody Here")
    name_them(ada, SHARED, "Ada Tester")
    name_them(eve, SHARED, "Nobody Here")
    assert "You have tried too often" in name_them(eve, SHARED, "Ben Tester")
