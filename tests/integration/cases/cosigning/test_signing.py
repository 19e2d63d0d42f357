"""A second person signs, or does not: what they see, and what is kept."""

from dataclasses import asdict

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.values import Account
from portal.cases import cosigning, cosignings, talk
from portal.cases.cosigning import decline, find_invitation, sign, take_up, withdraw
from portal.cases.cosignings import get_cosigning, newest_for, signed_by
from portal.cases.forgetting import forget
from portal.cases.moving import move_case
from portal.cases.queries import find_case, get_case, recent_events_page, timeline
from portal.cases.talk_models import CosigningRow
from portal.cases.talk_values import Task
from portal.cases.task_queries import get_task
from portal.cases.tasks import withdraw_task
from portal.cases.to_do import to_do
from portal.cases.values import Case, Fact
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused
from portal.web.languages import current_language, using
from tests.integration.cases.cosigning.signing import invite, taken_up
from tests.support.cases import RIGHTS, STAFF
from tests.support.fixtures import Clock
from tests.support.outbox import letters
from tests.support.people import someone
from tests.support.talk import SECRET_FACT


def test_a_second_person_sees_exactly_what_they_sign_and_signs_it(
    sam: Account, robin: Account, case: Case, task: Task
) -> None:
    token = invite(sam, task)
    assert find_invitation(robin, token) is not None
    found = taken_up(robin, token)
    assert (found.statement, found.facts) == ("I agree.", [["Address", "1 Mill Lane\nW6 9JU"]])
    assert SECRET_FACT not in str(asdict(found))
    assert [(each.what, each.id) for each in to_do(robin.id)] == [("cosigning", found.id)]
    signed = sign(robin, found.id)
    session().commit()
    assert sign(robin, found.id) == signed, "pressed twice it is signed once"
    assert signed.state == "signed"
    assert get_task(sam.id, task.id).state == "done"
    assert get_case(sam.id, case.id).waits_for == "council"
    assert [event.kind for event in timeline(case.id)] == ["cosigned", "cosign_asked", "task_set", "opened"]
    assert signed_by(robin.id) == ([signed], None)
    assert to_do(robin.id) == []
    assert len(letters(cosigning.SIGNED_MAIL)) == 1


def test_who_signs_sees_nothing_else_of_the_case(sam: Account, robin: Account, case: Case, task: Task) -> None:
    found = taken_up(robin, invite(sam, task))
    sign(robin, found.id)
    session().commit()
    assert find_case(robin.id, case.id) is None
    assert recent_events_page(robin.id)[0] == []
    assert to_do(robin.id) == []
    with pytest.raises(NotFound):
        get_task(robin.id, task.id)


def test_what_is_signed_does_not_change_with_the_case(sam: Account, robin: Account, task: Task) -> None:
    found = taken_up(robin, invite(sam, task))
    withdrawn_words = session().scalars(select(CosigningRow.statement)).one()
    assert get_cosigning(robin.id, found.id).statement == withdrawn_words == task.words


def test_nobody_signs_for_themselves(sam: Account, task: Task) -> None:
    with pytest.raises(Refused, match="your own email"):
        invite(sam, task, "SAM@tests.example")
    session().rollback()
    token = invite(sam, task)
    for act in (find_invitation, take_up):
        with pytest.raises(Refused, match="Somebody else has to sign"):
            act(sam, token)


def test_who_took_it_up_too_late_cannot_sign(sam: Account, robin: Account, task: Task, at: Clock) -> None:
    found = taken_up(robin, invite(sam, task))
    at.advance(days=15)
    with pytest.raises(Conflict, match="no longer be signed"):
        sign(robin, found.id)


def test_what_is_signed_can_be_read_in_either_language(
    sam: Account, robin: Account, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = {"en": "Address", "cy": "Cyfeiriad"}

    def told(_case: Case) -> list[Fact]:
        return [Fact(label=labels[current_language()], value="1 Mill Lane", for_cosigner=True)]

    monkeypatch.setattr(cosigning, "facts_of", told)
    found = taken_up(robin, invite(sam, task))
    assert found.facts == [["Address", "1 Mill Lane"]]
    with using("cy"):
        assert found.facts == [["Cyfeiriad", "1 Mill Lane"]]


@pytest.mark.parametrize("ended", ["withdrawn", "task", "case"])
def test_what_is_no_longer_asked_for_cannot_be_signed(
    sam: Account, robin: Account, case: Case, task: Task, ended: str
) -> None:
    found = taken_up(robin, invite(sam, task))
    if ended == "withdrawn":
        withdraw(sam, task.id)
    elif ended == "task":
        withdraw_task(STAFF, task.id)
    else:
        move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    session().commit()
    with pytest.raises(Conflict, match="You do not have to do anything"):
        sign(robin, found.id)
    session().rollback()
    assert to_do(robin.id) == []
    assert get_cosigning(robin.id, found.id).state == "withdrawn", (
        "they are told so, and not that there is no such page"
    )
    assert [each.id for each in signed_by(robin.id)[0]] == [found.id]
    assert len(letters(cosignings.WITHDRAWN_MAIL)) == 1


def test_who_does_not_want_to_sign_says_so_and_somebody_else_is_asked(
    app: Flask, sam: Account, robin: Account, case: Case, task: Task
) -> None:
    found = taken_up(robin, invite(sam, task))
    declined = decline(robin, found.id)
    session().commit()
    assert (declined.state, decline(robin, found.id)) == ("declined", declined)
    assert get_task(sam.id, task.id).is_open
    assert get_case(sam.id, case.id).waits_for == "resident"
    assert timeline(case.id)[0].kind == "cosign_declined"
    assert len(letters(cosigning.DECLINED_MAIL)) == 1
    with pytest.raises(Conflict):
        sign(robin, found.id)
    session().rollback()
    kim = someone(app, "Kim")
    sign(kim, taken_up(kim, invite(sam, task, "kim@tests.example")).id)
    session().commit()
    latest = newest_for(task.id)
    assert latest is not None
    assert (latest.state, latest.signer_id) == ("signed", kim.id)


def test_a_signature_outlives_the_signers_account_without_their_name(sam: Account, robin: Account, task: Task) -> None:
    found = taken_up(robin, invite(sam, task))
    sign(robin, found.id)
    session().commit()
    given = talk.everything_about(robin.id)["signatures_given"]
    assert [each["statement"] for each in given] == ["I agree."]
    forget(robin.id)
    session().commit()
    assert session().execute(select(CosigningRow.state, CosigningRow.signer_id)).one() == ("signed", None)
    assert get_task(sam.id, task.id).state == "done"
    forget(sam.id)
    assert session().scalars(select(CosigningRow.id)).all() == []
