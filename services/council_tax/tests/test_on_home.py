"""Council tax on home, in the calendar and among reminders."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from portal.kit import Unavailable, get_account, get_joined, join_record, last_answer, leave_record, protect, session
from services.council_tax.backoffice.values import Account, Adjustment, Instalment, Recovery
from services.council_tax.operations import looking_ahead
from services.council_tax.queries import days
from services.council_tax.queries.cards import home_cards, last_cards
from services.council_tax.queries.days import calendar, days_of, reminders
from services.council_tax.tests.conftest import Joins, Works
from services.council_tax.tests.told import ADA, BEN, HOME, OTHER, REFERENCE, ToldSystem, account, debit, telling
from tests.support.fixtures import Clock
from tests.support.residents import Resident


@pytest.fixture(autouse=True)
def spring(at: Clock, told: ToldSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last days before the council tax year."""
    at.move_to("2026-03-30T09:00")
    monkeypatch.setattr(looking_ahead, "system", telling(told))


def card_text(resident: Resident, app: Flask) -> str:
    with app.app_context():
        return " ".join(str(card.text) for card in home_cards(resident.account))


def test_home_says_what_is_owed_and_when(ada: Resident, app: Flask) -> None:
    assert card_text(ada, app) == "You owe £1,040.08. Next payment: £104.08 on 1 April 2026."


def test_home_offers_to_join_where_nothing_is_joined(robin: Resident) -> None:
    assert "Add your council tax account" in robin.get("/home")
    assert robin.client.page.links()["New here, or no bill yet?"] == "/services/council_tax/"


def test_home_says_of_recovery_what_the_account_says(ada: Resident, app: Flask, told: ToldSystem) -> None:
    steps = Recovery(steps=(), next_step="summons", pay_pence=77_000, pay_by_on=date(2026, 4, 7))
    told.accounts_told[REFERENCE] = account(recovery=steps)
    assert card_text(ada, app) == "Pay £770 by 7 April 2026. Otherwise the next step of recovery follows."


def test_what_is_late_needs_an_action(ada: Resident, app: Flask, told: ToldSystem) -> None:
    late = Instalment(number=1, due_on=date(2026, 4, 1), pence=5000, state="late")
    told.accounts_told[REFERENCE] = account(instalments=(late,), balance=5000)
    with app.app_context():
        (card,) = home_cards(ada.account)
    assert (card.text, card.tag, card.action_needed) == ("You owe £50. £50 is late.", "Late", True)


def test_while_the_system_is_away_home_shows_the_last_balance_and_its_time(
    ada: Resident, told: ToldSystem, at: Clock
) -> None:
    ada.get("/home")
    told.away = True
    at.advance(minutes=10)
    page = ada.get("/home")
    assert "You owe £1,040.08." in page
    assert "This was so on 30 March 2026 at 10:00am" in page


def test_a_system_that_was_never_reached_shows_no_zero(ada: Resident, told: ToldSystem) -> None:
    told.away = True
    page = ada.get("/home")
    assert "We cannot reach our council tax system just now" in page
    assert "£0" not in page


