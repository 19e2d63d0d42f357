"""An officer says where an address is that was typed: its caps, its zone and its price follow from that."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from portal.kit import Refused, get_case, move_case, session
from services.permits.operations.placing import note_entered
from services.permits.queries.case_facts import case_facts
from services.permits.queries.zones import find_place
from services.permits.rules.permits import OUTSIDE, Permit
from services.permits.settings import KindCaps
from services.permits.tests.asking import HOME, HOMES, asks, lay_out, now, sends
from services.permits.workflow import PLACE, SERVICE
from tests.support.residents import Resident, resident
from tests.support.staff import colleague


def typed(holder: Resident, vrm: str = "AA19AAA", **more: Any) -> Permit:
    """An application for an address that is not on the list, with papers."""
    asked = {"uprn": None, "zone": "L", "street": "", "proofs": frozenset({"address"})} | more
    return sends(holder.account, asks(vrm, **asked), proofs=())


def grants(permit: Permit) -> Permit:
    """An officer grants it."""
    officer = f"staff:{uuid4()}"
    move_case(permit.case_id, to="to_pay", actor=officer, channel="desk", rights={"decide"})
    session().commit()
    return now(permit)


def places(holder: Resident, permit: Permit, home: Any = HOME, zone: str = "") -> Permit:
    """An officer has found it."""
    case = get_case(holder.account.id, permit.case_id)
    answers = {"uprn": home.uprn, "street": home.street, "zone": zone}
    note_entered(case, PLACE, answers, actor=f"staff:{uuid4()}")
    session().commit()
    return now(permit)


def test_an_address_that_nobody_has_found_is_not_granted(holder: Resident) -> None:
    permit = typed(holder)
    with pytest.raises(Refused, match="Say first where the address is"):
        grants(permit)
    session().rollback()
    assert now(permit).status == "asked"


def test_what_an_officer_finds_puts_it_in_its_zone_and_under_its_caps(holder: Resident) -> None:
    placed = places(holder, typed(holder))
    assert (placed.zone, placed.uprn) == ("K", HOME.uprn)  # and not L, which the applicant named
    assert f"household:{HOME.uprn}:resident" in {cap.scope for cap in placed.caps}
    assert grants(placed).status == "to_pay"


def test_a_household_is_no_larger_for_who_types_its_address(holder: Resident, parking: Flask) -> None:
    for nth in range(KindCaps().resident.household or 0):
        sends(resident(parking, f"Flatmate {nth}").account, asks(f"AA19BB{'ABCDEFG'[nth]}"))
    permit = typed(holder)
    with pytest.raises(Refused, match="as one address can have"):
        places(holder, permit)
    session().rollback()
    assert now(permit).uprn is None


@pytest.mark.parametrize(("home", "sentence"), [(HOMES[-2], "without parking"), (HOMES[-1], "no parking permits")])
def test_a_home_without_permits_has_none_for_who_types_its_address(holder: Resident, home: Any, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        places(holder, typed(holder), home)


def test_a_zone_is_named_only_where_the_table_says_nothing(holder: Resident) -> None:
    new = replace(HOME, uprn="99", street="New Close")
    permit = typed(holder, postcode="SW1A 1AA")
    with pytest.raises(Refused, match="no parking zone"):
        places(holder, permit, new)
    session().rollback()
    assert places(holder, permit, new, zone="K").zone == "K"
    assert grants(now(permit)).status == "to_pay"
    known = find_place(uprn="99", postcode="SW1A 1AA", street="")
    assert known is not None
    assert known.zone == "K"  # a renewal asks the table again


def test_a_uprn_that_was_wrong_first_leaves_nothing_in_the_table(holder: Resident) -> None:
    permit = typed(holder, postcode="SW1A 1AA")
    for uprn in ("98", "99"):
        assert places(holder, permit, replace(HOME, uprn=uprn, street="New Close"), zone="K").zone == "K"
        assert find_place(uprn=uprn, postcode="SW1A 1AA", street="") == OUTSIDE  # it may yet be refused
    grants(permit)
    assert find_place(uprn="98", postcode="SW1A 1AA", street="") == OUTSIDE
    assert find_place(uprn="99", postcode="SW1A 1AA", street="") != OUTSIDE


def test_the_code_of_a_zone_may_be_typed_small_and_a_slip_is_said(holder: Resident) -> None:
    new = replace(HOME, uprn="99", street="New Close")
    permit = typed(holder, postcode="SW1A 1AA")
    with pytest.raises(Refused, match="There is no parking zone Zone K"):
        places(holder, permit, new, zone="Zone K")
    session().rollback()
    assert places(holder, permit, new, zone="k").zone == "K"


def test_a_home_that_was_chosen_from_the_register_stays_where_it_is(holder: Resident) -> None:
    permit = sends(holder.account, asks(proofs=frozenset({"address"})), proofs=())
    assert (permit.reason, permit.uprn) == ("proof_to_read", HOME.uprn)
    with pytest.raises(Refused, match="from the register"):
        places(holder, permit, HOMES[1])
    session().rollback()
    assert now(permit).uprn == HOME.uprn


def test_what_was_found_is_shown_and_nobody_is_said_to_have_to_find_it(holder: Resident) -> None:
    permit = typed(holder)
    case = get_case(holder.account.id, permit.case_id)
    before = {str(each.label) for each in case_facts(case)}
    assert permit.reason == "address_typed proof_to_read"
    assert places(holder, permit, HOMES[1]).reason == "proof_to_read"
    assert places(holder, permit).uprn == HOME.uprn  # a slip can be mended
    facts = {str(each.label): each.value for each in case_facts(case)}
    assert facts.keys() - before == {"UPRN", "Street"}
    assert (facts["UPRN"], facts["Street"]) == (HOME.uprn, HOME.street)


@pytest.mark.parametrize("uprn", ["", "0", "12a", "1234567890123"])
def test_what_is_no_uprn_is_refused(holder: Resident, uprn: str) -> None:
    with pytest.raises(Refused, match="at most 12 digits"):
        places(holder, typed(holder), replace(HOME, uprn=uprn))


@pytest.fixture
def portal(_paying_portal: Flask, clean_database: str) -> Flask:
    """The portal with its zones, and no context open: what one request knows is not known to the next."""
    with _paying_portal.test_request_context("/"):
        lay_out()
    return _paying_portal


def test_it_is_a_form_at_the_desk(portal: Flask) -> None:
    holder = resident(portal, "Holder")
    with portal.test_request_context("/"):
        permit = typed(holder)
    officer = colleague(portal, role="decider", service=SERVICE)
    case = f"/desk/cases/{permit.reference}"
    page = f"{case}/enter/{PLACE}"
    assert page in officer.get(case)
    officer.get(page)
    refused = officer.client.submit(answer_uprn="12a", answer_street=HOME.street)
    assert "at most 12 digits" in refused.get_data(as_text=True)
    assert officer.client.submit(answer_uprn=HOME.uprn, answer_street=HOME.street).status_code == 303
    assert "Zone K" in officer.get(case)
    assert colleague(portal, "Robin", service=SERVICE).get(page, status=403)
    assert colleague(portal, "Rita", role="decider", service="reporting").get(page, status=404)
