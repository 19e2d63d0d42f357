"""A permit's own pages: renewed by one click, another vehicle, another address, a courtesy car, its end."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.kit import DemoGazetteer, clock, payments_for
from services.permits.backoffice.values import Unknown
from services.permits.operations import applications as operations
from services.permits.operations.changing import renew
from services.permits.queries.applications import application_drafts
from services.permits.queries.courtesy import courtesy_cars
from services.permits.queries.enforcement import may_park
from services.permits.queries.permit_cards import activity, home_cards, permit_days, permit_reminders
from services.permits.queries.permits import chain_of
from services.permits.rules.permits import Permit
from services.permits.rules.vehicles import Fuel
from services.permits.tests.asking import asks, has_permit, lives_at, now, pays, sends
from services.permits.tests.test_applying_pages import day_of_today, dvla_says, proofs_say
from services.permits.workflow import SERVICE
from tests.support.payments import PlayedGateway
from tests.support.pdf import read_pdf
from tests.support.residents import Resident, statements

ELSEWHERE = DemoGazetteer().by_postcode("W14 0AA")[0]
DAYS_BEFORE_THE_END = 344
MOST_STATEMENTS = 8
"""Of a permit's page: the session, the permit, its zone, cars, chain and payments."""


@pytest.fixture
def permit(holder: Resident, gate: PlayedGateway) -> Permit:
    """A year's permit from today, paid for."""
    return has_permit(holder.account, gate, asks())


@pytest.fixture
def ending(holder: Resident, gate: PlayedGateway, at: Any) -> Permit:
    """One that ends in three weeks."""
    today = clock.now()
    at.move_to((today - timedelta(days=DAYS_BEFORE_THE_END)).isoformat())
    bought = has_permit(holder.account, gate, asks())
    at.move_to(today.isoformat())
    return now(bought)


def page(permit: Permit | UUID, *parts: str) -> str:
    permit_id = permit if isinstance(permit, UUID) else permit.id
    return "/".join(("/services/permits", str(permit_id), *parts))


def latest(permit: Permit) -> Permit:
    return chain_of(permit.chain_id)[-1]


def given_back(holder: Resident, permit: Permit) -> int:
    return sum(line.refunded for line in payments_for(holder.account, SERVICE, str(permit.id)))


def begins(holder: Resident, permit: Permit, what: str) -> str:
    """Press Start; the address of the draft."""
    holder.get(page(permit, what))
    return str(holder.post(page(permit, what)).location.rpartition("/")[0])


def answers(holder: Resident, url: str, step: str, **values: Any) -> str:
    holder.get(f"{url}/{step}")
    return str(holder.post(f"{url}/{step}", **values).location).removeprefix(f"{url}/")


def test_a_permit_is_renewed_by_one_click(
    holder: Resident, gate: PlayedGateway, ending: Permit, monkeypatch: pytest.MonkeyPatch
) -> None:
    proofs_say(monkeypatch, lives_at())
    holder.get(page(ending, "renew"))
    holder.post(page(ending, "renew/questions"))
    assert "Renewal of a permit" in holder.get("/services/permits/")
    assert "Renew this permit" in holder.get(page(ending))
    shown = holder.get(page(ending, "renew"))
    assert "Renew for 12 months" in shown
    assert "£125" in shown
    assert holder.post(page(ending, "renew"), key=uuid4()).location == "/payments/basket"
    assert "Renewal of a permit" not in holder.get("/services/permits/")  # begun by questions, and not needed now
    (renewal,) = pays(holder.account, gate, latest(ending))
    assert (renewal.why, renewal.status, renewal.first_on) == ("renewal", "active", ending.last_on + timedelta(days=1))
    assert "See the permit that follows it" in holder.get(page(ending))
    assert "It begins on" in holder.get(page(renewal))


def test_who_cannot_be_proven_to_live_there_renews_with_a_document(
    holder: Resident, ending: Permit, monkeypatch: pytest.MonkeyPatch
) -> None:
    proofs_say(monkeypatch, lives_at(ELSEWHERE))
    monkeypatch.setattr("services.permits.operations.sending._proven_before", lambda *_about: False)
    assert "Send a document as proof of address" in holder.get(page(ending, "renew"))
    first = holder.post(page(ending, "renew/questions")).location
    assert first.endswith("/length")
    assert "£125" in holder.get(first)  # each length says its price
    assert holder.post(first, length="12m").location.endswith("/documents/address")


