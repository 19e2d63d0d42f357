"""An application as its resident makes it: a question a page, checked, sent once, paid, and then a permit."""

from typing import Any

import pytest

from portal.kit import Account, clock
from services.permits.backoffice.values import VehicleFound
from services.permits.operations import applications as operations
from services.permits.queries.permits import permits_of
from services.permits.rules.permits import Permit
from services.permits.tests.asking import HOME, car, lives_at
from services.permits.views import application_check, application_questions
from tests.support.paying_through import goes_to_pay, in_basket, succeeds
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident

INDEX = "/services/permits/"


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """A council tax record shows that everybody lives at HOME."""
    for where in (application_check, application_questions):
        monkeypatch.setattr(where, "address_proofs", lambda _account: lives_at())


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """DVLA knows every car."""

    def told(_account: Account, *, registration: str) -> VehicleFound:
        return VehicleFound(car(registration), clock.today(), "Taxed", None, "Valid", None, False)

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
