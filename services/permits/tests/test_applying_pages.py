"""An application as its resident makes it: a question a page, checked, sent once, paid, and then a permit."""

import io
from typing import Any

import pytest
from flask import Flask

from portal.kit import Account, cases_of, clock, format_date, get_case, session
from services.permits.backoffice.values import VehicleFound
from services.permits.operations import applications as operations
from services.permits.operations.changing import Proofs
from services.permits.queries.applications import application_drafts
from services.permits.queries.case_facts import case_facts
from services.permits.queries.permits import permits_of
from services.permits.queries.proofs import proofs_of_draft
from services.permits.rules.permits import Permit
from services.permits.tests.asking import HOME, HOMES, asks, car, has_permit, lives_at, now, sends
from services.permits.tests.people import resident
from services.permits.views import application_check, application_questions, renewing
from tests.support.paying_through import goes_to_pay, in_basket, succeeds
from tests.support.payments import PlayedGateway
from tests.support.pdfs import pdf
from tests.support.residents import Resident
from tests.support.worker import work

INDEX = "/services/permits/"


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """A council tax record shows that everybody lives at HOME."""
    proofs_say(monkeypatch, lives_at())


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """DVLA knows every car, and each is the same."""
    dvla_says(monkeypatch)


def proofs_say(monkeypatch: pytest.MonkeyPatch, proofs: Proofs) -> None:
    """The council's records show this of everybody."""
    for where in (application_check, application_questions, renewing):
        monkeypatch.setattr(where, "address_proofs", lambda _account: proofs)


def dvla_says(monkeypatch: pytest.MonkeyPatch, **facts: Any) -> None:
    """DVLA says this of every car."""

    def told(_account: Account, *, registration: str) -> VehicleFound:
        return VehicleFound(car(registration, **facts), clock.today(), "Taxed", None, "Valid", None, False)

    monkeypatch.setattr(operations, "look_up_vehicle", told)


def begins(holder: Resident) -> str:
    """The address of a new application."""
    holder.get(INDEX)
    return str(holder.post(f"{INDEX}applications").location.rpartition("/")[0])


def answers(holder: Resident, url: str, step: str, **values: Any) -> str:
    """Answer a page; where it leads, without what comes before."""
    holder.get(f"{url}/{step}")
    return str(holder.post(f"{url}/{step}", **values).location).removeprefix(f"{url}/")


def to_the_vehicle(holder: Resident, url: str, *, kind: str = "resident", uprn: str = HOME.uprn) -> str:
    assert answers(holder, url, "kind", kind=kind) == "postcode"
    assert answers(holder, url, "postcode", postcode="w69ju") == "home"
    return answers(holder, url, "home", home=uprn)


def to_check(holder: Resident, url: str) -> None:
    """Every question of a resident permit, as somebody answers whom the council knows."""
    assert to_the_vehicle(holder, url) == "registration"
    assert answers(holder, url, "registration", registration="aa19 aaa") == "vehicle"
    assert answers(holder, url, "vehicle", right="yes") == "keeper"
    assert answers(holder, url, "keeper", keeper="me") == "reductions"
    assert answers(holder, url, "reductions") == "start"
    assert answers(holder, url, "start", **day_of_today()) == "length"
    page = holder.get(f"{url}/length")
    assert "£125" in page
    assert answers(holder, url, "length", length="12m") == "check"


def day_of_today() -> dict[str, int]:
    today = clock.today()
    return {"day-day": today.day, "day-month": today.month, "day-year": today.year}


def only_permit(holder: Resident) -> Permit:
    (permit,) = permits_of(holder.account)
    return permit


def test_somebody_applies_pays_and_has_a_permit(
    holder: Resident, gate: PlayedGateway, proven: None, known: None
) -> None:
    url = begins(holder)
    to_check(holder, url)
    page = holder.get(f"{url}/check")
    assert "You can have it." in page
    assert f"Once you have paid, it is valid from {format_date(clock.today())}." in page
    assert "£125" in page
    sent = holder.post(f"{url}/check")
    assert sent.location == "/payments/basket"
    permit = only_permit(holder)
    assert (permit.status, permit.vrm, permit.zone) == ("to_pay", "AA19AAA", "K")
    assert in_basket(holder.account) == [12500]
    assert holder.post(f"{url}/check").location == f"{INDEX}{permit.id}/sent"  # pressed again in another tab
    reference = goes_to_pay(holder.account)
    succeeds(holder.account, gate, reference)
    page = holder.get(f"{INDEX}{permit.id}")
    assert "It is valid today." in page
    assert "AA19 AAA" in page
    assert f"{INDEX}{permit.id}" in holder.get(INDEX)


