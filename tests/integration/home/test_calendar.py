"""One calendar over all services, as a page and as a feed at a secret address, and reminders of its days."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from portal import clock
from portal.accounts.values import Account
from portal.db.session import session
from portal.home import feeds, reminders
from portal.identity.models import AccountHoldRow
from portal.kit import CalendarEntry, Reminder
from portal.notices.models import NoticeRow
from portal.registry import mount
from tests.support.fixtures import Clock
from tests.support.people import someone
from tests.support.residents import Resident, resident
from tests.support.worker import work


@pytest.fixture
def sams(app: Flask) -> Resident:
    return resident(app, "Sam")


@pytest.fixture
def says(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has the service for reports say something else: `says(calendar=…, reminders=…)`."""

    def one(**hooks: Any) -> None:
        services = {
            slug: dataclasses.replace(each, service=dataclasses.replace(each.service, **hooks))
            if slug == "reporting"
            else each
            for slug, each in app.extensions[mount.EXTENSION].items()
        }
        monkeypatch.setitem(app.extensions, mount.EXTENSION, services)

    return one


def entry(in_days: int, title: str, **more: Any) -> CalendarEntry:
    return CalendarEntry(on=clock.today() + timedelta(days=in_days), title=title, url="/services/reporting/", **more)


def address_of(sams: Resident) -> str:
    sams.post("/calendar/feed")
    found = re.search(r"http://localhost(/calendar/[\w-]+\.ics)", sams.get("/calendar/feed"))
    assert found is not None
    return found[1]


def events(sams: Resident, address: str) -> list[Any]:
    answer = sams.client.application.test_client().get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return list(Calendar.from_ical(answer.get_data()).walk("VEVENT"))


def test_days_are_listed_by_month_the_nearest_first(sams: Resident, says: Any, at: Clock) -> None:
    at.move_to("2026-11-22T10:00")
    says(
        calendar=lambda _account: [
            entry(40, "Second instalment", kind="payment"),
            entry(3, "Permit", kind="expiry"),
            entry(0, "Today"),
            entry(-1, "Yesterday"),
            entry(400, "Too far away"),
        ]
    )
    page = sams.get("/calendar")
    assert page.index("November 2026") < page.index("Today") < page.index("Permit") < page.index("January 2027")
    assert "Wednesday 25 November" in page
    assert "Runs out" in page
    assert "Yesterday" not in page
    assert "Too far away" not in page


def test_an_empty_calendar_says_what_will_be_there(sams: Resident) -> None:
    assert "Nothing is due in the next 12 months" in sams.get("/calendar")


def test_a_service_that_fails_costs_its_own_days_and_is_named(sams: Resident, says: Any) -> None:
    def fail(_account: Account) -> Any:
        raise RuntimeError("down")

    says(calendar=fail)
    page = sams.get("/calendar")
    assert "their days are missing here: Problems in the street" in page
    assert "Nothing is due" not in page


def test_no_more_of_a_service_than_a_page_can_show(sams: Resident, says: Any) -> None:
    says(calendar=lambda _account: [entry(1, f"Day {each}") for each in range(500)])
    assert sams.get("/calendar").count("moot-days__item") == 200


def test_the_feed_holds_the_same_days_without_signing_in(sams: Resident, says: Any) -> None:
    says(calendar=lambda _account: [entry(3, "Permit; runs, out", kind="expiry", key="permit-1")])
    (event,) = events(sams, address_of(sams))
    assert event["summary"] == "Permit; runs, out"
    assert event.decoded("dtstart") == clock.today() + timedelta(days=3)
    assert event.decoded("dtend") == clock.today() + timedelta(days=4)
    assert event["url"] == "http://localhost/services/reporting/"


def test_an_entry_that_moves_keeps_its_id(sams: Resident, says: Any) -> None:
    address = address_of(sams)
    says(calendar=lambda _account: [entry(3, "Permit", key="permit-1")])
    (before,) = events(sams, address)
    says(calendar=lambda _account: [entry(9, "Permit", key="permit-1")])
    (after,) = events(sams, address)
    assert before["uid"] == after["uid"]
    assert before["dtstart"].dt != after["dtstart"].dt


def test_what_has_an_hour_has_it_in_the_feed(sams: Resident, says: Any) -> None:
    starts = clock.now().replace(microsecond=0) + timedelta(days=2)
    ends = starts + timedelta(minutes=20)
    says(calendar=lambda _account: [entry(2, "Appointment", kind="appointment", starts_at=starts, ends_at=ends)])
    (event,) = events(sams, address_of(sams))
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (starts, ends)


def test_an_unchanged_feed_is_not_sent_again(sams: Resident, says: Any) -> None:
    says(calendar=lambda _account: [entry(3, "Permit")])
    address = address_of(sams)
    stranger = sams.client.application.test_client()
    mark = stranger.get(address).headers["ETag"]
    assert stranger.get(address, headers={"If-None-Match": mark}).status_code == 304
    says(calendar=lambda _account: [entry(4, "Permit")])
    assert stranger.get(address, headers={"If-None-Match": mark}).status_code == 200


