import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.moving import move_case
from portal.cases.queries import timeline, whole_timeline
from portal.cases.taking import pass_on, release_case, take_case
from portal.cases.values import Case, ChangedMeanwhile
from portal.db.session import session
from portal.errors import NotFound, Refused
from tests.support.cases import OTHER_STAFF, RIGHTS, STAFF, SUNITA, TOM


def test_taken_once_however_often_and_the_resident_is_not_told_who(case: Case) -> None:
    taken = take_case(case.id, actor=STAFF, expected_version=1)
    assert (taken.holder_id, taken.version) == (SUNITA, 2)
    assert take_case(case.id, actor=STAFF, expected_version=1) == taken
    assert [event.kind for event in timeline(case.id)] == ["opened"]
    newest = whole_timeline(case.id)[0]
    assert (newest.kind, newest.actor, newest.details["changed"]["holder_id"]) == ("taken", STAFF, [None, str(SUNITA)])


def test_nobody_takes_what_somebody_has(case: Case) -> None:
    take_case(case.id, actor=STAFF)
    with pytest.raises(Refused, match="Somebody else"):
        take_case(case.id, actor=OTHER_STAFF)
    release_case(case.id, actor=STAFF)
    assert release_case(case.id, actor=STAFF).version == 3
    assert take_case(case.id, actor=OTHER_STAFF).holder_id == TOM


def test_of_two_who_take_at_once_one_has_it(ledger: Flask, case: Case) -> None:
    start = threading.Barrier(2)

    def take(actor: str) -> str:
        with ledger.app_context():
            start.wait()
            try:
                take_case(case.id, actor=actor, expected_version=1)
            except ChangedMeanwhile as late:
                return f"late: {late.by[0]}"
            session().commit()
            return actor

    with ThreadPoolExecutor(2) as pool:
        winner, loser = sorted(pool.map(take, [STAFF, OTHER_STAFF]), key=lambda said: said.startswith("late"))
    assert winner in (STAFF, OTHER_STAFF)
    assert loser == f"late: {winner}"


def test_passed_on_to_a_team_to_a_person_or_to_both(case: Case) -> None:
    assert case.team == "streets"
    to_team = pass_on(case.id, actor=STAFF, team="parks", reason="It is in the park.")
    assert (to_team.team, to_team.holder_id) == ("parks", None)
    assert pass_on(case.id, actor=STAFF, team="parks") == to_team
    to_tom = pass_on(case.id, actor=STAFF, holder_id=TOM)
    assert (to_tom.team, to_tom.holder_id) == ("parks", TOM)
    assert whole_timeline(case.id)[2].reason == "It is in the park."
    assert [(event.what, event.reason) for event in timeline(case.id)[:-1]] == [
        ("Passed to another team: parks", "")
    ], "the resident reads which team has it, once, and neither the person nor what staff say of it"


def test_late_page_is_told_what_was_and_what_is_and_who_changed_it(case: Case) -> None:
    take_case(case.id, actor=STAFF)
    pass_on(case.id, actor=STAFF, team="parks", holder_id=TOM)
    with pytest.raises(ChangedMeanwhile, match="changed since") as refused:
        pass_on(case.id, actor=OTHER_STAFF, team="roads", expected_version=2)
    both = refused.value
    assert (both.was.team, both.was.holder_id, both.was.version) == ("streets", SUNITA, 2)
    assert (both.now.team, both.now.holder_id, both.now.version) == ("parks", TOM, 4)
    assert (both.by, [event.kind for event in both.events]) == ([STAFF], ["team_changed", "passed_on"])


def test_a_page_from_before_the_opening_or_from_the_future_is_refused(case: Case) -> None:
    for version in (0, 2, 99):
        with pytest.raises(ChangedMeanwhile):
            take_case(case.id, actor=STAFF, expected_version=version)


def test_closed_cases_stay_where_they_are_and_only_staff_take(ada: Account, case: Case) -> None:
    with pytest.raises(ValueError, match="only staff"):
        take_case(case.id, actor=f"account:{ada.id}")
    with pytest.raises(NotFound):
        take_case(uuid.uuid4(), actor=STAFF)
    move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    for act in (lambda: take_case(case.id, actor=STAFF), lambda: pass_on(case.id, actor=STAFF, team="parks")):
        with pytest.raises(Refused, match="closed"):
            act()
