"""Every table of reporting that names a person is in their download, forgotten with them, and handed over."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.kit import Account, clock, get_account, open_for_caller, session
from services.reporting.models.base import Base
from services.reporting.models.following import Alert, AlertTold, Follower, Update
from services.reporting.models.guests import Guest
from services.reporting.models.reports import Photo, Report
from services.reporting.operations.forgetting import claim, forget
from services.reporting.operations.sending import file_report
from services.reporting.queries.about import everything_about
from services.reporting.rules.places import Place, Point
from services.reporting.rules.written import Written
from tests.support.nights import let_go
from tests.support.residents import Resident

WORDS: Final = "I saw Mr Smith do it"
SHOWN: Final = {
    "report": "reports",
    "photo": "photos",
    "update": "updates",
    "follower": "followed",
    "alert": "alerts",
    "guest": "reported_as_guest",
}
"""Where each table that names an account is in the download."""


def whose(table: Any) -> Any:
    """The column that names the account."""
    return table.c.owner_id if "owner_id" in table.c else table.c.account_id


NAMING = {
    table.name: table
    for table in Base.metadata.tables.values()
    if not table.info.get("stub") and ("account_id" in table.c or "owner_id" in table.c)
}


def filed(account: Account) -> UUID:
    report_id = uuid4()
    place = Place("Larkspur Lane 3", Point(51.4927, -0.2339), uprn="900000000001")
    file_report(account, report_id=report_id, written=Written("pothole", place, WORDS, {"depth": "deeper"}))
    session().flush()
    return report_id


def everything(account: Account, report_id: UUID) -> None:
    """One row in each table that names an account."""
    now, person = clock.now(), {"account_id": account.id}
    dated: dict[str, Any] = {"created_at": now, "language": "en"}
    alert = Alert(**person, **dated, called="Home", ward="riverside", told_at=now, confirmed_at=now)
    session().add_all(
        [
            Photo(report_id=report_id, position=7, file_id=uuid4(), owner_id=account.id, created_at=now),
            Update(**person, report_id=report_id, said_by="resident", words=WORDS, moderation="shown", created_at=now),
            Follower(**person, **dated, report_id=report_id, confirmed_at=now),
            alert,
            Guest(**person, **dated, draft_id=uuid4(), secret_hash=uuid4().hex, email="a@example.org", expires_at=now),
        ]
    )
    session().flush()
    session().add(AlertTold(alert_id=alert.id, report_id=report_id, told_at=now))
    session().flush()


def count(table: Any, account: Account) -> int:
    return session().scalar(select(func.count()).where(whose(table) == account.id)) or 0


def test_each_table_that_names_an_account_is_known_here() -> None:
    assert set(NAMING) == set(SHOWN)


def test_the_download_holds_a_row_of_each_and_nothing_of_others(ada: Resident, ben: Resident, context: Flask) -> None:
    everything(ada.account, filed(ada.account))
    mine, others = everything_about(ada.account), everything_about(ben.account)
    assert {name: len(rows) for name, rows in mine.items()} == dict.fromkeys(SHOWN.values(), 1)
    assert not any(others.values())
    assert mine["reports"][0]["answers"] == {"depth": "deeper"}


def test_forgetting_leaves_the_problem_and_nothing_that_names_them(
    ada: Resident, ben: Resident, context: Flask
) -> None:
    own, of_ben = filed(ada.account), filed(ben.account)
    everything(ada.account, of_ben)
    everything(ben.account, own)
    forget(ada.account)
    session().expire_all()
    assert {name: count(table, ada.account) for name, table in NAMING.items()} == dict.fromkeys(NAMING, 0)
    left = session().get_one(Report, own)
    assert (left.category, left.lat, left.description, left.answers) == ("pothole", 51.4927, "", {})
    assert count(NAMING["report"], ben.account) == count(NAMING["alert"], ben.account) == 1


@pytest.mark.parametrize("days", [729, 731])
def test_after_the_years_of_keeping_words_and_readers_go(
    ada: Resident, ben: Resident, context: Flask, days: int
) -> None:
    report_id = filed(ada.account)
    everything(ben.account, report_id)
    session().get_one(Report, report_id).closed_at = clock.now() - timedelta(days=days)
    session().commit()
    let_go()
    session().expire_all()
    kept = days < 730
    assert (session().get_one(Report, report_id).description == WORDS) is kept
    for name in ("photo", "update", "follower"):
        assert count(NAMING[name], ben.account) == int(kept), name
    assert count(NAMING["alert"], ben.account) == 1  # which is about no report


def test_what_was_kept_for_a_caller_is_theirs_once_they_claim_it(ada: Resident, context: Flask) -> None:
    source = get_account(open_for_caller("system:tests", given_name="Ann", family_name="Caller"))
    report_id = filed(source)
    everything(source, report_id)
    session().add(
        Follower(report_id=report_id, account_id=ada.account.id, language="en", created_at=clock.now())
    )  # who followed it before
    session().flush()
    claim(source.id, ada.account)
    session().expire_all()
    assert {name: count(table, source) for name, table in NAMING.items()} == dict.fromkeys(NAMING, 0)
    assert {name: count(table, ada.account) for name, table in NAMING.items()} == dict.fromkeys(NAMING, 1)
    assert session().scalars(select(Guest.email)).all() == [None]