def test_a_feed_that_would_lack_days_answers_later(sams: Resident, says: Any) -> None:
    def fail(_account: Account) -> Any:
        raise RuntimeError("down")

    address = address_of(sams)
    says(calendar=fail)
    answer = sams.client.application.test_client().get(address)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3600")


def test_a_changed_address_stops_the_old_one(sams: Resident) -> None:
    old = address_of(sams)
    new = address_of(sams)
    stranger = sams.client.application.test_client()
    assert old != new
    assert stranger.get(old).status_code == 404
    assert stranger.get(new).status_code == 200
    sams.post("/calendar/feed/stop")
    assert stranger.get(new).status_code == 404


def test_while_the_account_is_held_the_feed_shows_nothing(app: Flask, sams: Resident) -> None:
    address = address_of(sams)
    with app.app_context():
        session().add(AccountHoldRow(account_id=sams.account.id, held_at=clock.now(), doubted_since=clock.now()))
        session().commit()
    assert app.test_client().get(address).status_code == 503
    assert sams.post("/calendar/feed", status=403)


@pytest.mark.parametrize("secret", ["x", "x" * 5000, "%00", "..%2f", "é"], ids=["short", "long", "nul", "up", "é"])
def test_nonsense_for_an_address_leads_nowhere(app: Flask, secret: str) -> None:
    assert app.test_client().get(f"/calendar/{secret}.ics").status_code == 404


def test_the_secret_is_neither_in_the_table_nor_in_the_trail(app: Flask, sams: Resident) -> None:
    secret = address_of(sams).rpartition("/")[2].removesuffix(".ics")
    with app.app_context():
        rows = session().execute(select(feeds.CalendarFeedRow.secret, feeds.CalendarFeedRow.secret_hash)).all()
        assert secret not in str(rows)
        assert feeds.everything_about(sams.account.id) is not None
        with app.test_request_context("/"):
            feeds.forget(sams.account.id)
            assert feeds.everything_about(sams.account.id) is None


@pytest.fixture
def morning(app: Flask) -> Iterator[Any]:
    """Runs the morning's reminders with everything that they ask for, and gives what was told."""

    def one() -> list[Any]:
        reminders.remind()
        session().commit()
        while work():
            pass
        return list(session().scalars(select(NoticeRow).order_by(NoticeRow.told_at)))

    with app.test_request_context("/"):
        yield one


def test_everybody_is_reminded_once_portion_by_portion(
    app: Flask, says: Any, monkeypatch: pytest.MonkeyPatch, morning: Any
) -> None:
    people = sorted((someone(app, f"P{each}") for each in range(5)), key=lambda person: person.id)
    monkeypatch.setattr(reminders, "AT_ONCE", 2)

    def whom(on: date, after: UUID | None, limit: int) -> list[Reminder]:
        following = [person for person in people if after is None or person.id > after][:limit]
        return [Reminder(account_id=each.id, key=key, on=on, url="/x") for each in following for key in ("a", "b")]

    says(reminders=whom)
    told = morning()
    assert len(told) == 10
    assert {row.account_id for row in told} == {person.id for person in people}
    assert len(morning()) == 10, "the same day again tells nobody twice"


def test_a_reminder_says_nothing_personal(app: Flask, says: Any, morning: Any) -> None:
    sam = someone(app, "Sam")
    says(reminders=lambda on, *_: [Reminder(account_id=sam.id, key="a", on=on, url="/services/reporting/")])
    (notice,) = morning()
    assert "http://localhost/services/reporting/" in notice.body
    assert "Sam" not in notice.subject + notice.body
    assert f"{(clock.today() + reminders.AHEAD).day}" in notice.subject


def test_a_service_that_is_off_reminds_nobody(app: Flask, says: Any, morning: Any, monkeypatch: Any) -> None:
    sam = someone(app, "Sam")
    says(reminders=lambda on, *_: [Reminder(account_id=sam.id, key="a", on=on, url="/x")])
    monkeypatch.setattr(reminders, "reasons", lambda: {"reporting": "closed"})
    assert morning() == []


def test_a_morning_without_a_worker_is_made_up_for(says: Any, morning: Any, at: Clock) -> None:
    asked: list[date] = []
    says(reminders=lambda on, *_: asked.append(on) or [])
    first = clock.today() + reminders.AHEAD
    morning()
    morning()
    assert asked == [first], "a round a day, however often the clock strikes"
    at.advance(days=3)
    morning()
    assert asked == [first + timedelta(days=each) for each in range(4)]
    at.advance(days=30)
    morning()
    assert asked[4:] == [clock.today() + timedelta(days=each) for each in range(4)], "nobody is reminded of the past"


def test_a_calendar_with_nothing_due_is_still_one(sams: Resident, says: Any) -> None:
    says(calendar=lambda _account: [])
    answer = sams.client.application.test_client().get(address_of(sams))
    calendar = Calendar.from_ical(answer.get_data(as_text=True))
    assert [each.name for each in calendar.subcomponents] == ["VTIMEZONE"]
    zone = calendar.subcomponents[0].to_tz()
    for month, hours in ((1, 0), (7, 1)):
        assert datetime(2026, month, 15, 12, tzinfo=zone).utcoffset() == timedelta(hours=hours)
