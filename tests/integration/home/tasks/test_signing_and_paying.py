"""The pages on which a resident signs, and from which they go to pay."""

import pytest
from flask import Flask

from portal import clock
from portal.cases.tasks import complete_task, do_task, save_task
from portal.cases.values import Case
from portal.db.session import session
from portal.identity import recovery
from tests.integration.home.tasks.asking import ask, now
from tests.support.cases import STAFF
from tests.support.residents import Resident, resident


def test_nobody_signs_while_the_account_is_held(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "signature", words="All of this is true.")
    with app.test_request_context("/"):
        recovery.report(sam.account.id, doubted_since=clock.now(), actor="system:mail")
        session().commit()
    again = resident(app, "Sam")
    again.get(f"/tasks/{task.id}")
    again.post(f"/tasks/{task.id}", status=403, signed_as="Sam Tester", agrees="yes")
    assert now(app, sam, task).answers == {}


def test_signing_needs_the_name_and_the_tick(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "signature", words="All of this is true.")
    assert "All of this is true." in sam.get(f"/tasks/{task.id}")
    assert sam.refused(f"/tasks/{task.id}", signed_as="Sam Tester") == ["Tick the box if you want to sign"]
    assert 'value="Sam Tester"' in sam.client.page.html
    assert now(app, sam, task).is_open
    assert sam.post(f"/tasks/{task.id}", signed_as="Sam Tester", agrees="yes").location == f"/tasks/{task.id}/done"
    assert now(app, sam, task).answers == {"signed_as": "Sam Tester", "statement": "All of this is true."}


def test_a_payment_leads_to_the_councils_page_and_is_not_for_the_resident_to_tick_off(
    app: Flask, sam: Resident, case: Case
) -> None:
    task = ask(app, case, "payment", amount=4250, pay_url="https://pay.example/x?a=1&b=2")
    page = sam.get(f"/tasks/{task.id}")
    assert "£42.50" in page
    assert "Until then it stays under “To do”" in page
    assert sam.client.page.links()["Go to the payment page"] == "https://pay.example/x?a=1&b=2"
    sam.post(f"/tasks/{task.id}", status=200)
    assert sam.post(f"/tasks/{task.id}/check", version="1").location == f"/tasks/{task.id}"
    assert now(app, sam, task).is_open
    with app.test_request_context("/"):
        complete_task(STAFF, task.id)
        session().commit()
    assert "What happens next" in sam.client.follow(sam.client.get(f"/tasks/{task.id}")).get_data(as_text=True)


def test_a_signature_that_was_given_between_two_clicks_is_one(
    app: Flask, sam: Resident, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = ask(app, case, "signature", words="All of this is true.")

    def the_first_click() -> None:
        saved = save_task(sam.account.id, task.id, signed_as="Sam Tester", statement=task.words)
        do_task(sam.account.id, task.id, version=saved.version)
        session().commit()

    monkeypatch.setattr("portal.home.tasks.refuse_while_held", the_first_click)
    assert sam.post(f"/tasks/{task.id}", signed_as="Sam Tester", agrees="yes").location == f"/tasks/{task.id}/done"
    assert "Signed as Sam Tester" in sam.get(f"/tasks/{task.id}/done")
