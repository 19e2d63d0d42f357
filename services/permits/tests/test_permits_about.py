"""What is kept of a permit: handed over, forgotten with its resident, and let go a year after its end."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from portal.kit import Refused, clock, get_case, session
from services.permits.models.permits import Permit as PermitRow
from services.permits.models.permits import PermitSlot, Vehicle
from services.permits.operations.courtesy import lend
from services.permits.operations.ending import end_permit
from services.permits.operations.forgetting import forget
from services.permits.operations.permit_forgetting import claim
from services.permits.queries.about import everything_about
from services.permits.queries.case_facts import case_facts
from services.permits.queries.permits import permits_of
from services.permits.rules.permits import Permit
from services.permits.tests.asking import HOME, asks, has_permit, sends
from tests.support.nights import let_go
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident


@pytest.fixture
def permit(holder: Resident, gate: PlayedGateway) -> Permit:
    """Paid for and valid."""
    return has_permit(holder.account, gate, asks())


def test_the_data_file_has_every_permit_and_courtesy_car(holder: Resident, permit: Permit) -> None:
    lend(holder.account, permit_id=permit.id, vrm="AA19DSL", first_on=clock.today(), days=3)
    (told,) = everything_about(holder.account)["permits"]
    assert (told["case"], told["vehicle"], told["paid_pence"]) == (permit.case_id, "AA19AAA", 12500)
    assert told["courtesy_cars"][0]["vehicle"] == "AA19DSL"


def test_forgetting_leaves_that_there_was_a_permit_and_nothing_else(holder: Resident, permit: Permit) -> None:
    lend(holder.account, permit_id=permit.id, vrm="AA19DSL", first_on=clock.today(), days=3)
    sends(holder.account, asks("AA19EEE"))
    forget(holder.account)
    session().commit()
    assert everything_about(holder.account)["permits"] == []
    rows = session().scalars(select(PermitRow)).all()
    assert {(row.account_id, row.vrm, row.uprn, row.address, row.status) for row in rows} == {
        (None, "", None, "", "cancelled")
    }
    assert session().scalars(select(PermitSlot.scope)).all() == []
    assert session().scalars(select(Vehicle.vrm)).all() == []
    left = session().execute(
        text("select t::text from permits.permit t union all select c::text from permits.courtesy_car c")
    )
    assert not any(trace in row for (row,) in left for trace in ("AA19", HOME.uprn, HOME.postcode))


def test_forgetting_gives_back_what_the_rule_says(holder: Resident, permit: Permit) -> None:
    forget(holder.account)
    session().commit()
    assert session().execute(select(PermitRow.refunded_pence)).scalar_one() > 0


def test_a_permit_is_let_go_a_year_after_its_end(holder: Resident, permit: Permit, at: Any) -> None:
    end_permit(holder.account, permit_id=permit.id)
    session().commit()
    at.advance(days=364)
    let_go()
    assert permits_of(holder.account)
    at.advance(days=2)
    let_go()
    assert permits_of(holder.account) == []


def test_who_claims_what_staff_sent_for_them_has_it(holder: Resident, neighbour: Resident, permit: Permit) -> None:
    claim(holder.account.id, neighbour.account)
    claim(uuid4(), neighbour.account)
    session().commit()
    assert [each.id for each in permits_of(neighbour.account)] == [permit.id]
    assert permits_of(holder.account) == []


def test_a_case_says_nothing_of_whom_we_have_forgotten(holder: Resident, permit: Permit) -> None:
    case = get_case(holder.account.id, permit.case_id)
    assert case_facts(case)
    forget(holder.account)
    assert case_facts(case) == ()


def test_what_was_claimed_counts_against_the_cap_of_whose_it_is(
    holder: Resident, neighbour: Resident, permit: Permit
) -> None:
    claim(holder.account.id, neighbour.account)
    session().commit()
    second = sends(neighbour.account, asks("AA19EEE"))
    assert second.number == 2
    with pytest.raises(Refused, match="as one person can have"):
        sends(neighbour.account, asks("AA19DSL"))
    assert set(session().scalars(select(PermitSlot.chain_id))) == {permit.chain_id, second.chain_id}
    (claimed, _second) = sorted(permits_of(neighbour.account), key=lambda each: each.created_at)
    assert f"account:{neighbour.account.id}:resident" in {cap.scope for cap in claimed.caps}