def test_last_cards_ask_nobody(ada: Resident, told: ToldSystem, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        assert last_cards(ada.account) == []
        home_cards(ada.account)
        monkeypatch.setattr(ToldSystem, "account", None)
        (card,) = last_cards(ada.account)
        kept = last_answer(ada.account.id, service="council_tax", key=f"account:{REFERENCE}", kind=Account)
    assert card.as_of_at == kept.as_of_at is not None


def test_a_landlord_of_many_has_one_card(joins: Joins, told: ToldSystem, app: Flask) -> None:
    for number in range(5):
        gita = joins("Gita", ADA, f"4000990{number}")
    with app.app_context():
        (card,) = home_cards(gita.account)
    assert (card.text, card.url) == ("5 accounts", "/services/council_tax/properties")


def test_the_calendar_holds_each_payment_review_and_last_day(ada: Resident, app: Flask, told: ToldSystem) -> None:
    review = Adjustment(
        id="a", kind="discount", code="single_person", since_on=date(2025, 4, 1), review_on=date(2026, 9, 1)
    )
    step = Recovery(steps=(), next_step="reminder", pay_pence=100, pay_by_on=date(2026, 4, 9))
    told.accounts_told[REFERENCE] = account(adjustments=(review,), recovery=step)
    with app.app_context():
        entries = calendar(ada.account)
    titles = {(entry.on, str(entry.title)) for entry in entries}
    assert (date(2026, 4, 1), "Council tax: pay £104.08") in titles
    assert any(on == date(2026, 9, 1) and "Only one adult lives here" in title for on, title in titles)
    assert (date(2026, 4, 9), "Council tax: last day to pay £1 before the next step") in titles
    assert len({entry.key for entry in entries}) == len(entries) == 12


def test_a_landlords_days_are_all_there_though_the_system_is_slow(
    joins: Joins, app: Flask, told: ToldSystem, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.accounts_told[OTHER] = account(OTHER)
    gita = joins("Gita", BEN, OTHER)
    with app.app_context():
        join_record(gita.account, service="council_tax", kind="account", key=REFERENCE, person_key=BEN)
        session().commit()
        first = calendar(gita.account)
        assert {entry.key.partition(":")[0] for entry in first} == {OTHER, REFERENCE}
        at.advance(hours=1)
        monkeypatch.setattr(days, "ASKS_FOR", -1)
        monkeypatch.setattr(ToldSystem, "account", None)  # not even asked: there is no time left
        assert calendar(gita.account) == first


def test_a_calendar_that_would_lack_days_says_so(ada: Resident, app: Flask, told: ToldSystem) -> None:
    told.away = True
    with app.app_context(), pytest.raises(Unavailable):
        calendar(ada.account)


def test_payments_that_are_collected_remind_nobody(at: Clock, context: Flask) -> None:
    by_debit = account(direct_debit=debit(), method="direct_debit")
    assert not any(day.reminds for day in days_of(by_debit, date(2026, 3, 30)))
    assert all("we collect" in day.title for day in days_of(by_debit, date(2026, 3, 30)))


def remembered(app: Flask, on: date, **more: Any) -> list[str]:
    with app.app_context():
        return [each.key for each in reminders(on, more.get("after"), more.get("limit", 10))]


def test_residents_are_reminded_of_what_was_noted_last_night(
    ada: Resident, ben: Resident, app: Flask, works: Works
) -> None:
    with app.app_context():
        looking_ahead.look_ahead()
        session().commit()
    works()
    keys = remembered(app, date(2026, 4, 1))
    assert keys == [f"{REFERENCE}:payment-2026-1"] * 2
    first, second = sorted((ada.account.id, ben.account.id))
    assert len(remembered(app, date(2026, 4, 1), limit=1)) == 1
    assert len(remembered(app, date(2026, 4, 1), after=first)) == 1
    assert remembered(app, date(2026, 4, 1), after=second) == []


def test_who_has_let_the_account_go_is_reminded_no_more(ada: Resident, app: Flask, works: Works) -> None:
    for leaves in (False, True):
        with app.app_context():
            if leaves:
                leave_record(get_account(ada.account.id), service="council_tax", kind="account", key=REFERENCE)
            looking_ahead.look_ahead()
            session().commit()
        works()
    assert remembered(app, date(2026, 4, 1)) == []


def test_a_night_without_the_system_keeps_the_days_of_the_night_before(
    ada: Resident, app: Flask, told: ToldSystem, works: Works
) -> None:
    with app.app_context():
        looking_ahead.look_ahead()
        session().commit()
    works()
    told.away = True
    with app.app_context(), pytest.raises(Unavailable):
        looking_ahead.portion(after=str(looking_ahead.FIRST))
    assert remembered(app, date(2026, 4, 1))


def test_an_account_that_the_system_no_longer_shows_them_has_no_days(
    joins: Joins, app: Flask, told: ToldSystem, works: Works
) -> None:
    joins("Gita", ADA, OTHER)
    with app.app_context():
        looking_ahead.look_ahead()
        session().commit()
    works()
    assert remembered(app, date(2026, 4, 1)) == []


def look(app: Flask, works: Works) -> None:
    """A night."""
    with app.app_context():
        looking_ahead.look_ahead()
        session().commit()
    works()


def test_one_account_that_cannot_be_told_of_keeps_its_days_and_stops_no_other(
    joins: Joins, ada: Resident, app: Flask, told: ToldSystem, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    joins("Gita", BEN, "40007777")
    told.accounts_told["40007777"] = account("40007777")
    look(app, works)
    tells = told.account

    def broken(person: str, reference: str) -> Account:
        if reference == "40007777":
            raise Unavailable
        return tells(person, reference)

    monkeypatch.setattr(told, "account", broken)
    later = Instalment(number=1, due_on=date(2026, 4, 2), pence=5000, state="future")
    told.accounts_told[REFERENCE] = account(instalments=(later,))
    look(app, works)
    assert remembered(app, date(2026, 4, 1)) == ["40007777:payment-2026-1"]
    assert remembered(app, date(2026, 4, 2)) == [f"{REFERENCE}:payment-2026-1"]


def test_what_is_collected_is_noted_for_no_reminder(ada: Resident, app: Flask, told: ToldSystem, works: Works) -> None:
    told.accounts_told[REFERENCE] = account(direct_debit=debit(next_on=date(2026, 4, 1)), method="direct_debit")
    look(app, works)
    assert remembered(app, date(2026, 4, 1)) == []


@pytest.mark.parametrize("protected", [True, False])
def test_an_address_is_kept_from_others_from_the_night_on_in_which_the_system_says_so(
    ada: Resident, app: Flask, told: ToldSystem, works: Works, protected: bool
) -> None:
    with app.app_context():
        protect("council_tax", "account", REFERENCE, protected=not protected, actor="system:council_tax")
        session().commit()
    told.accounts_told[REFERENCE] = account(protected=protected)
    look(app, works)
    with app.app_context():
        assert get_joined(ada.account, "council_tax", REFERENCE).protected is protected


def several(told: ToldSystem, joins: Joins, late: int = 0) -> Resident:
    """A landlord with four homes, of which one may be late."""
    gita = joins("Gita", ADA)
    for number in range(3):
        reference = f"4100000{number}"
        told.accounts_told[reference] = account(reference, balance=10000)
        told.late[reference] = late if number == 0 else 0
        join_record(gita.account, service="council_tax", kind="account", key=reference, person_key=ADA, how="person")
    session().commit()
    return gita


def test_a_landlords_card_adds_up_and_says_what_is_late(joins: Joins, app: Flask, told: ToldSystem, at: Clock) -> None:
    with app.test_request_context("/"):
        gita = several(told, joins, late=4000)
    with app.app_context():
        (card,) = home_cards(gita.account)
    assert (card.text, card.tag, card.action_needed) == (
        "4 accounts. You owe £1,340.08. £40 is late.",
        "Late",
        True,
    )
    told.away = True
    at.advance(minutes=10)
    with app.app_context():
        (card,) = last_cards(gita.account)
        assert card.as_of_at is not None
        assert str(card.text).startswith("4 accounts. You owe £1,340.08.")


def test_a_landlords_card_shows_no_half_sum_while_the_system_is_away(
    joins: Joins, app: Flask, told: ToldSystem
) -> None:
    with app.test_request_context("/"):
        gita = several(told, joins)
    told.away = True
    with app.app_context():
        (card,) = home_cards(gita.account)
    assert card.text == "4 accounts. We cannot reach our council tax system just now. Try again later."


@pytest.mark.parametrize("protected", [False, True])
def test_of_several_homes_the_calendar_says_which(joins: Joins, app: Flask, told: ToldSystem, protected: bool) -> None:
    with app.test_request_context("/"):
        gita = several(told, joins)
        told.accounts_told = {
            key: one.model_copy(update={"protected": protected}) for key, one in told.accounts_told.items()
        }
        entries = calendar(gita.account)
    assert entries
    for entry in entries:
        which = entry.key.partition(":")[0] if protected else HOME.lines[0]
        assert str(entry.title).endswith(f" ({which})")


def test_an_account_that_has_ended_is_not_reviewed(told: ToldSystem, app: Flask) -> None:
    reviewed = Adjustment(
        id="a", kind="discount", code="single_person", since_on=date(2025, 4, 1), review_on=date(2026, 9, 1)
    )
    kept: dict[str, Any] = {"adjustments": (reviewed,), "instalments": ()}
    with app.app_context():
        assert [day.kind for day in days_of(account(**kept), date(2026, 4, 1))] == ["deadline"]
        assert days_of(account(**kept, closed_on=date(2026, 4, 1)), date(2026, 4, 1)) == []
