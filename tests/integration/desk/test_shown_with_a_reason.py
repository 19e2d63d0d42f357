"""No page at the desk shows a case without a reason on record, however it came to be shown, nor another team's."""

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.accounts.values import Account
from portal.cases.merging import merge_case
from portal.cases.messages import send_message
from portal.cases.models import CaseRow
from portal.cases.taking import pass_on
from portal.cases.values import Case
from portal.db.session import session
from portal.staff.models import StaffLookRow
from tests.support.cases import STAFF
from tests.support.desk import now, report
from tests.support.residents import resident
from tests.support.staff import Colleague, colleague

SECRET = "There is a key under the pot."


@pytest.fixture
def case(app: Flask, sam: Account) -> Case:
    made = report(app, sam)
    with app.test_request_context("/"):
        send_message(f"account:{sam.id}", made.id, SECRET, key="secret")
        session().commit()
    return made


def close(app: Flask, case: Case) -> None:
    with app.test_request_context("/"):
        session().execute(update(CaseRow).where(CaseRow.id == case.id).values(closed_at=func.now(), status="fixed"))
        session().commit()


def looks(app: Flask) -> list[str]:
    with app.test_request_context("/"):
        return list(session().scalars(select(StaffLookRow.what)))


def test_a_form_that_is_sent_unseen_shows_no_case(app: Flask, case: Case, tom: Colleague) -> None:
    close(app, case)
    path = f"/desk/cases/{case.reference}/reply"
    tom.post(path, 403, body="", version="1", key="", template="")
    assert SECRET not in tom.client.page.html
    assert "A hole" not in tom.client.page.html
    assert looks(app) == []
    tom.client.get(tom.client.page.links()["Show the case"])
    tom.client.follow(tom.client.submit(reason="They rang about it."))
    assert SECRET in tom.client.page.html
    tom.post(path, 200, body="", version="1", key="", template="")
    assert set(looks(app)) == {"case"}


def test_what_was_typed_for_a_case_that_was_closed_meanwhile_is_kept(app: Flask, case: Case, tom: Colleague) -> None:
    close(app, case)
    tom.post(f"/desk/cases/{case.reference}/reply", 403, body="{{name}}, we come.", version="1", key="", template="")
    assert "we come." in tom.client.page.html
    assert SECRET not in tom.client.page.html


def test_a_form_that_is_shown_again_is_a_look(app: Flask, case: Case, tom: Colleague) -> None:
    tom.post(f"/desk/cases/{case.reference}/reply", 200, body="", version="1", key="", template="")
    assert looks(app) == ["case"]


def test_the_other_case_of_a_merge_is_shown_with_a_reason_only(
    app: Flask, sam: Account, case: Case, tom: Colleague
) -> None:
    other = report(app, sam, words="Quite another hole.")
    close(app, other)
    path = f"/desk/cases/{case.reference}/merge/{other.reference}"
    tom.post(path, 403, reason="The very same.", version=str(now(app, case).version), key="")
    assert "Quite another hole." not in tom.client.page.html
    assert "The very same." in tom.client.page.html


def test_no_case_of_another_team_is_named_among_the_merged(app: Flask, sam: Account, case: Case) -> None:
    fraud = report(app, resident(app, "Kit").account)
    with app.test_request_context("/"):
        session().execute(update(CaseRow).where(CaseRow.id == fraud.id).values(team="fraud"))
        session().flush()
        merge_case(fraud.id, into=case.id, actor=STAFF)
        session().commit()
    vi = colleague(app, "Vi", role="caseworker", service="reporting", team=now(app, case).team)
    assert fraud.reference not in vi.get(f"/desk/cases/{case.reference}")
    vi.get(f"/desk/cases/{fraud.reference}", 404)
    lead = colleague(app, "Lea", role="lead", service="reporting")
    assert fraud.reference in lead.get(f"/desk/cases/{case.reference}")


def test_the_other_case_changed_while_both_were_looked_at(app: Flask, sam: Account, case: Case, tom: Colleague) -> None:
    other = report(app, sam, words="Quite another hole.")
    tom.get(f"/desk/cases/{case.reference}/merge/{other.reference}")
    with app.test_request_context("/"):
        pass_on(other.id, actor=STAFF, team="street_lighting")
        session().commit()
    assert tom.client.submit(reason="The very same.").status_code == 200
    assert "This has changed since you opened the page" in str(tom.client.page.errors)
    assert "The very same." in tom.client.page.html
    assert f"{case.reference} into {other.reference}" in " ".join(tom.client.page.h1.split())
    assert not now(app, case).is_merged
    assert tom.client.submit().status_code == 303
    assert now(app, case).merged_into_id == other.id


def test_the_other_case_went_to_another_team_at_the_last_moment(
    app: Flask, sam: Account, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.desk import case_merging

    other = report(app, sam, words="Quite another hole.")
    lea = colleague(app, "Lea", role="lead", team="highways")
    path = f"/desk/cases/{case.reference}/merge/{other.reference}"
    lea.get(path)
    real = case_merging.merge_case

    def late(*arguments: object, **named: object) -> Case:
        session().execute(update(CaseRow).where(CaseRow.id == other.id).values(team="street_lighting"))
        return real(*arguments, **named)  # type: ignore[arg-type]  # as they are

    monkeypatch.setattr(case_merging, "merge_case", late)
    assert lea.client.submit(reason="The very same.").status_code == 404
    assert "The very same." in lea.client.page.html
    assert "Quite another hole." not in lea.client.page.html
    assert not now(app, case).is_merged


@pytest.mark.parametrize("typed", [".", "...", "asdf", "12345678 90"])
def test_a_reason_is_said_in_words(app: Flask, case: Case, tom: Colleague, typed: str) -> None:
    close(app, case)
    tom.get(f"/desk/why/{case.reference}")
    tom.client.submit(reason=typed)
    assert "Write the reason in words" in str(tom.client.page.errors)
    tom.get(f"/desk/why/{case.reference}")
    tom.client.submit(reason="Mae’r preswylydd wedi ffonio")
    tom.get(f"/desk/see-as/{case.reference}")
    tom.client.submit(reason=typed)
    assert "Write the reason in words" in str(tom.client.page.errors)
    assert looks(app) == ["case"]
