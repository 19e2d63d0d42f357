"""A courtesy car parks in the place of a permit's own, and by no other permit beside."""

import pytest

from portal.kit import Refused, clock, session
from services.permits.operations import courtesy
from services.permits.operations.courtesy import lend, return_car
from services.permits.rules.permits import Permit
from services.permits.tests.asking import HOMES, asks, has_permit, lives_at, pays, sends
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident


@pytest.fixture
def permit(holder: Resident, gate: PlayedGateway) -> Permit:
    """A year's permit from today."""
    return has_permit(holder.account, gate, asks())


def test_a_car_with_a_permit_of_its_own_is_no_courtesy_car(
    holder: Resident, neighbour: Resident, permit: Permit, gate: PlayedGateway
) -> None:
    theirs = sends(neighbour.account, asks("AA19EEE", home=HOMES[1]), proofs=lives_at(HOMES[1]))
    for then in (lambda: pays(neighbour.account, gate, theirs), session().rollback):
        with pytest.raises(Refused, match="has a permit for this zone"):
            lend(holder.account, permit_id=permit.id, vrm="AA19EEE", first_on=clock.today(), days=5)
        session().rollback()
        then()


def test_a_courtesy_car_gets_no_second_permit_until_it_is_back(
    holder: Resident, neighbour: Resident, permit: Permit
) -> None:
    lent = lend(holder.account, permit_id=permit.id, vrm="AA19EEE", first_on=clock.today(), days=5)
    session().commit()
    wanted = asks("AA19EEE", home=HOMES[1])
    with pytest.raises(Refused, match="has a permit for this zone"):
        sends(neighbour.account, wanted, proofs=lives_at(HOMES[1]))
    session().rollback()
    return_car(holder.account, permit_id=permit.id, car_id=lent.id)
    assert sends(neighbour.account, wanted, proofs=lives_at(HOMES[1])).status == "to_pay"


def test_who_comes_second_in_the_same_moment_is_told_which_car_stood_in_the_way(
    holder: Resident, neighbour: Resident, permit: Permit, gate: PlayedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_permit(neighbour.account, gate, asks("AA19EEE", home=HOMES[1]), lives_at(HOMES[1]))
    monkeypatch.setattr(courtesy, "car_has_one", lambda *_: False)  # before the other one was written
    with pytest.raises(Refused, match="has a permit for this zone"):
        lend(holder.account, permit_id=permit.id, vrm="AA19EEE", first_on=clock.today(), days=5)
    lend(holder.account, permit_id=permit.id, vrm="AA19DSL", first_on=clock.today(), days=5)
    with pytest.raises(Refused, match="Another courtesy car"):
        lend(holder.account, permit_id=permit.id, vrm="AA19FFF", first_on=clock.today(), days=5)
