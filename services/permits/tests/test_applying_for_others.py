"""Applications for a business, for visitors and for care, and what stands in their way."""

from uuid import UUID

import pytest

from portal.kit import session
from services.permits.models.businesses import Business, BusinessMember
from services.permits.operations.businesses import begin_business, register_business
from services.permits.queries.permits import permits_of_business
from services.permits.tests.asking import HOME, lives_at
from services.permits.tests.test_applying_pages import INDEX, answers, day_of_today, dvla_says, proofs_say
from tests.support.residents import Resident


@pytest.fixture
def business_id(holder: Resident) -> UUID:
    """A business of the holder's at HOME, whose papers an officer has read."""
    draft_id = begin_business(holder.account, name="Corner Shop", number="", postcode=HOME.postcode)
    session().commit()
    found = register_business(holder.account, draft_id=draft_id, uprn=HOME.uprn)
    session().get_one(Business, found).status = "open"
    session().commit()
    return found


def begins(holder: Resident, kind: str) -> str:
    """Begin on a page that knows the kind; the address of the application."""
    holder.get(INDEX)
    return str(holder.post(f"{INDEX}applications", kind=kind).location.rpartition("/")[0])


def test_a_business_that_the_council_knows_goes_straight_to_payment(
    holder: Resident, business_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    dvla_says(monkeypatch)
    url = begins(holder, "business")
    assert answers(holder, url, "business", business=str(business_id)) == "registration"
    answers(holder, url, "registration", registration="AA19AAA")
    answers(holder, url, "vehicle", right="yes")
    assert answers(holder, url, "keeper", keeper="me") == "start"
    answers(holder, url, "start", **day_of_today())
    assert answers(holder, url, "length", length="12m") == "check"
    assert "Corner Shop" in holder.get(f"{url}/check")
    assert holder.post(f"{url}/check").location == "/payments/basket"
    (permit,) = permits_of_business(holder.account, business_id)
    assert (permit.kind, permit.status, permit.zone) == ("business", "to_pay", "K")
    page = holder.get(f"{INDEX}{permit.id}")
    assert f"/businesses/{business_id}" in page
    assert "Change the address" not in page
    holder.get(f"{INDEX}{permit.id}/address", status=409)


def test_a_member_who_may_not_manage_sees_the_permit_and_changes_nothing(
    holder: Resident, neighbour: Resident, business_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    test_a_business_that_the_council_knows_goes_straight_to_payment(holder, business_id, monkeypatch)
    session().add(
        BusinessMember(
            business_id=business_id,
            account_id=neighbour.account.id,
            role="driver",
            joined_at=session().get_one(Business, business_id).created_at,
        )
    )
    session().commit()
    (permit,) = permits_of_business(neighbour.account, business_id)
    assert "Take this application back" not in neighbour.get(f"{INDEX}{permit.id}")
    neighbour.get(f"{INDEX}{permit.id}/take-back", status=404)


def test_who_has_no_business_is_led_to_open_one(holder: Resident) -> None:
    url = begins(holder, "business")
    assert holder.client.get(f"{url}/business").location == f"{INDEX}businesses"


def test_visitors_are_asked_for_from_their_own_page(holder: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    proofs_say(monkeypatch, lives_at())
    assert 'value="visitor"' in holder.get(f"{INDEX}visitors")
    url = begins(holder, "visitor")
    assert answers(holder, url, "postcode", postcode="W6 9JU") == "home"
    assert answers(holder, url, "home", home=HOME.uprn) == "reductions"


def test_a_kind_that_is_not_sold_begins_with_the_question(holder: Resident) -> None:
    holder.get(INDEX)
    assert holder.post(f"{INDEX}applications", kind="yacht").location.endswith("/kind")


def test_somebody_who_cares_sends_a_letter_about_the_care(holder: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    dvla_says(monkeypatch)
    proofs_say(monkeypatch, ())
    url = begins(holder, "carer")
    answers(holder, url, "postcode", postcode="W6 9JU")
    answers(holder, url, "home", home=HOME.uprn)
    answers(holder, url, "registration", registration="AA19AAA")
    answers(holder, url, "vehicle", right="yes")
    answers(holder, url, "keeper", keeper="me")
    answers(holder, url, "start", **day_of_today())
    assert "Free" in holder.get(f"{url}/length")
    assert answers(holder, url, "length", length="12m") == "documents/carer"
