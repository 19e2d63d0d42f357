"""What a joined council tax account proves of where somebody lives, for services that need proof of address."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from portal.kit import address_proofs, clock, join_record, leave_record, session
from services.council_tax.tests.told import ADA, HOME, REFERENCE, ToldSystem, account
from tests.support.residents import Resident
from tests.support.switches import switched_off


@pytest.fixture
def asked(app: Flask, told: ToldSystem, ada: Resident) -> Any:
    """Ask what is proven of Ada, as another service does."""

    def ask() -> list[str]:
        with app.test_request_context("/"):
            return [f"{each.source} {each.reference} {each.uprn}" for each in address_proofs(ada.account)]

    return ask


def test_an_open_account_proves_the_home(asked: Any) -> None:
    assert asked() == [f"council_tax {REFERENCE} {HOME.uprn}"]


def test_who_has_joined_nothing_has_proven_nothing(app: Flask, told: ToldSystem, robin: Resident) -> None:
    with app.test_request_context("/"):
        assert address_proofs(robin.account) == []


def test_an_account_that_was_let_go_proves_nothing(app: Flask, ada: Resident, asked: Any) -> None:
    with app.test_request_context("/"):
        leave_record(ada.account, service="council_tax", kind="account", key=REFERENCE)
        session().commit()
    assert asked() == []


def test_a_service_that_is_off_proves_nothing(app: Flask, asked: Any) -> None:
    switched_off(app, "council_tax")
    assert asked() == []


def test_while_the_system_is_away_its_last_answer_counts_for_a_month(asked: Any, told: ToldSystem, at: Any) -> None:
    assert asked()
    told.away = True
    at.advance(days=29)
    assert asked()
    at.advance(days=1, minutes=1)
    assert asked() == []


@pytest.mark.parametrize(("closed", "proves"), [(-1, False), (0, False), (20, True)], ids=["gone", "today", "to come"])
def test_a_closed_account_proves_nothing(asked: Any, told: ToldSystem, closed: int, proves: bool) -> None:
    day = clock.today() + timedelta(days=closed)
    told.accounts_told = {REFERENCE: account(closed_on=day)}
    assert bool(asked()) is proves


def test_a_landlord_does_not_live_there(app: Flask, told: ToldSystem, robin: Resident) -> None:
    with app.test_request_context("/"):
        join_record(
            robin.account, service="council_tax", kind="account", key=REFERENCE, person_key=ADA, role="landlord"
        )
        session().commit()
        assert address_proofs(robin.account) == []
