"""The timeline names the tasks, documents and messages that it is about."""

import io

from flask import Flask

from portal.accounts.values import Account
from portal.cases.documents import add_document, remove_document
from portal.cases.messages import send_message
from portal.cases.queries import recent_events_page, timeline, whole_timeline
from portal.cases.tasks import withdraw_task
from portal.cases.values import Case
from portal.db.session import session
from tests.integration.cases.tasks.asking import PDF, ask, saved, send
from tests.support.cases import STAFF
from tests.support.residents import statements
from tests.support.talk import ANSWERS


def test_the_timeline_names_what_it_is_about_with_one_query_more(app: Flask, sam: Account, case: Case) -> None:
    send(sam, saved(sam, ask(case, title="Tell us of your tenancy"), **ANSWERS))
    photo_of = ask(case, "document", "2", title="Send a photo")
    withdraw_task(STAFF, photo_of.id)
    session().commit()
    add_document(f"account:{sam.id}", case.id, io.BytesIO(PDF), title="Tenancy agreement", key="1")
    send_message(STAFF, case.id, "We come tomorrow.\nEarly.", key="1")
    session().commit()
    with statements(app) as sent:
        seen = [event.what for event in timeline(case.id)]
    assert len(sent) == 2
    assert seen == [
        "We wrote to you",
        "You added a document: Tenancy agreement",
        "You no longer need to do this: Send a photo",
        "We asked you: Send a photo",
        "You have done this: Tell us of your tenancy",
        "We asked you: Tell us of your tenancy",
        "Received",
    ]
    assert recent_events_page(sam.id)[0][0].title == "Licence: We wrote to you: We come tomorrow.…"
    assert [event.desk_what for event in whole_timeline(case.id)][2] == "Task withdrawn: Send a photo"


def test_the_timeline_outlives_what_it_named(sam: Account, case: Case) -> None:
    made = add_document(f"account:{sam.id}", case.id, io.BytesIO(PDF), title="Tenancy agreement", key="1")
    session().commit()
    remove_document(STAFF, case.id, made.id, reason="Sent by mistake.")
    session().commit()
    assert [event.what for event in timeline(case.id)][:2] == ["We removed a document", "You added a document"]