def test_each_page_says_what_is_missing(holder: Resident, known: None) -> None:
    url = begins(holder)
    assert holder.refused(f"{url}/kind") == ["Select what the permit is for"]
    answers(holder, url, "kind", kind="resident")
    assert holder.refused(f"{url}/postcode", postcode="nowhere")
    assert holder.refused(f"{url}/postcode", postcode="ZZ99 9ZZ")
    answers(holder, url, "postcode", postcode="W6 9JU")
    assert holder.refused(f"{url}/home", home="12345") == ["Select the address"]


@pytest.mark.parametrize(
    ("uprn", "kind", "sentence"),
    [
        (HOMES[-1].uprn, "resident", "There are no parking permits for this address."),
        (HOMES[-2].uprn, "resident", "built without parking"),
        (HOMES[-1].uprn, "visitor", "There are no parking permits for this address."),
    ],
    ids=["no permits", "car-free", "no visitors"],
)
def test_a_home_that_cannot_have_one_is_said_at_once(holder: Resident, uprn: str, kind: str, sentence: str) -> None:
    url = begins(holder)
    answers(holder, url, "kind", kind=kind)
    answers(holder, url, "postcode", postcode="W6 9JU")
    (said,) = holder.refused(f"{url}/home", home=uprn)
    assert sentence in said