def test_it_is_too_early_to_renew_a_new_permit(holder: Resident, permit: Permit) -> None:
    assert "Renew this permit" not in holder.get(page(permit))
    assert "too early" in holder.get(page(permit, "renew"))


def test_another_vehicle_is_put_on_a_permit_and_the_difference_paid(
    holder: Resident, gate: PlayedGateway, permit: Permit, monkeypatch: pytest.MonkeyPatch
) -> None:
    dvla_says(monkeypatch, co2=180)
    url = begins(holder, permit, "vehicle")
    assert answers(holder, url, "registration", registration="AA19 PPP") == "vehicle"
    assert answers(holder, url, "vehicle", right="yes") == "keeper"
    assert answers(holder, url, "keeper", keeper="me") == "check"
    said = holder.get(f"{url}/check")
    assert "To pay now" in said
    assert "As soon as you have paid, the permit is for AA19 PPP and no longer for AA19 AAA." in said
    assert holder.post(f"{url}/check").location == "/payments/basket"
    (changed,) = pays(holder.account, gate, latest(permit))
    assert (changed.status, changed.vrm, changed.last_on) == ("active", "AA19PPP", permit.last_on)
    assert now(permit).status == "replaced"
    assert "The permit is for another vehicle now." in holder.get(page(permit))


def test_a_cheaper_vehicle_brings_money_back(holder: Resident, permit: Permit, monkeypatch: pytest.MonkeyPatch) -> None:
    dvla_says(monkeypatch, co2=0, fuel=Fuel.ELECTRIC)
    url = begins(holder, permit, "vehicle")
    answers(holder, url, "registration", registration="AA19EEE")
    answers(holder, url, "vehicle", right="yes")
    answers(holder, url, "keeper", keeper="me")
    said = holder.get(f"{url}/check")
    assert "You get back" in said
    assert "As soon as you send it, the permit is for AA19 EEE and no longer for AA19 AAA." in said
    changed = holder.post(f"{url}/check").location
    assert changed == page(latest(permit), "sent")
    assert "back to the card" in holder.get(changed)
    assert latest(permit).vrm == "AA19EEE"


def test_a_vehicle_that_dvla_does_not_know_is_an_officers(
    holder: Resident, permit: Permit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "look_up_vehicle", lambda _who, registration: Unknown(registration))
    url = begins(holder, permit, "vehicle")
    assert answers(holder, url, "registration", registration="AB12CDE") == "vehicle"
    assert "DVLA does not know this registration number" in holder.get(f"{url}/vehicle")
    facts = {"sort": "car", "fuel": "petrol", "co2": "120"}
    registered = {"registered-day": 1, "registered-month": 3, "registered-year": 2019}
    assert answers(holder, url, "vehicle", **facts, **registered) == "keeper"
    documents = answers(holder, url, "keeper", keeper="me")
    assert documents == "documents/vehicle"


def test_a_permit_follows_its_resident_to_another_zone(
    holder: Resident, permit: Permit, monkeypatch: pytest.MonkeyPatch
) -> None:
    proofs_say(monkeypatch, lives_at(ELSEWHERE))
    url = begins(holder, permit, "address")
    assert answers(holder, url, "postcode", postcode="W14 0AA") == "home"
    assert answers(holder, url, "home", home=ELSEWHERE.uprn) == "check"
    assert "Zone L" in holder.get(f"{url}/check")
    holder.post(f"{url}/check")
    moved = latest(permit)
    assert (moved.status, moved.zone, moved.uprn) == ("active", "L", ELSEWHERE.uprn)


def test_a_courtesy_car_parks_for_a_fortnight_and_goes_back(holder: Resident, permit: Permit) -> None:
    lends = page(permit, "courtesy-car")
    holder.get(lends)
    assert holder.refused(lends, registration="NOT A CAR AT ALL", days="14", **day_of_today())
    holder.post(lends, registration="AA19 MOT", days="14", **day_of_today())
    assert "Courtesy car today" in holder.get(page(permit))
    (lent,) = courtesy_cars(permit)
    assert (lent.last_on - lent.first_on).days == 13
    holder.post(page(permit, "courtesy-car", str(lent.id), "back"))
    assert "Courtesy car today" not in holder.get(page(permit))


