"""What everybody sees follows what moderators decide, and each decision is on the audit trail."""

from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import column, select, table

from portal.kit import NotFound, Refused, clock, move_case, session
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.operations import moderating
from services.reporting.operations.sending import file_report
from services.reporting.queries.public import PublicReport, find_public_by_id
from services.reporting.rules.places import Place, Point
from services.reporting.rules.written import Written
from services.reporting.settings.reporting import ReportingSettings
from tests.support.fixtures import Clock
from tests.support.residents import Resident

STAFF = "staff:00000000-0000-4000-8000-000000000007"
HERE = Place("Outside number 3, where the Smiths live", Point(51.4927, -0.2339))
TRAIL = table("audit_entry", column("act"), column("actor"), column("subject"), schema="portal")


def filed(of: Resident, private: bool = False) -> UUID:
    """A report, committed; its id."""
    report_id = uuid4()
    file_report(
        of.account, report_id=report_id, written=Written("pothole", HERE, "Mr Smith dug a hole.", private=private)
    )
    session().commit()
    return report_id


def seen(report_id: UUID) -> PublicReport | None:
    session().expire_all()
    return find_public_by_id(report_id)


def acts(report_id: UUID) -> list[str]:
    found = select(TRAIL.c.act).where(TRAIL.c.subject == f"report:{report_id}", TRAIL.c.actor == STAFF)
    return sorted(session().scalars(found))


@pytest.fixture
def after_a_look(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The council looks at words before it shows them."""
    changed = ReportingSettings(words_shown="after_a_look")
    monkeypatch.setitem(app.extensions, "moothall.settings.reporting", changed)


def test_words_are_shown_at_once_or_after_a_look_by_setting(
    app: Flask, ada: Resident, context: Flask, request: pytest.FixtureRequest
) -> None:
    report_id = filed(ada)
    at_once = seen(report_id)
    assert at_once
    assert at_once.words == "Mr Smith dug a hole."
    request.getfixturevalue("after_a_look")
    waiting = seen(report_id)
    assert waiting
    assert (waiting.words, waiting.place, waiting.category) == ("", "", "pothole")
    moderating.show_report(STAFF, report_id=report_id)
    shown = seen(report_id)
    assert shown
    assert shown.words == "Mr Smith dug a hole."


def test_a_moderator_changes_what_everybody_reads_and_not_what_was_written(ada: Resident, context: Flask) -> None:
    report_id = filed(ada)
    moderating.show_report(STAFF, report_id=report_id, words="Somebody dug a hole.", place="Larkspur Lane")
    shown = seen(report_id)
    assert shown
    assert (shown.words, shown.place) == ("Somebody dug a hole.", "Larkspur Lane")
    assert session().get_one(Report, report_id).description == "Mr Smith dug a hole."
    assert acts(report_id) == ["reporting.shown"]
    with pytest.raises(Refused, match="too long"):
        moderating.show_report(STAFF, report_id=report_id, words="x" * 4001)


def test_a_hidden_report_is_seen_by_nobody_and_worked_on_all_the_same(ada: Resident, context: Flask) -> None:
    report_id = filed(ada)
    moderating.hide_report(STAFF, report_id=report_id)
    assert seen(report_id) is None
    case_id = session().get_one(Report, report_id).case_id
    assert move_case(case_id, to="with_team", actor=STAFF, channel="desk", rights={"work"}).status == "with_team"
    moderating.show_report(STAFF, report_id=report_id)
    assert seen(report_id)
    assert acts(report_id) == ["reporting.hidden", "reporting.shown"]


def test_a_private_report_is_not_shown_until_it_is_made_public(ada: Resident, context: Flask, at: Clock) -> None:
    report_id = filed(ada, private=True)
    assert seen(report_id) is None
    with pytest.raises(Refused, match="private"):
        moderating.show_report(STAFF, report_id=report_id)
    at.advance(hours=5)
    moderating.make_private(STAFF, report_id=report_id, private=False)
    shown = seen(report_id)
    assert shown
    assert session().get_one(Report, report_id).shown_at == clock.now()  # so that alerts tell of it
    moderating.make_private(STAFF, report_id=report_id, private=True)
    moderating.make_private(STAFF, report_id=report_id, private=True)
    assert seen(report_id) is None
    assert acts(report_id) == ["reporting.made_private", "reporting.made_public"]


def test_reports_of_a_private_category_are_private_whatever_was_chosen(ada: Resident, context: Flask) -> None:
    report_id = uuid4()
    file_report(ada.account, report_id=report_id, written=Written("rough_sleeper", HERE, "In a doorway."))
    assert session().get_one(Report, report_id).private
    assert seen(report_id) is None


def test_an_update_is_let_be_seen_or_hidden(ada: Resident, context: Flask) -> None:
    report_id = filed(ada)
    said = Update(
        report_id=report_id, said_by="resident", words="Still there.", moderation="waiting", created_at=clock.now()
    )
    session().add(said)
    session().commit()
    for shown in (True, False):
        moderating.moderate_update(STAFF, update_id=said.id, shown=shown)
        assert said.moderation == ("shown" if shown else "hidden")
    assert acts(report_id) == ["reporting.update_hidden", "reporting.update_shown"]


def test_a_priority_is_one_of_four(ada: Resident, context: Flask) -> None:
    report_id = filed(ada)
    moderating.set_priority(STAFF, report_id=report_id, priority=1)
    assert session().get_one(Report, report_id).priority == 1
    with pytest.raises(Refused):
        moderating.set_priority(STAFF, report_id=report_id, priority=0)


@pytest.mark.parametrize(
    "act",
    [
        lambda: moderating.show_report(STAFF, report_id=uuid4()),
        lambda: moderating.hide_report(STAFF, report_id=uuid4()),
        lambda: moderating.make_private(STAFF, report_id=uuid4(), private=True),
        lambda: moderating.moderate_photo(STAFF, photo_id=uuid4(), shown=True),
        lambda: moderating.moderate_update(STAFF, update_id=uuid4(), shown=True),
        lambda: moderating.set_priority(STAFF, report_id=uuid4(), priority=2),
    ],
    ids=["show", "hide", "private", "photo", "update", "priority"],
)
def test_what_is_not_there_is_not_found(context: Flask, act: object) -> None:
    assert callable(act)
    with pytest.raises(NotFound):
        act()
