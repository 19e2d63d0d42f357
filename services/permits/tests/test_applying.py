"""An application from sending to parking."""

from datetime import timedelta
from typing import Any

import pytest

from portal.kit import Refused, clock, get_case, session, start_draft
from services.permits.operations.applying import apply
from services.permits.operations.paying import price
from services.permits.tests.asking import HOMES, asks, car, has_permit, lives_at, now, pays, sends
from services.permits.workflow import SERVICE
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