def test_an_early_end_pays_back_by_the_rule(holder: Resident, permit: Permit) -> None:
    ends = page(permit, "end")
    shown = holder.get(ends)
    assert "11 of 12 months are left" in shown
    assert holder.refused(ends) == ["Tick the box if you want to end this permit"]
    holder.post(ends, sure="yes")
    ended = now(permit)
    assert (ended.status, ended.reason, ended.refunded_pence) == ("cancelled", "asked_to_end", 11458)
    assert "Do not park with it" in holder.get(page(permit))


def test_who_has_moved_away_ends_the_permit(holder: Resident, permit: Permit) -> None:
    assert "End the permit because you have moved away" in holder.get(page(permit, "address"))
    ends = f"{page(permit, 'end')}?why=moved"
    holder.get(ends)
    holder.post(ends, sure="yes")
    assert now(permit).reason == "moved_away"


def test_what_waits_to_be_paid_is_paid_from_its_page_or_taken_back(holder: Resident) -> None:
    waiting = sends(holder.account, asks())
    assert "It is not valid until you have paid" in holder.get(page(waiting))
    assert holder.post(page(waiting, "pay")).location == "/payments/basket"
    holder.get(page(waiting, "take-back"))
    holder.post(page(waiting, "take-back"))
    assert now(waiting).status == "cancelled"


def test_a_permit_is_a_tagged_pdf_with_a_code_that_leads_to_its_page(holder: Resident, permit: Permit) -> None:
    answer = holder.client.get(page(permit, "pdf"))
    look = read_pdf(answer.data)
    assert (look.marked, look.conforms, look.title) == (True, "ua-1", "Resident parking permit")
    assert "Figure" in look.tags
    assert "AA19 AAA" in look.text
    assert permit.reference in look.text
    assert 'alt="QR code' in holder.get(page(permit))


def test_a_neighbour_sees_nothing_of_it(neighbour: Resident, permit: Permit) -> None:
    for part in ("", "pdf", "sent", "renew", "vehicle", "address", "courtesy-car", "end", "take-back"):
        neighbour.get(page(permit, *([part] if part else [])), status=404)
    neighbour.get("/services/permits/")
    neighbour.post(page(permit, "end"), status=404, sure="yes")
    assert now(permit).status == "active"


def test_home_calendar_and_reminders_know_the_permit(holder: Resident, ending: Permit) -> None:
    (card,) = home_cards(holder.account)
    assert (card.url, str(card.tag)) == (page(ending), "Valid")
    (entry,) = permit_days(holder.account)
    assert (entry.on, entry.kind) == (ending.last_on, "expiry")
    early = permit_reminders(ending.last_on - timedelta(days=21), None, 10)
    late = permit_reminders(ending.last_on, None, 10)
    assert [each.account_id for each in (*early, *late)] == [holder.account.id] * 2
    assert early[0].key != late[0].key
    assert permit_reminders(ending.last_on, holder.account.id, 10) == []
    assert activity(holder.account) == []


def test_who_has_renewed_is_not_reminded(holder: Resident, gate: PlayedGateway, ending: Permit, at: Any) -> None:
    pays(holder.account, gate, renew(holder.account, permit_id=ending.id, key=uuid4().hex, proofs=lives_at()))
    assert permit_reminders(ending.last_on, None, 10) == []


def test_a_change_that_was_begun_is_taken_up_again(holder: Resident, permit: Permit) -> None:
    assert begins(holder, permit, "vehicle") == begins(holder, permit, "vehicle")
    (draft,) = application_drafts(holder.account)
    assert "Go on: Change of vehicle" in holder.get("/services/permits/")
    delete = f"/services/permits/applications/{draft.id}/delete"
    holder.get(delete)
    holder.post(delete)
    assert application_drafts(holder.account) == []


def test_pages_ask_the_database_no_more_for_more_permits(holder: Resident, gate: PlayedGateway, permit: Permit) -> None:
    def asked(path: str) -> int:
        holder.get(path)
        with statements(holder.client.application) as seen:
            holder.get(path)
        return len(seen)

    first = asked("/services/permits/")
    has_permit(holder.account, gate, asks("AA19DSL"))
    assert asked("/services/permits/") == first
    assert asked(page(permit)) <= MOST_STATEMENTS


def test_the_page_of_ending_says_what_patrols_see(holder: Resident, permit: Permit) -> None:
    asked = holder.get(page(permit, "end"))
    assert "do not park with it after that" in asked
    assert "You have the money within 20 days." in asked  # the tariff's promise, and no other
    assert "up to a week" not in asked
    holder.post(page(permit, "end"), sure="yes")
    assert now(permit).status == "cancelled"
    assert may_park("AA19AAA") == []
