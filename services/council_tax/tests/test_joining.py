"""Joining a council tax account, with HTTP between the portal and the council's system."""

import re

import pytest
from flask import Flask

from portal.kit import find_joined, get_joined, session
from services.council_tax.queries.joining import tidy
from services.council_tax.tests.connected import connected_to, in_another_process
from services.council_tax.tests.playing import SECRET, Home, Playing
from tests.integration.joining.walking import START, name_them, tell_facts
from tests.support.records import letters_written
from tests.support.residents import Resident, resident

CODE = re.compile(r"\b[2-9B-Z]{4}-[2-9B-Z]{4}-[2-9B-Z]{4}\b")
CARYS = "71000202"
PAYMENTS = "How much is one of your payments?"


@pytest.fixture
def home(connected: Playing) -> Home:
    return connected.opens("Siân Lloyd-Jones", "Ben Sample", on="2026-09-01")


@pytest.fixture
def sian(app: Flask, home: Home) -> Resident:
    return resident(app, "Sian")


def postcode_of(connected: Playing, home: Home) -> str:
    return str(connected.account(home)["property"]["postcode"])


@pytest.mark.parametrize(
    "name",
    ["Siân Lloyd-Jones", "  MS sian  LLOYD JONES ", "Lloyd-Jones, Siân", "Dr S Lloyd-Jones"],
    ids=["as it is", "case, spaces, title, accent", "order", "initial"],
)
def test_it_is_joined_however_it_is_written(
    app: Flask, connected: Playing, home: Home, sian: Resident, name: str
) -> None:
    typed = f"{home.reference[:4]} {home.reference[4:]}"
    name_them(sian, typed, name, postcode_of(connected, home).lower().replace(" ", ""))
    page = tell_facts(sian, **facts_of(connected, home.reference, home.person))
    assert "Council tax account: it is in your account" in page
    with app.test_request_context("/"):
        joined = get_joined(sian.account, "council_tax", home.reference)
        session().rollback()
    assert (joined.person_key, joined.role, joined.protected) == (home.person, "joint", False)


@pytest.mark.parametrize(
    ("name", "where"),
    [("Eve Stranger", "SW1A 1AA"), ("Siân Lloyd-Jones", "SW1A 1AA"), ("Siân", "")],
    ids=["nothing right", "name right", "postcode right"],
)
def test_somebody_elses_and_none_are_one_answer(
    app: Flask, connected: Playing, home: Home, name: str, where: str
) -> None:
    """The same questions, and then the same answer: even who knows the name or the postcode learns nothing."""
    wrong = facts_of(connected, home.reference, home.person) | {"instalment_pence": "1.00"}
    eve, pages = resident(app, "Eve"), []
    for reference in (home.reference, "99999999"):
        assert PAYMENTS in name_them(eve, reference, name, where or postcode_of(connected, home))
        pages.append([eve.client.page.main, tell_facts(eve, **wrong) and eve.client.page.main])
    assert pages[0] == pages[1]
    assert "Lloyd" not in str(pages)


def test_what_stands_on_the_envelope_is_not_enough(app: Flask, connected: Playing, home: Home, sian: Resident) -> None:
    name_them(sian, home.reference, "Siân Lloyd-Jones", postcode_of(connected, home))
    page = tell_facts(sian, **facts_of(connected, home.reference, home.person) | {"instalment_pence": "1.00"})
    assert "What you told us from the bill is not what we have." in page
    with app.test_request_context("/"):
        assert find_joined(sian.account, "council_tax", home.reference) is None
        session().rollback()


def test_both_of_a_joint_account_join_it_each_as_themselves(
    app: Flask, connected: Playing, home: Home, sian: Resident
) -> None:
    postcode = postcode_of(connected, home)
    ben = resident(app, "Ben")
    for who, name in ((sian, "Siân Lloyd-Jones"), (ben, "Ben Sample")):
        name_them(who, home.reference, name, postcode)
        assert "it is in your account" in tell_facts(who, **facts_of(connected, home.reference, home.person))
    with app.test_request_context("/"):
        keys = {get_joined(who.account, "council_tax", home.reference).person_key for who in (sian, ben)}
        session().rollback()
    assert len(keys) == 2


def test_a_protected_account_asks_for_facts_and_is_joined_as_one(app: Flask, connected: Playing) -> None:
    carys = resident(app, "Carys")
    page = name_them(carys, CARYS, "Carys Enghraifft", "W14 0AA")
    assert "/facts/" in carys.client.last_path, page
    page = tell_facts(carys, **facts_of(connected, CARYS, "person-carys"))
    assert "it is in your account" in page
    with app.test_request_context("/"):
        assert get_joined(carys.account, "council_tax", CARYS).protected
        session().rollback()


def facts_of(connected: Playing, reference: str, person: str) -> dict[str, str]:
    """As the bill and the bank statement say."""
    account = connected.get(f"/accounts/{reference}", person)
    year, month, day = next(each["since_on"] for each in account["people"] if each["id"] == person).split("-")
    instalment = account["instalments"][-1]["pence"]
    return {
        "instalment_pence": f"{instalment // 100}.{instalment % 100:02}",
        "direct_debit_ending": account["direct_debit"]["account_ending"] if account["direct_debit"] else "00",
        "moved_in_on_day": day,
        "moved_in_on_month": month,
        "moved_in_on_year": year,
    }


def test_a_letter_goes_to_the_address_of_the_bills_and_its_code_joins(app: Flask, connected: Playing) -> None:
    carys = resident(app, "Carys")
    name_them(carys, CARYS, "Carys Enghraifft", "W14 0AA")
    carys.get(f"{START}/letter")
    carys.client.submit()
    (letter,) = letters_written(app)
    lines = letter.to_address.splitlines()
    assert (lines[0], lines[-1]) == ("Carys Enghraifft", "W14 0AA")
    code = CODE.search(letter.body)
    assert code is not None
    carys.get("/join/code")
    carys.client.follow(carys.client.submit(code=code[0]))
    assert "it is in your account" in carys.client.page.main


def test_while_the_system_is_down_it_says_so_and_goes_on_from_there(
    app: Flask, connected: Playing, home: Home, sian: Resident
) -> None:
    postcode = postcode_of(connected, home)
    connected.behave(answers="down")
    with connected_to(app, connected.url, SECRET, page_waits_seconds=0.3):
        assert "We cannot check this at the moment" in name_them(sian, home.reference, "Siân Lloyd-Jones", postcode)
    connected.behave()
    with app.app_context():
        in_another_process()
    sian.client.follow(sian.client.submit())
    assert "it is in your account" in tell_facts(sian, **facts_of(connected, home.reference, home.person))


def test_a_reference_keeps_its_figures_and_its_zeros() -> None:
    assert tidy(" 0012 3456-78 ") == "0012345678"
