"""A second person is asked to sign: the letter, its link, and who may take it up."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import clock
from portal.accounts.models import ProfileRow
from portal.accounts.values import Account
from portal.cases import cosigning, cosignings
from portal.cases.cosigning import ask, decline, find_invitation, sign, take_up, withdraw
from portal.cases.cosignings import get_cosigning, newest_for
from portal.cases.queries import get_case, timeline
from portal.cases.talk_models import CosigningRow
from portal.cases.talk_values import Task
from portal.cases.task_queries import tasks_due
from portal.cases.tasks import set_task
from portal.cases.to_do import to_do
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import NotFound, TooMany
from portal.notify.contact_problems import note_failure
from portal.web.languages import gettext, using
from tests.integration.cases.cosigning.signing import ROBINS, invite, taken_up
from tests.support.cases import STAFF
from tests.support.fixtures import Clock
from tests.support.outbox import letters
from tests.support.people import someone


def test_of_the_secret_only_a_hash_is_kept_and_that_not_for_long(sam: Account, robin: Account, task: Task) -> None:
    token = invite(sam, task)
    assert session().scalars(select(CosigningRow.token_hash)).one() == hashlib.sha256(token.encode()).hexdigest()
    taken_up(robin, token)
    assert session().execute(select(CosigningRow.token_hash, CosigningRow.email)).one() == (None, None)


def test_the_mail_says_nothing_of_who_asked_or_what_for(sam: Account, case: Case, task: Task) -> None:
    invite(sam, task)
    (letter,) = letters(cosigning.MAIL)
    assert letter.to_address == ROBINS
    assert letter.account_id is None, "what the download of the one who asked shows must not hold the link"
    for secret in ("Sam", "Licence", "Mill Lane", case.reference):
        assert secret not in letter.subject + letter.body


def test_the_mail_is_in_both_languages_that_of_the_one_who_asks_first(sam: Account, task: Task) -> None:
    invite(sam, task)
    (letter,) = letters(cosigning.MAIL)
    with using("cy"):
        welsh = str(gettext("You are asked to sign something with somebody else"))
    assert letter.subject == f"You are asked to sign something with somebody else / {welsh}"
    assert welsh != "You are asked to sign something with somebody else"
    assert letter.body.count("https://x.example/") == 2


def test_a_button_pressed_twice_sends_one_letter_whose_link_works(sam: Account, robin: Account, task: Task) -> None:
    token = invite(sam, task)
    ask(sam, task.id, email=ROBINS, link=lambda again: again)
    session().commit()
    assert len(letters(cosigning.MAIL)) == 1
    assert find_invitation(robin, token) is not None


def test_a_letter_that_comes_back_is_told_to_the_one_who_asked(
    sam: Account, robin: Account, case: Case, task: Task
) -> None:
    token = invite(sam, task)
    (letter,) = letters(cosigning.MAIL)
    for _receipt in range(2):
        note_failure(letter, clock.now())
        session().commit()
    latest = newest_for(task.id)
    assert latest is not None
    assert (latest.state, latest.email) == ("bounced", None)
    assert timeline(case.id)[0].what == "Our letter to the second person came back: Ask who lives with you"
    assert get_case(sam.id, case.id).waits_for == "resident"
    assert len(letters(cosigning.BOUNCED_MAIL)) == 1
    assert find_invitation(robin, token) is None
    assert invite(sam, task, "robyn@tests.example")


def test_a_letter_that_comes_back_late_ends_nothing_that_was_taken_up(sam: Account, robin: Account, task: Task) -> None:
    found = taken_up(robin, invite(sam, task))
    note_failure(letters(cosigning.MAIL)[0], clock.now())
    assert get_cosigning(robin.id, found.id).state == "asked"


def test_a_link_is_bound_to_the_first_who_takes_it_up(app: Flask, sam: Account, robin: Account, task: Task) -> None:
    token, kim = invite(sam, task), someone(app, "Kim")
    found = taken_up(robin, token)
    assert find_invitation(kim, token) is None
    with pytest.raises(NotFound):
        take_up(kim, token)
    for act in (sign, decline):
        with pytest.raises(NotFound):
            act(kim, found.id)


def test_of_two_who_take_it_up_at_once_one_has_it(app: Flask, sam: Account, task: Task) -> None:
    token = invite(sam, task)
    people = [someone(app, name) for name in ("Kim", "Lee", "Mo")]

    def reach(who: Account) -> bool:
        with app.test_request_context("/"):
            try:
                taken_up(who, token)
            except NotFound:
                return False
            return True

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(reach, people)) == 1


def test_a_link_that_is_too_old_withdrawn_or_replaced_opens_nothing(
    sam: Account, robin: Account, task: Task, at: Clock
) -> None:
    replaced = invite(sam, task, "kim@tests.example")
    withdrawn = invite(sam, task)
    withdraw(sam, task.id)
    session().commit()
    old = invite(sam, task)
    at.advance(days=15)
    for token in (replaced, withdrawn, old, "never-one", "\ud800"):
        assert find_invitation(robin, token) is None
        with pytest.raises(NotFound):
            take_up(robin, token)
    assert find_invitation(robin, invite(sam, task)) is not None


def test_who_has_asked_somebody_to_sign_has_nothing_to_do_until_it_lapses(
    sam: Account, robin: Account, task: Task, at: Clock
) -> None:
    assert [each.id for each in to_do(sam.id)] == [task.id]
    invite(sam, task)
    assert to_do(sam.id) == []
    assert cosignings.asked_for([task.id]) == {task.id}
    assert cosignings.waiting_for_signers([task.case_id]) == {task.case_id}
    at.advance(days=15)
    assert [each.id for each in to_do(sam.id)] == [task.id]
    assert cosignings.asked_for([task.id]) == frozenset()
    assert cosignings.waiting_for_signers([task.case_id]) == frozenset()


def test_no_inbox_is_flooded(sam: Account, task: Task) -> None:
    for _ in range(5):
        invite(sam, task)
        withdraw(sam, task.id)
    with pytest.raises(TooMany):
        invite(sam, task)


def test_only_who_is_asked_for_a_signature_asks_somebody(sam: Account, robin: Account, case: Case, task: Task) -> None:
    with pytest.raises(NotFound):
        invite(robin, task, "kim@tests.example")
    other = set_task(case.id, kind="document", title="Send it", actor=STAFF, key="2")
    with pytest.raises(NotFound):
        invite(sam, other)


@pytest.mark.parametrize(("due_in", "days"), [(3, 3), (40, 14), (None, 14), (0, 0)])
def test_one_day_holds_for_both(
    sam: Account, robin: Account, case: Case, at: Clock, due_in: int | None, days: int
) -> None:
    at.move_to("2026-06-10T23:30")  # in London it is the eleventh
    due_on = None if due_in is None else clock.today() + timedelta(days=due_in)
    task = set_task(case.id, kind="cosign", title="Sign", words="I agree.", actor=STAFF, key="2", due_on=due_on)
    found = taken_up(robin, invite(sam, task))
    last = clock.today() + timedelta(days=days)
    assert found.expires_at.astimezone(clock.LOCAL).date() == last
    assert [each.due_on for each in to_do(robin.id)] == [last]
    assert f"{last.day} June 2026" in letters(cosigning.MAIL)[-1].body


def test_who_is_late_can_still_ask_somebody(sam: Account, case: Case, at: Clock) -> None:
    task = set_task(case.id, kind="cosign", title="Sign", words="x", actor=STAFF, key="2", due_on=clock.today())
    at.advance(days=3)
    invite(sam, task)
    latest = newest_for(task.id)
    assert latest is not None
    assert latest.expires_at > clock.now() + timedelta(days=13)


def test_who_asks_is_named_as_they_named_themselves(sam: Account, robin: Account, task: Task) -> None:
    values = {"given_name": "Sam", "family_name": "Tester"}
    session().execute(update(ProfileRow).where(ProfileRow.account_id == sam.id).values(values))
    assert taken_up(robin, invite(sam, task)).asked_by == "Sam Tester"
    assert "Sam" not in letters(cosigning.MAIL)[-1].body


def test_nobody_is_reminded_of_what_somebody_else_is_asked_for(sam: Account, case: Case) -> None:
    due_on = clock.today() + timedelta(days=3)
    task = set_task(case.id, kind="cosign", title="Sign", words="I agree.", actor=STAFF, key="3", due_on=due_on)
    assert [each[1] for each in tasks_due(due_on, None, 10)] == [task.id]
    invite(sam, task)
    assert tasks_due(due_on, None, 10) == []
