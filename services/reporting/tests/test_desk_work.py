"""Staff's lists and priorities of reports, and what the council says on one."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import column, func, select, table

from portal.kit import clock, get_case, move_case, session
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.operations.moderating import hide_report, set_priority
from services.reporting.queries.work import WorkMark, to_work
from services.reporting.rules.places import Point, cell_of
from services.reporting.rules.wanted import Mark
from services.reporting.tests.programs import Program, new_key
from services.reporting.tests.test_desk_moderation import DESK, TEAM, filed, mo, the_report
from tests.support.residents import Resident
from tests.support.staff import Colleague, colleague

__all__ = ["mo"]
ACTOR = "system:tests"
GOOD = str(Mark(clock.now(), UUID(int=1)))
LOOKS = table("staff_look", column("case_id"), schema="portal")


def with_team(of: Resident, words: str = "A hole.", *, private: bool = False) -> str:
    reference = filed(of, words, private=private)
    move_case(the_report(reference).case_id, to="with_team", actor="system:reporting", channel="system")
    session().commit()
    return reference


def test_urgent_reports_come_first_and_then_the_oldest(ada: Resident, mo: Colleague, context: Flask) -> None:
    old, new, urgent = filed(ada), filed(ada), filed(ada)
    path = f"{DESK}/priority/{urgent}"
    mo.get(path)
    assert mo.client.submit(path, priority="1").location == f"/desk/cases/{urgent}"
    page = mo.get(f"{DESK}/work")
    assert page.index(urgent) < page.index(old) < page.index(new)
    assert the_report(urgent).priority == 1
    assert "Priority: Urgent. Change it" in mo.get(f"/desk/cases/{urgent}")


def test_what_is_late_says_so(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    assert "Late" not in mo.get(f"{DESK}/work")
    the_report(reference).due_at = clock.now() - timedelta(minutes=1)
    session().commit()
    assert "Late" in mo.get(f"{DESK}/work")


def test_a_report_that_one_was_given_is_on_ones_list(app: Flask, ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    case_id = the_report(reference).case_id
    lee = colleague(app, "Lee", role="lead", team=TEAM)
    path = f"/desk/cases/{reference}/pass-on"
    assert f'href="{path}"' in lee.get(f"/desk/cases/{reference}")
    version = get_case(ada.account.id, case_id).version
    lee.post(path, 303, team=TEAM, person=str(mo.staff.id), version=str(version), reason="It is yours.")
    assert reference in mo.get(f"{DESK}/work?mine=1")


def test_a_list_goes_on_where_its_page_ended(ada: Resident, context: Flask) -> None:
    references = [filed(ada) for _time in range(4)]
    set_priority(ACTOR, report_id=the_report(references[3]).id, priority=2)
    session().commit()
    everything = select(Report.case_id)
    first = to_work(everything, most=2)
    rest = to_work(everything, most=9, after=WorkMark.read(str(first[-1].mark)))
    assert [each.reference for each in [*first, *rest]] == [references[3], *references[:3]]


@pytest.mark.parametrize("text", ["", "x", "9~", "1~x", f"0~{GOOD}"], ids=range(5))
def test_a_mark_that_is_none_is_the_first_page(text: str) -> None:
    assert WorkMark.read(text) is None
    good = WorkMark(1, Mark(clock.now(), UUID(int=1)))
    assert WorkMark.read(str(good)) == good


def test_ones_own_list_has_what_one_has_taken(ada: Resident, mo: Colleague, context: Flask) -> None:
    mine, others = filed(ada), filed(ada)
    assert mine not in mo.get(f"{DESK}/work?mine=1")
    mo.post(f"{DESK}/work/{mine}/take")
    page = mo.get(f"{DESK}/work?mine=1")
    assert mine in page
    assert others not in page


def test_a_list_is_narrowed_by_category_and_ward(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    ward = the_report(reference).ward
    assert reference in mo.get(f"{DESK}/work?category=pothole&ward={ward}")
    assert reference not in mo.get(f"{DESK}/work?category=graffiti")
    assert reference in mo.get(f"{DESK}/work?category=nonsense&ward=%00")


def test_a_closed_report_is_neither_ranked_nor_inspected(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = with_team(ada)
    pages = f"{DESK}/inspect/{reference}", f"{DESK}/priority/{reference}"
    assert not any("This report is closed" in mo.get(page) for page in pages)
    move_case(the_report(reference).case_id, to="fixed", actor="system:reporting", channel="system")
    session().commit()
    assert all("This report is closed" in mo.get(page) for page in pages)
    assert "Send what you found" not in mo.get(pages[0])
    assert "This report is closed" in mo.post(pages[1], 200, priority="1").text
    assert the_report(reference).priority == 3


def test_the_council_says_something_once_for_everybody(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    path = f"{DESK}/say/{reference}"
    mo.get(path)
    key = str(mo.client.page.all("input", name="key")[0].get("value"))
    for _time in range(2):
        mo.post(path, words="The road is closed until Friday.", key=key)
    words = session().scalars(select(Update.words).where(Update.report_id == the_report(reference).id)).all()
    assert words == ["The road is closed until Friday."]


def test_what_is_said_on_a_hidden_report_is_not_said_to_be_read_by_all(
    ada: Resident, mo: Colleague, context: Flask
) -> None:
    reference = with_team(ada)
    hide_report("staff:other", report_id=the_report(reference).id)
    session().commit()
    path = f"{DESK}/say/{reference}"
    assert "This report is hidden: nobody but whoever sent it and staff" in mo.get(path)
    mo.client.submit(path, words="We come.")
    page = mo.get(f"/desk/cases/{reference}")
    assert "Everybody can read it now." not in page
    assert "because the report is hidden." in page


def test_a_page_that_answers_a_form_is_a_look_too(ada: Resident, mo: Colleague, context: Flask) -> None:
    for page in ("inspect", "moderation", "say"):
        reference = with_team(ada, private=page != "say")
        mo.post(f"{DESK}/{page}/{reference}", 200)
        looks = select(func.count()).where(LOOKS.c.case_id == the_report(reference).case_id)
        assert session().scalar(looks) == 1, page


def test_the_desk_leads_to_each_of_these_pages(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    page = mo.get(f"/desk/cases/{reference}")
    for part in ("moderation", "say", "priority", "inspect"):
        assert f'href="{DESK}/{part}/{reference}"' in page
    assert f'href="{DESK}"' in page  # the menu


def test_the_same_problem_near_by_is_offered_for_merging_whoever_sent_it(
    app: Flask, ada: Resident, ben: Resident, context: Flask
) -> None:
    lee = colleague(app, "Lee", role="lead", team=TEAM)
    first, second, far = filed(ada), filed(ben, private=True), filed(ada)
    report = the_report(far)
    report.lat, report.cell = 51.6, cell_of(Point(51.6, -0.2339))
    session().commit()
    page = lee.get(f"{DESK}/alike/{first}")
    assert f'href="/desk/cases/{second}/merge/{first}"' in page  # the public one stays
    assert far not in page
    assert f'href="{DESK}/alike/{first}"' in lee.get(f"/desk/cases/{first}")


def test_the_telephone_number_that_a_program_posted_is_where_staff_find_how_to_reach_somebody(
    context: Flask, mo: Colleague
) -> None:
    reference = Program(context.test_client(), new_key(context)).report(phone="020 7946 0123")
    page = mo.get(f"/desk/cases/{reference}")
    assert f'href="/desk/cases/{reference}/contact"' in page
    assert "020 7946 0123" in mo.get(f"/desk/cases/{reference}/contact")
