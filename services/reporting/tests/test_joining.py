"""A duplicate merged at the desk: its followers and its reporter hear of the report that stays, each once."""

import json
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import clock, session
from services.reporting.models.following import Follower
from services.reporting.models.guests import Guest
from services.reporting.models.reports import Report
from services.reporting.operations import following, telling
from services.reporting.operations.forgetting import claim
from services.reporting.operations.guest_talk import NEWS
from services.reporting.operations.moderating import hide_report
from services.reporting.queries.following import Interest, interest_in
from services.reporting.queries.public import find_public_by_id
from services.reporting.tests.telling import (
    PROBLEMS,
    STAFF,
    Stranger,
    filed,
    moved,
    reference_of,
)
from services.reporting.workflow import status_called
from tests.support.outbox import letters
from tests.support.residents import Resident, resident
from tests.support.staff import Colleague, colleague
from tests.support.worker import work

EMAIL = "neighbour@tests.example"
MOVED = "home/mail/moved.txt"


@pytest.fixture
def lee(app: Flask) -> Colleague:
    """Leads the team that gets these reports."""
    return colleague(app, "Lee", role="lead", team="highways")


@pytest.fixture
def stranger(app: Flask) -> Stranger:
    return Stranger(app)


def merged(lee: Colleague, duplicate: UUID, into: UUID) -> None:
    """Merge one into the other at the desk, and let the jobs run."""
    path = f"/desk/cases/{reference_of(duplicate)}/merge/{reference_of(into)}"
    lee.get(path)
    assert lee.client.submit(path, reason="The same hole.").status_code == 303
    session().expire_all()
    work()


def follow(of: Resident, report_id: UUID) -> None:
    of.post(f"{PROBLEMS}/{reference_of(report_id)}/follow")


def by_email(report_id: UUID, *, confirmed: bool = True, email: str = EMAIL) -> UUID:
    """A follower without an account; the row's id."""
    now = clock.now()
    row = Follower(id=uuid4(), report_id=report_id, email=email, language="en", created_at=now)
    row.confirmed_at = now if confirmed else None
    session().add(row)
    session().commit()
    return row.id


def readers(report_id: UUID) -> list[object]:
    """Who follows a report: ids of accounts and addresses."""
    session().expire_all()
    rows = session().scalars(select(Follower).where(Follower.report_id == report_id).order_by(Follower.id))
    return [row.account_id or row.email for row in rows]


def told() -> list[str]:
    return sorted(letter.to_address for letter in letters(telling.FOLLOWED))


def test_followers_and_the_reporter_follow_the_report_that_stays_and_are_told_once(
    ada: Resident, ben: Resident, context: Flask, lee: Colleague
) -> None:
    carla = resident(context, "Carla")
    stays, duplicate = filed(ada), filed(ben)
    follow(carla, duplicate)
    by_email(duplicate)
    merged(lee, duplicate, stays)
    assert set(readers(stays)) == {carla.account.id, EMAIL, ben.account.id}
    assert readers(duplicate) == []
    assert told() == ["carla@tests.example", EMAIL]
    named = [letter.body for letter in letters(telling.FOLLOWED)]
    assert all(f"Report {reference_of(stays)} tells of the same problem" in body for body in named)
    assert all(f"{PROBLEMS}/{reference_of(stays)}\n" in body for body in named)
    assert [letter.to_address for letter in letters(MOVED)] == ["ben@tests.example"]
    moved(stays, "with_team")
    work()
    assert told() == sorted(["carla@tests.example", EMAIL] * 2 + ["ben@tests.example"])
    assert [letter.to_address for letter in letters(MOVED)] == ["ben@tests.example", "ada@tests.example"]


