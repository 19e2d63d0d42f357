"""An application from sending to parking."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from portal.kit import (
    DemoGazetteer,
    NotFound,
    Refused,
    TooMany,
    cases_of,
    clock,
    get_case,
    move_case,
    put_in_basket,
    session,
    start_draft,
)
from services.permits.models.businesses import Business, BusinessMember
from services.permits.operations.ending import take_back
from services.permits.operations.lapsing import lapse
from services.permits.operations.paying import price
from services.permits.operations.sending import look_ahead
from services.permits.queries.case_facts import case_facts
from services.permits.queries.permit_cards import home_cards
from services.permits.queries.permits import get_own_permit, get_permit, permits_of
from services.permits.rules.permits import Granted, Permit
from services.permits.tests.asking import (
    HOMES,
    asks,
    car,
    has_permit,
    lives_at,
    now,
    pays,
    sends,
)
from services.permits.workflow import SERVICE
from tests.support.paying_through import expires, goes_to_pay, loose_payments, succeeds
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident


def test_what_the_rules_grant_is_held_until_it_is_paid_for(holder: Resident, gate: PlayedGateway) -> None:
    permit = sends(holder.account, asks())
    assert (permit.status, permit.zone, permit.vrm, permit.price_pence) == ("to_pay", "K", "AA19AAA", 12500)
    assert permit.held_until_at is not None
    assert get_case(holder.account.id, permit.case_id).status == "to_pay"
    assert price(holder.account, str(permit.id)).amount == 12500
    (paid,) = pays(holder.account, gate, permit)
    assert (paid.status, paid.paid_pence, paid.held_until_at) == ("active", 12500, None)
    assert paid.is_valid_on(clock.today())
    assert get_case(holder.account.id, permit.case_id).status == "granted"


def test_a_draft_is_sent_once(holder: Resident) -> None:
    draft = start_draft(holder.account, service=SERVICE, journey="permit").id
    assert sends(holder.account, asks(), draft=draft) == sends(holder.account, asks("AA19DSL"), draft=draft)


def test_a_draft_of_somebody_else_is_none(holder: Resident, neighbour: Resident) -> None:
    draft = start_draft(holder.account, service=SERVICE, journey="permit").id
    with pytest.raises(NotFound):
        sends(neighbour.account, asks(), draft=draft)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"home": HOMES[-1]}, "There are no parking permits for this address."),
        ({"home": HOMES[-2]}, "built without parking"),
        ({"home": DemoGazetteer().by_postcode("SW6 1AA")[0]}, "in no parking zone"),
        ({"first_on": date(2020, 1, 1)}, "in the past"),
        ({"first_on": date(2099, 1, 1)}, "too far ahead"),
        ({"vehicle": None}, "which vehicle"),
        ({"vehicle": car(type_approval="M3")}, "buses, coaches or lorries"),
        ({"uprn": None}, "Choose the parking zone"),
        ({"kind": "carer"}, "care is given"),
        ({"keeper": "employer"}, "may use this vehicle"),
    ],
    ids=["no permits", "car-free", "outside", "past", "far ahead", "no car", "bus", "no zone", "carer", "keeper"],
)
def test_what_the_rules_refuse_leaves_nothing(holder: Resident, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        sends(holder.account, asks(**change))
    session().commit()
    assert cases_of(holder.account.id) == []
    assert permits_of(holder.account) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"proofs": frozenset({"address"})}, "proof_to_read"),
        ({"uprn": None, "zone": "K", "proofs": frozenset({"address"})}, "address_typed proof_to_read"),
        ({"keeper": "employer", "proofs": frozenset({"address", "vehicle"})}, "proof_to_read vehicle_proof_to_read"),
        ({"kind": "carer", "proofs": frozenset({"carer"})}, "carer_proof_to_read"),
    ],
    ids=["papers", "typed", "employer", "carer"],
)
def test_what_the_rules_cannot_decide_is_an_officers(holder: Resident, change: dict[str, Any], reason: str) -> None:
    permit = sends(holder.account, asks(**change), proofs=())
    assert (permit.status, permit.reason) == ("asked", reason)
    assert get_case(holder.account.id, permit.case_id).status == "with_officer"
    with pytest.raises(Refused, match="has not decided"):
        price(holder.account, str(permit.id))


def test_somebody_without_any_proof_is_asked_for_a_document(holder: Resident) -> None:
    with pytest.raises(Refused, match="proof of this address"):
        sends(holder.account, asks(), proofs=lives_at(HOMES[3]))


def with_an_officer(holder: Resident) -> Permit:
    """An application with papers."""
    return sends(holder.account, asks(proofs=frozenset({"address"})), proofs=())


def decides(permit: Permit, to: str, reason: str = "") -> Permit:
    """An officer moves the case."""
    staff = f"staff:{uuid4()}"
    move_case(permit.case_id, to=to, actor=staff, channel="desk", reason=reason, rights={"work", "decide"})
    session().commit()
    return now(permit)


def test_an_officers_yes_is_paid_for_within_days(holder: Resident, gate: PlayedGateway, at: Any) -> None:
    permit = decides(with_an_officer(holder), "to_pay")
    assert permit.status == "to_pay"
    assert permit.answers["proven_by"] == "officer"
    at.advance(days=13)
    lapse()
    (paid,) = pays(holder.account, gate, permit)
    assert (paid.status, paid.first_on) == ("active", clock.today())
    assert paid.last_on == paid.length.last_day(clock.today())


def test_an_officers_no_frees_the_place(holder: Resident) -> None:
    permit = decides(with_an_officer(holder), "refused", "The bill is of another address.")
    assert permit.status == "refused"
    assert sends(holder.account, asks()).status == "to_pay"


def test_what_is_free_is_valid_at_once(holder: Resident) -> None:
    permit = sends(holder.account, asks(kind="visitor", vehicle=None))
    assert (permit.status, permit.price_pence) == ("active", 0)
    assert get_case(holder.account.id, permit.case_id).status == "granted"


def test_an_officers_yes_to_what_is_free_is_valid_at_once(holder: Resident) -> None:
    asked = asks(kind="visitor", vehicle=None, proofs=frozenset({"address"}))
    permit = decides(sends(holder.account, asked, proofs=()), "to_pay")
    assert permit.status == "active"
    assert get_case(holder.account.id, permit.case_id).status == "granted"


def test_what_is_not_paid_in_time_frees_its_place_and_its_car(holder: Resident, neighbour: Resident, at: Any) -> None:
    permit = sends(holder.account, asks())
    at.advance(minutes=31)
    with pytest.raises(Refused, match="time in which this permit was held"):
        price(holder.account, str(permit.id))
    assert sends(neighbour.account, asks()).status == "to_pay"  # the same car, without waiting for the job
    assert now(permit).status == "lapsed"
    assert get_case(holder.account.id, permit.case_id).status == "lapsed"


def test_the_job_lets_go_of_what_was_not_paid_in_time(holder: Resident, at: Any) -> None:
    permit = sends(holder.account, asks())
    lapse()
    assert now(permit).status == "to_pay"
    at.advance(minutes=31)
    lapse()
    assert now(permit).status == "lapsed"


def test_who_is_paying_keeps_the_place(holder: Resident, gate: PlayedGateway, at: Any) -> None:
    permit = sends(holder.account, asks())
    put_in_basket(holder.account, service=SERVICE, code="permit", key=str(permit.id))
    reference = goes_to_pay(holder.account)
    at.advance(minutes=31)
    lapse()
    assert now(permit).status == "to_pay"
    succeeds(holder.account, gate, reference)
    assert now(permit).status == "active"


def test_a_late_payment_still_counts_while_there_is_a_place(holder: Resident, gate: PlayedGateway, at: Any) -> None:
    permit = sends(holder.account, asks())
    put_in_basket(holder.account, service=SERVICE, code="permit", key=str(permit.id))
    reference = goes_to_pay(holder.account)
    at.advance(hours=5)
    expires(holder.account, gate, reference)
    lapse()
    assert now(permit).status == "lapsed"
    succeeds(holder.account, gate, reference)
    assert (now(permit).status, now(permit).paid_pence) == ("active", 12500)


def test_a_payment_for_a_place_that_is_gone_is_not_taken(
    holder: Resident, neighbour: Resident, gate: PlayedGateway, at: Any
) -> None:
    permit = sends(holder.account, asks())
    put_in_basket(holder.account, service=SERVICE, code="permit", key=str(permit.id))
    reference = goes_to_pay(holder.account)
    at.advance(hours=5)
    expires(holder.account, gate, reference)
    has_permit(neighbour.account, gate, asks())
    succeeds(holder.account, gate, reference)
    assert (now(permit).status, now(permit).paid_pence) == ("lapsed", 0)
    assert loose_payments() == [reference]


def test_a_payment_for_what_was_taken_back_is_not_taken(holder: Resident, gate: PlayedGateway) -> None:
    permit = sends(holder.account, asks())
    put_in_basket(holder.account, service=SERVICE, code="permit", key=str(permit.id))
    reference = goes_to_pay(holder.account)
    take_back(holder.account, permit_id=permit.id)
    session().commit()
    succeeds(holder.account, gate, reference)
    assert now(permit).status == "cancelled"
    assert loose_payments() == [reference]


def test_another_resident_sees_nothing_of_a_permit(holder: Resident, neighbour: Resident) -> None:
    permit = sends(holder.account, asks())
    for act in (get_permit, get_own_permit):
        with pytest.raises(NotFound):
            act(neighbour.account, permit.id)
    with pytest.raises(NotFound):
        price(neighbour.account, str(permit.id))
    with pytest.raises(NotFound):
        price(holder.account, "no such key")


def test_the_second_car_is_dearer_and_a_third_has_no_place(holder: Resident, gate: PlayedGateway) -> None:
    first = has_permit(holder.account, gate, asks("AA19AAA"))
    second = has_permit(holder.account, gate, asks("AA19DSL"))
    assert (first.price_pence, second.price_pence) == (12500, 25000)
    with pytest.raises(Refused, match="one person can have"):
        sends(holder.account, asks("AA19EEE"))


def test_one_car_has_one_permit_of_a_zone(holder: Resident, neighbour: Resident) -> None:
    sends(holder.account, asks())
    for who in (holder, neighbour):
        with pytest.raises(Refused, match="has a permit for this zone"):
            sends(who.account, asks())


def test_a_resident_sends_so_many_applications_a_day(holder: Resident) -> None:
    for _nth in range(10):
        take_back(holder.account, permit_id=sends(holder.account, asks()).id)
        session().commit()
    with pytest.raises(TooMany):
        sends(holder.account, asks())


def test_the_look_ahead_shows_the_price_and_holds_nothing(holder: Resident) -> None:
    outlook = look_ahead(holder.account, asks(), proofs=lives_at())
    assert outlook.decision == Granted()
    assert outlook.charge is not None
    assert outlook.charge.price.pence == 12500
    assert permits_of(holder.account) == []


def test_nobody_pays_less_on_their_own_word(holder: Resident) -> None:
    ticked = frozenset({"blue_badge"})
    with pytest.raises(Refused, match="your Blue Badge"):
        sends(holder.account, asks(marks=ticked))
    permit = sends(holder.account, asks(marks=ticked, proofs=frozenset({"reduction"})))
    assert (permit.status, permit.reason, permit.price_pence) == ("asked", "reduction_to_check", 0)
    facts = {str(fact.label): fact.value for fact in case_facts(get_case(holder.account.id, permit.case_id))}
    assert facts["Reductions"] == ["You have a Blue Badge"]
    assert decides(permit, "to_pay").status == "active"


@pytest.mark.parametrize("kind", ["resident", "visitor"])
def test_a_reduction_that_an_officer_refuses_is_none(holder: Resident, kind: str) -> None:
    asked = asks(kind=kind, marks=frozenset({"blue_badge"}), proofs=frozenset({"reduction"}))
    permit = sends(holder.account, replace(asked, vehicle=None if kind == "visitor" else asked.vehicle))
    assert decides(permit, "refused", "Your Blue Badge is over.").status == "refused"


def test_an_officer_sees_of_which_business_the_papers_must_speak(holder: Resident) -> None:
    shop = Business(
        name="Larkspur Bakery",
        number="01234567",
        address="",
        postcode="",
        status="asked",
        zone="K",
        created_at=clock.now(),
    )
    session().add(shop)
    session().flush()  # its member refers to it
    member = BusinessMember(business_id=shop.id, account_id=holder.account.id, role="owner", joined_at=clock.now())
    session().add(member)
    session().commit()
    asked = asks(kind="business", business_id=shop.id, proofs=frozenset({"business"}))
    permit = sends(holder.account, asked)
    facts = {str(fact.label): fact.value for fact in case_facts(get_case(holder.account.id, permit.case_id))}
    assert facts["Business"] == ["Larkspur Bakery", "01234567"]


def test_home_says_that_visitor_parking_is_with_an_officer(holder: Resident) -> None:
    sends(holder.account, asks(kind="visitor", vehicle=None, proofs=frozenset({"address"})), proofs=())
    assert [(each.title, each.text) for each in home_cards(holder.account)] == [
        ("Visitor parking", "An officer looks at your application.")
    ]
