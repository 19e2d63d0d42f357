"""What happened on the record, with cases and visits of staff on it."""

import uuid

from flask import Flask

from portal.cases.notes import write_note
from portal.cases.taking import take_case
from portal.db.session import session
from portal.home import history_words
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place
from services.reporting.rules.written import Written
from tests.support.residents import resident
from tests.support.staff import colleague


def test_each_act_is_told_in_words_and_leads_to_more(app: Flask) -> None:
    sams, tom = resident(app, "Sam"), colleague(app, "Tom", role="lead")
    with app.test_request_context("/"):
        place = Place("Larkspur Lane", None)
        case = file_report(sams.account, report_id=uuid.uuid4(), written=Written("pothole", place, "A hole."))
        take_case(case.id, actor=tom.staff.actor)
        write_note(tom.staff.actor, case.id, "Rang the depot.", key="note")
        session().commit()
    tom.get(f"/desk/see-as/{case.reference}")
    tom.client.submit(reason="A question about the page.")
    sams.get(f"/cases/{case.reference}/write")
    sams.client.submit(body="It grew.")
    page = sams.get("/profile/history")
    assert str(history_words.OTHER_ACT) not in page
    for words in ("You wrote to us", "Something you sent was received", "began to see the portal as you do"):
        assert words in page, words
    assert page.count(f'href="/cases/{case.reference}"') == 2
    assert 'href="/who-looked"' in page
    assert "Note" not in page
    assert "Taken" not in page