def test_who_follows_both_is_told_once_and_stops_both_by_either_letter(
    ada: Resident, ben: Resident, context: Flask, lee: Colleague, stranger: Stranger
) -> None:
    carla = resident(context, "Carla")
    stays, duplicate = filed(ada), filed(ben)
    for each in (stays, duplicate):
        follow(carla, each)
    old = following.letter_path(by_email(duplicate))
    by_email(stays, confirmed=False)
    follow(ada, duplicate)
    merged(lee, duplicate, stays)
    assert told() == ["carla@tests.example", EMAIL]  # not Ada: it is hers that stays
    assert sorted(map(str, readers(stays))) == sorted(map(str, (carla.account.id, ben.account.id, EMAIL)))
    assert interest_in(stays) == Interest(joined=1, following=3)
    stranger.send(old, stop="yes")
    assert EMAIL not in [*readers(stays), *readers(duplicate)]


def test_a_wish_that_nobody_has_confirmed_moves_and_is_told_nothing(
    ada: Resident, ben: Resident, context: Flask, lee: Colleague, stranger: Stranger
) -> None:
    stays, duplicate = filed(ada), filed(ben)
    letter = following.letter_path(by_email(duplicate, confirmed=False))
    merged(lee, duplicate, stays)
    assert told() == []
    assert reference_of(stays) in stranger.get(letter)
    stranger.send(letter)
    moved(stays, "with_team")
    work()
    assert EMAIL in told()


def test_the_page_of_the_duplicate_leads_to_the_one_that_stays_where_counts_add_up(
    ada: Resident, ben: Resident, context: Flask, lee: Colleague, stranger: Stranger
) -> None:
    stays, duplicate = filed(ada), filed(ben)
    by_email(stays, email="one@tests.example")
    by_email(duplicate, email="two@tests.example")
    merged(lee, duplicate, stays)
    page = stranger.get(f"{PROBLEMS}/{reference_of(duplicate)}")
    assert f"Go to report {reference_of(stays)}" in page
    assert "/follow" not in page
    moved(stays, "with_team", "in_progress", "fixed")
    page = stranger.get(f"{PROBLEMS}/{reference_of(duplicate)}")
    assert str(status_called("fixed").title) in page
    assert "We are working" not in page
    page = stranger.get(f"{PROBLEMS}/{reference_of(stays)}")
    assert "1 other report tells of the same problem" in page
    assert "3 people follow it." in page  # the reporter of the other too
    assert reference_of(stays) in ben.get(f"/cases/{reference_of(duplicate)}")
    assert f"{PROBLEMS}/{reference_of(stays)}" not in stranger.get(f"{PROBLEMS}?state=open&category=graffiti")


def test_following_a_duplicate_is_following_what_stays(
    ada: Resident, ben: Resident, context: Flask, lee: Colleague, stranger: Stranger
) -> None:
    stays, duplicate = filed(ada), filed(ben)
    merged(lee, duplicate, stays)
    carla = resident(context, "Carla")
    follow(carla, duplicate)  # from a page that was opened before
    shown = find_public_by_id(duplicate)
    assert shown is not None
    following.follow_by_email(shown, email=EMAIL, come_from="127.0.0.1")
    session().commit()
    assert {carla.account.id, EMAIL} <= set(readers(stays))


def test_a_chain_of_duplicates_ends_at_the_report_that_is_worked_on(
    ada: Resident, ben: Resident, context: Flask, lee: Colleague, stranger: Stranger
) -> None:
    first, second, third = filed(ada), filed(ben), filed(ada)
    by_email(first)
    merged(lee, first, second)
    merged(lee, second, third)
    assert readers(first) == readers(second) == []
    assert set(readers(third)) == {EMAIL, ben.account.id} - {None}
    assert interest_in(third).joined == 2
    assert f"Go to report {reference_of(third)}" in stranger.get(f"{PROBLEMS}/{reference_of(first)}")
    assert told().count(EMAIL) == 2  # of each joining once


def test_one_residents_own_two_make_no_follower(ada: Resident, context: Flask, lee: Colleague) -> None:
    stays, duplicate = filed(ada), filed(ada)
    merged(lee, duplicate, stays)
    assert readers(stays) == []


