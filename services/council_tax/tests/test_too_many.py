"""The daily limit of changes, as residents meet it: what is refused is not sent all the same."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.kit import cases_of
from services.council_tax.tests.conftest import ACCOUNT, Works
from services.council_tax.tests.connected import SETTINGS
from services.council_tax.tests.test_direct_debit import up_to
from services.council_tax.tests.told import REFERENCE, ToldSystem, account, debit
from tests.support.fixtures import Clock
from tests.support.residents import Resident

REFUSAL = "You have tried too often. Wait 1440 minutes, then try again."
BY_POST = f"{ACCOUNT}/e-billing"
KEYS = [f"0b3f1f0e-6a53-4a0e-8a55-0f9f0f6f3a1{number}" for number in range(3)]


@pytest.fixture(autouse=True)
def one_a_day(app: Flask, at: Clock) -> Iterator[None]:
    """Each resident may change one thing."""
    at.move_to("2026-04-02T09:00")
    before = app.extensions[SETTINGS]
    app.extensions[SETTINGS] = before.model_copy(update={"changes_a_day": 1})
    yield
    app.extensions[SETTINGS] = before


def asked_once(who: Resident) -> None:
    """Their one change of the day."""
    who.post(BY_POST, e_billing="off", key=KEYS[0])


def test_what_is_refused_is_not_sent(app: Flask, ada: Resident, told: ToldSystem, works: Works) -> None:
    asked_once(ada)
    for key in KEYS[1:]:
        assert ada.refused(BY_POST, e_billing="on", key=key) == [REFUSAL]
    works()
    assert [change.kind for change in told.changes] == ["e_billing"]
    with app.app_context():
        assert len(cases_of(ada.account.id)) == 1


def test_the_same_once_more_costs_nothing(ada: Resident, told: ToldSystem) -> None:
    asked_once(ada)
    assert ada.post(BY_POST, e_billing="off", key=KEYS[0]).location


def test_a_direct_debit_that_is_one_too_many_is_refused_on_its_page(
    ada: Resident, told: ToldSystem, works: Works
) -> None:
    asked_once(ada)
    url = up_to(ada, "check")
    assert ada.refused(f"{url}/check", agreed="yes") == [REFUSAL]
    works()
    assert [change.kind for change in told.changes] == ["e_billing"]


def test_cancelling_a_direct_debit_counts_too(ada: Resident, told: ToldSystem, works: Works) -> None:
    told.accounts_told[REFERENCE] = account(direct_debit=debit())
    asked_once(ada)
    assert ada.refused(f"{ACCOUNT}/direct-debit/cancel") == [REFUSAL]
    works()
    assert [change.kind for change in told.changes] == ["e_billing"]
