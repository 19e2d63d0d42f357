"""Follow and stop, with an account and by letter; updates both ways; each told once."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.kit import Refused, clock, session
from services.reporting.models.following import Follower, Update
from services.reporting.models.reports import Report
from services.reporting.operations import following, telling
from services.reporting.operations.moderating import hide_report, moderate_update
from services.reporting.operations.updating import add_update, say_for_council
from services.reporting.queries.public import find_public_by_id
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.tests.telling import (
    PROBLEMS,
    STAFF,
    Stranger,
    filed,
    link_in,
    moved,
    reference_of,
)
from services.reporting.views import follows
from tests.support.fixtures import Clock
from tests.support.nights import let_go
from tests.support.outbox import letters
from tests.support.residents import Resident, resident
from tests.support.worker import work

EMAIL = "neighbour@tests.example"


@pytest.fixture
def stranger(app: Flask) -> Stranger:
    return Stranger(app)


def followers(report_id: UUID) -> int:
    session().expire_all()
    return session().scalar(select(func.count()).where(Follower.report_id == report_id)) or 0


def asked(stranger: Stranger, report_id: UUID) -> str:
    """Ask to follow by e-mail; the path in the letter."""
    stranger.send(f"{PROBLEMS}/{reference_of(report_id)}/follow-by-email", email=EMAIL)
    return link_in(following.LETTER)


def test_who_follows_is_told_once_and_who_stops_is_not(ada: Resident, ben: Resident, context: Flask) -> None:
    report_id = filed(ada)
    page = f"{PROBLEMS}/{reference_of(report_id)}"
    for _twice in range(2):
        ben.post(f"{page}/follow")
    assert "Stop following" in ben.get(page)
    moved(report_id, "with_team")
    work()
    (letter,) = letters(telling.FOLLOWED)
    assert letter.to_address == "ben@tests.example"
    assert "With the team" in letter.body
    assert "For its owner." not in letter.body
    ben.post(f"{page}/unfollow")
    moved(report_id, "in_progress")
    work()
    assert len(letters(telling.FOLLOWED)) == 1


def test_a_resident_sees_what_they_follow_and_stops_also_what_is_hidden(
    ada: Resident, ben: Resident, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follows, "PAGE", 2)
    mine = "/services/reporting/follows"
    assert "Reports you follow" not in ben.get("/home")
    ids = [filed(ada) for _each in range(3)]
    for report_id in ids:
        ben.post(f"{PROBLEMS}/{reference_of(report_id)}/follow")
    hide_report(STAFF, report_id=ids[2])
    session().commit()
    assert "Reports you follow" in ben.get("/home")
    page = ben.get(mine)
    assert "It is not shown to everybody at the moment." in page
    assert page.count("Stop following") == 2
    assert reference_of(ids[0]) not in page
    older = ben.client.page.all("a", rel="next")[0].get("href")
    assert reference_of(ids[0]) in ben.get(str(older))
    stop = re.findall(rf"{mine}/[0-9a-f-]+/stop", page)[0]
    ada.get(mine)
    ada.post(stop, 404)
    ben.post(stop)
    assert followers(ids[2]) == 0
    assert reference_of(ids[2]) not in ben.get(mine)


def test_opening_the_letter_a_hundred_times_neither_begins_nor_ends_anything(
    ada: Resident, stranger: Stranger, context: Flask
) -> None:
    report_id = filed(ada)
    link = asked(stranger, report_id)
    for _each in range(3):  # as programs do that look for traps in mail
        stranger.get(link)
        stranger.client.head(link)
    moved(report_id, "with_team")
    work()
    assert letters(telling.FOLLOWED) == []
    stranger.send(link)
    moved(report_id, "in_progress")
    work()
    (letter,) = letters(telling.FOLLOWED)
    assert letter.to_address == EMAIL
    stop = link_in(telling.FOLLOWED, which=1)
    for _each in range(3):
        assert "Stop these emails" in stranger.get(stop)
    assert followers(report_id) == 1
    stranger.send(stop, stop="yes")
    assert followers(report_id) == 0
    stranger.get(stop, status=404)


def test_who_confirmed_an_address_says_something_without_an_account(
    ada: Resident, stranger: Stranger, context: Flask
) -> None:
    report_id = filed(ada)
    link = asked(stranger, report_id)
    stranger.get(f"{link}/update", status=404)
    stranger.send(link)
    stranger.get(f"{link}/update")
    key = str(stranger.client.page.all("input", name="key")[0].get("value"))
    for _twice in range(2):
        stranger.send(f"{link}/update", words="It is deeper now.", key=key)
    page = stranger.get(f"{PROBLEMS}/{reference_of(report_id)}")
    assert page.count("It is deeper now.") == 1
    assert "Somebody else" in page
    assert "the page that our letter leads to" in page
    work()
    assert len(letters(telling.SAID)) == 1
    assert letters(telling.FOLLOWED) == []  # who wrote it knows


def test_asking_again_and_again_makes_one_follower_and_few_letters(
    ada: Resident, stranger: Stranger, context: Flask
) -> None:
    report_id = filed(ada)
    for _each in range(following.LETTERS_A_DAY):
        asked(stranger, report_id)
    page = f"{PROBLEMS}/{reference_of(report_id)}/follow-by-email"
    assert "too often" in stranger.send(page, status=200, email=EMAIL)
    assert len(letters(following.LETTER)) == following.LETTERS_A_DAY
    assert followers(report_id) == 1


@pytest.mark.parametrize("token", ["nonsense", "x" * 5000, "IjEyMyI.c2ln"], ids=["word", "long", "forged"])
def test_a_link_that_we_did_not_write_leads_nowhere(stranger: Stranger, context: Flask, token: str) -> None:
    for page in ("following", "alerts/letters", "fixed", "guest/letters"):
        stranger.get(f"/services/reporting/{page}/{token}", status=404)


def test_addresses_that_nobody_confirms_are_forgotten(
    ada: Resident, ben: Resident, stranger: Stranger, context: Flask, at: Clock
) -> None:
    report_id = filed(ada)
    asked(stranger, report_id)
    following.follow(ben.account, report=find_public_by_id(report_id) or pytest.fail("it is public"))
    session().commit()
    at.advance(hours=73)
    let_go()
    assert followers(report_id) == 1


def test_an_update_is_read_by_all_and_told_to_the_reporter_and_followers(
    ada: Resident, ben: Resident, stranger: Stranger, context: Flask
) -> None:
    report_id = filed(ada)
    page = f"{PROBLEMS}/{reference_of(report_id)}"
    carla = resident(context, "Carla")
    carla.post(f"{page}/follow")
    ben.get(f"{page}/update")
    key = str(ben.client.page.all("input", name="key")[0].get("value"))
    for _twice in range(2):
        ben.post(f"{page}/update", words="It is <b>deeper</b> now.", key=key)
    work()
    shown = stranger.get(page)
    assert shown.count("It is &lt;b&gt;deeper&lt;/b&gt; now.") == 1
    assert "Ben" not in shown
    assert [letter.to_address for letter in letters(telling.FOLLOWED)] == ["carla@tests.example"]
    assert [letter.to_address for letter in letters(telling.SAID)] == ["ada@tests.example"]
    telling.tell_left()  # nothing is left
    work()
    assert len(letters(telling.SAID)) == 1


def test_what_the_council_says_is_shown_and_told(
    ada: Resident, ben: Resident, stranger: Stranger, context: Flask
) -> None:
    report_id, key = filed(ada), uuid4()
    ben.post(f"{PROBLEMS}/{reference_of(report_id)}/follow")
    for _twice in range(2):
        say_for_council(STAFF, report_id=report_id, words="We come on Monday.", key=key)
        session().commit()
    work()
    assert "We come on Monday." in stranger.get(f"{PROBLEMS}/{reference_of(report_id)}")
    assert len(letters(telling.FOLLOWED)) == 1
    assert len(letters(telling.SAID)) == 1


def test_an_update_that_a_moderator_has_yet_to_see_is_told_when_it_is_shown(
    ada: Resident, ben: Resident, stranger: Stranger, context: Flask, monkeypatch: pytest.MonkeyPatch, at: Clock
) -> None:
    changed = ReportingSettings(words_shown="after_a_look")
    monkeypatch.setitem(context.extensions, "moothall.settings.reporting", changed)
    report_id = filed(ada)
    report = find_public_by_id(report_id) or pytest.fail("it is public")
    assert not add_update(ben.account, report=report, words="Mr Smith did it.", key=uuid4())
    session().commit()
    work()
    assert letters(telling.SAID) == []
    assert "Smith" not in stranger.get(f"{PROBLEMS}/{reference_of(report_id)}")
    update_id = session().scalars(select(Update.id)).one()
    moderate_update(STAFF, update_id=update_id, shown=True)
    session().commit()
    at.advance(minutes=10)
    telling.tell_left()
    session().commit()
    work()
    assert len(letters(telling.SAID)) == 1


def test_nobody_hears_of_a_report_that_was_hidden_since(ada: Resident, ben: Resident, context: Flask) -> None:
    report_id = filed(ada)
    ben.post(f"{PROBLEMS}/{reference_of(report_id)}/follow")
    hide_report(STAFF, report_id=report_id)
    session().commit()
    moved(report_id, "with_team")
    work()
    assert letters(telling.FOLLOWED) == []


def test_a_repeated_report_takes_no_updates(ada: Resident, ben: Resident, context: Flask) -> None:
    first, second = filed(ada), filed(ada)
    session().get_one(Report, second).merged_into_id = first
    session().commit()
    report = find_public_by_id(second) or pytest.fail("it is public")
    with pytest.raises(Refused, match="joined with another"):
        add_update(ben.account, report=report, words="Still there.", key=uuid4())


def test_very_many_followers_are_told_in_portions_each_once(
    ada: Resident, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PORTION", 2)
    monkeypatch.setattr(telling, "_FOLLOWERS", telling._FOLLOWERS.limit(2))
    report_id = filed(ada)
    now = clock.now() - timedelta(days=1)
    for number in range(5):
        row = {"report_id": report_id, "email": f"n{number}@tests.example", "language": "cy", "created_at": now}
        session().add(Follower(id=uuid4(), confirmed_at=now, **row))
    session().commit()
    moved(report_id, "with_team")
    while work():
        pass
    assert len({letter.to_address for letter in letters(telling.FOLLOWED)}) == 5
    assert len(letters(telling.FOLLOWED)) == 5