def test_nothing_leads_to_a_report_that_not_everybody_may_see(
    ada: Resident, ben: Resident, context: Flask, lee: Colleague, stranger: Stranger
) -> None:
    stays, duplicate = filed(ada), filed(ben)
    letter = following.letter_path(by_email(duplicate))
    merged(lee, duplicate, stays)
    api = f"/open311/v2/requests/{reference_of(duplicate)}.json"
    assert reference_of(stays) in stranger.client.get(api).text
    hide_report(STAFF, report_id=stays)
    session().commit()
    assert reference_of(stays) not in stranger.get(f"{PROBLEMS}/{reference_of(duplicate)}")
    assert reference_of(stays) not in stranger.client.get(api).text
    stranger.send(letter, stop="yes")  # and can still be stopped
    assert EMAIL not in readers(stays)


def test_programs_are_told_that_it_is_closed_and_which_report_stays(
    ada: Resident, ben: Resident, context: Flask, lee: Colleague, stranger: Stranger
) -> None:
    stays, duplicate = filed(ada), filed(ben)
    reference = reference_of(duplicate)
    api = f"/open311/v2/requests/{reference}.json"
    assert json.loads(stranger.client.get(api).data)[0]["status"] == "open"
    merged(lee, duplicate, stays)
    (request,) = json.loads(stranger.client.get(api).data)
    assert request["status"] == "closed"
    sentence = f"This problem was reported before. We work on report {reference_of(stays)}."
    assert request["status_notes"] == sentence
    assert sentence in stranger.client.get(api.replace(".json", ".xml")).text
    updates = json.loads(stranger.client.get("/open311/v2/servicerequestupdates.json").data)
    of_it = [each for each in updates if each["service_request_id"] == reference]
    assert (of_it[-1]["status"], of_it[-1]["description"]) == ("DUPLICATE", sentence)


def test_a_guest_who_claims_a_duplicate_goes_on_following_what_stays(
    ada: Resident, ben: Resident, context: Flask, lee: Colleague
) -> None:
    stays, duplicate = filed(ada), filed(ben)
    now = clock.now()
    guest = Guest(account_id=ben.account.id, draft_id=duplicate, secret_hash="", language="en", created_at=now)
    guest.email, guest.expires_at, guest.confirmed_at = EMAIL, now, now
    session().add(guest)
    by_email(duplicate)
    merged(lee, duplicate, stays)
    carla = resident(context, "Carla")
    claim(ben.account.id, carla.account)
    session().commit()
    assert EMAIL not in readers(stays)
    assert carla.account.id in readers(stays)
    assert session().get_one(Report, duplicate).account_id == carla.account.id


def test_a_public_report_is_merged_into_no_private_one(
    ada: Resident, ben: Resident, context: Flask, lee: Colleague
) -> None:
    public, private = filed(ada), filed(ben, private=True)
    follow(ben, public)
    path = f"/desk/cases/{reference_of(public)}/merge/{reference_of(private)}"
    lee.get(path)
    answer = lee.client.submit(path, reason="The same hole.")
    assert f"{reference_of(private)} is private. Merge it into this report instead." in answer.text
    assert readers(public) == [ben.account.id]
    offered = lee.get(f"/desk/reporting/alike/{reference_of(public)}")
    assert f"/desk/cases/{reference_of(private)}/merge/{reference_of(public)}" in offered
    assert path not in offered


def test_a_guest_hears_that_their_private_report_was_merged(
    ada: Resident, ben: Resident, context: Flask, lee: Colleague
) -> None:
    stays, duplicate = filed(ada), filed(ben, private=True)
    now = clock.now()
    guest = Guest(account_id=ben.account.id, draft_id=duplicate, secret_hash="", language="en", created_at=now)
    guest.email, guest.expires_at, guest.confirmed_at, guest.letter_id = EMAIL, now, now, uuid4()
    session().add(guest)
    by_email(duplicate)
    merged(lee, duplicate, stays)
    assert [letter.to_address for letter in letters(NEWS)] == [EMAIL]
    assert told() == []