def test_a_car_free_home_can_have_visitors_at_once_and_free(holder: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    proofs_say(monkeypatch, lives_at(HOMES[-2]))
    url = begins(holder)
    assert to_the_vehicle(holder, url, kind="visitor", uprn=HOMES[-2].uprn) == "reductions"
    answers(holder, url, "reductions")
    assert answers(holder, url, "start", **day_of_today()) == "check"
    assert "There is nothing to pay." in holder.get(f"{url}/check")
    sent = holder.post(f"{url}/check").location
    assert "Buy hours and start a visitor" in holder.get(sent)


@pytest.mark.parametrize("mark", ["ABCDEFG", "12", "", "AA00 AAA"])
def test_an_impossible_registration_is_refused(holder: Resident, known: None, mark: str) -> None:
    url = begins(holder)
    to_the_vehicle(holder, url)
    assert holder.refused(f"{url}/registration", registration=mark)


def test_a_vehicle_from_another_country_goes_to_an_officer_with_its_papers(
    holder: Resident, proven: None, known: None
) -> None:
    url = begins(holder)
    to_the_vehicle(holder, url)
    assert holder.refused(f"{url}/registration", registration="B-MW 1234E")
    assert holder.refused(f"{url}/registration", registration="ABCDEF", abroad="yes")
    assert answers(holder, url, "registration", registration="B-MW 1234E", abroad="yes") == "vehicle"
    assert "registered in another country" in holder.get(f"{url}/vehicle")
    assert 'value="yes" checked' in holder.get(f"{url}/registration")
    asked = asks(vehicle=car("BMW1234E", source="resident", abroad=True), proofs=frozenset({"vehicle"}))
    permit = sends(holder.account, asked)
    assert (permit.status, permit.vrm, permit.reason) == ("asked", "BMW1234E", "vehicle_not_known")
    facts = {str(fact.label): str(fact.value) for fact in case_facts(get_case(holder.account.id, permit.case_id))}
    assert "registered in another country, as the applicant says" in facts["Vehicle"]


def test_a_foreign_vehicle_with_a_mark_as_here_is_asked_about_all_the_same(
    holder: Resident, proven: None, known: None
) -> None:
    url = begins(holder)
    to_the_vehicle(holder, url)
    answers(holder, url, "registration", registration="AA19 DSL", abroad="yes")
    assert "Is this the vehicle?" in holder.get(f"{url}/vehicle")
    assert 'value="yes" checked' in holder.get(f"{url}/registration")
    assert answers(holder, url, "vehicle", right="no") == "vehicle"  # another country's, as they say
    assert answers(holder, url, "vehicle", sort="car", fuel="petrol", co2="90") == "keeper"
    draft = application_drafts(holder.account)[0]
    told = draft.answers["vehicle"]["facts"]
    assert (told["source"], told["abroad"]) == ("resident", True)
    answers(holder, url, "registration", registration="AA19 DSL")
    assert answers(holder, url, "vehicle", right="no") == "registration"


def test_who_is_not_known_sends_a_document_and_an_officer_decides(holder: Resident, known: None) -> None:
    url = begins(holder)
    to_the_vehicle(holder, url)
    answers(holder, url, "registration", registration="AA19AAA")
    answers(holder, url, "vehicle", right="yes")
    answers(holder, url, "keeper", keeper="me")
    answers(holder, url, "reductions")
    answers(holder, url, "start", **day_of_today())
    assert answers(holder, url, "length", length="12m") == "documents/address"
    assert holder.client.get(f"{url}/check").location == f"{url}/documents/address"
    papers = f"{url}/documents/address"
    holder.get(papers)
    holder.post(papers, kind="bank", document=(io.BytesIO(pdf()), "bill.pdf"))
    assert f'href="{url}/check"' in holder.get(papers)
    assert "An officer has to read your proof of address." in holder.get(f"{url}/check")
    sent = holder.post(f"{url}/check").location
    assert "Application sent" in holder.get(sent)
    assert "Do not park with it yet." in holder.get(sent)
    assert only_permit(holder).status == "asked"


def test_of_visitor_parking_with_an_officer_no_car_is_said(holder: Resident) -> None:
    permit = sends(holder.account, asks(kind="visitor", vehicle=None, proofs=frozenset({"address"})), proofs=())
    page = holder.get(f"{INDEX}{permit.id}/sent")
    assert "You pay nothing before that." in page
    assert "Do not park" not in page


def test_an_address_that_is_not_listed_is_typed_with_its_zone(holder: Resident, known: None) -> None:
    url = begins(holder)
    assert to_the_vehicle(holder, url, uprn="not_listed") == "typed"
    assert answers(holder, url, "typed", address="The Hut\nLarkspur Lane", zone="K") == "registration"


def test_a_draft_is_taken_up_on_another_device(holder: Resident, parking: Flask, known: None) -> None:
    url = begins(holder)
    to_the_vehicle(holder, url)
    phone = resident(parking, "Holder")
    assert "Go on: Resident parking permit" in phone.get(INDEX)
    assert phone.client.get(url).location == f"{url}/registration"


def test_a_changed_answer_comes_straight_back_to_check(
    holder: Resident, gate: PlayedGateway, proven: None, known: None
) -> None:
    url = begins(holder)
    to_check(holder, url)
    assert answers(holder, url, "keeper", keeper="household") == "check"
    assert answers(holder, url, "registration", registration="AA19DSL") == "vehicle"
    assert answers(holder, url, "vehicle", right="yes") == "check"
    assert answers(holder, url, "kind", kind="temporary") == "length"  # another kind has other lengths


def test_nobody_skips_a_question_or_sees_anothers(holder: Resident, neighbour: Resident) -> None:
    url = begins(holder)
    assert holder.client.get(f"{url}/check").location == f"{url}/kind"
    neighbour.get(f"{url}/kind", status=404)
    neighbour.get(f"{url}/check", status=404)


def test_what_cannot_be_had_is_said_before_anything_is_sent(holder: Resident, neighbour: Resident, known: None) -> None:
    sends(neighbour.account, asks())
    url = begins(holder)
    to_the_vehicle(holder, url)
    answers(holder, url, "registration", registration="AA19AAA")
    answers(holder, url, "vehicle", right="yes")
    answers(holder, url, "keeper", keeper="me")
    answers(holder, url, "reductions")
    answers(holder, url, "start", **day_of_today())
    assert "This vehicle has a permit for this zone" in holder.get(f"{url}/length")
    assert list(permits_of(holder.account)) == []


def adds_no_document(holder: Resident, url: str) -> None:
    """A file that the worker finds to be no document."""
    holder.get(f"{url}/documents/address")
    broken = b"%PDF-1.7\nnothing in it\n%%EOF\n"
    holder.post(f"{url}/documents/address", kind="bank", document=(io.BytesIO(broken), "bill.pdf"))
    work()
    session().rollback()


def test_what_the_page_refuses_is_not_sent(holder: Resident, proven: None, known: None) -> None:
    url = begins(holder)
    to_check(holder, url)
    adds_no_document(holder, url)
    assert "cannot be used" in holder.refused(f"{url}/check")[0]
    session().rollback()
    assert list(permits_of(holder.account)) == []
    assert cases_of(holder.account.id) == []
    (draft,) = application_drafts(holder.account)
    (proof,) = proofs_of_draft(holder.account, draft.id)
    holder.get(f"{url}/documents/address")
    holder.post(f"/services/permits/documents/{proof.id}/remove")
    assert holder.post(f"{url}/check").location == "/payments/basket"  # and not the permit that was refused
    session().rollback()
    assert only_permit(holder).status == "to_pay"


def test_a_change_that_the_page_refuses_is_not_made(
    holder: Resident, gate: PlayedGateway, proven: None, known: None
) -> None:
    permit = has_permit(holder.account, gate, asks())
    holder.get(f"{INDEX}{permit.id}/vehicle")
    url = str(holder.post(f"{INDEX}{permit.id}/vehicle").location.rpartition("/")[0])
    assert answers(holder, url, "registration", registration="AA19DSL") == "vehicle"
    answers(holder, url, "vehicle", right="yes")
    answers(holder, url, "keeper", keeper="me")
    adds_no_document(holder, url)
    assert "cannot be used" in holder.refused(f"{url}/check")[0]
    session().rollback()
    assert [each.vrm for each in permits_of(holder.account)] == ["AA19AAA"]
    assert now(permit).status == "active"
