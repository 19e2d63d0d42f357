import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from portal import clock
from portal.accounts.values import Account
from portal.cases import types
from portal.cases.ending import rate_case
from portal.cases.forgetting import forget
from portal.cases.merging import merge_case
from portal.cases.moving import move_case
from portal.cases.opening import open_case
from portal.cases.queries import cases_of, everything_about, get_case, timeline
from portal.cases.service_levels import standing
from portal.cases.taking import take_case
from portal.cases.values import Case, CaseEvent, ChangedMeanwhile
from portal.db.session import session
from portal.errors import Conflict, Forbidden, NotFound, Refused
from portal.notices.inbox import inbox_page
from tests.support.cases import OTHER_STAFF, REPORT, RIGHTS, STAFF


def test_move_is_recorded_with_actor_channel_and_reason(ada: Account, case: Case) -> None:
    moved = move_case(
        case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS, reason="Filled today.", expected_version=1
    )
    assert (moved.status, moved.version, moved.is_open) == ("fixed", 2, False)
    assert get_case(ada.id, case.id) == moved
    newest, oldest = timeline(case.id)
    assert oldest.kind == "opened"
    assert (newest.kind, newest.status, newest.reason) == ("moved", "fixed", "Filled today.")
    assert (newest.actor, newest.channel) == (STAFF, "desk")


def test_closed_case_can_be_reopened_where_its_type_says_so(ada: Account, case: Case) -> None:
    move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    again = move_case(case.id, to="in_progress", actor=f"account:{ada.id}", channel="web")
    assert again.closed_at is None


@pytest.mark.parametrize(
    ("to", "actor"),
    [("received", STAFF), ("withdrawn", STAFF), ("fixed", "system:reporting"), ("no_such_status", STAFF)],
)
def test_move_that_the_type_does_not_allow_is_refused(case: Case, to: str, actor: str) -> None:
    with pytest.raises(Refused, match="stage"):
        move_case(case.id, to=to, actor=actor, channel="desk", rights=RIGHTS)
    assert len(timeline(case.id)) == 1


def test_resident_moves_their_own_case_only(ada: Account, bob: Account, case: Case) -> None:
    with pytest.raises(NotFound):
        move_case(case.id, to="withdrawn", actor=f"account:{bob.id}", channel="web")
    with pytest.raises(Refused):
        move_case(case.id, to="fixed", actor=f"account:{ada.id}", channel="web")
    assert move_case(case.id, to="withdrawn", actor=f"account:{ada.id}", channel="web").status == "withdrawn"


def test_stale_version_and_unknown_case(case: Case) -> None:
    move_case(case.id, to="in_progress", actor=STAFF, channel="desk", rights=RIGHTS, expected_version=1)
    with pytest.raises(Conflict, match="changed since"):
        move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS, expected_version=1)
    with pytest.raises(NotFound):
        move_case(uuid.uuid4(), to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)


def test_wrong_actor_or_channel_is_the_programmers_fault(case: Case) -> None:
    with pytest.raises(ValueError, match="actor"):
        move_case(case.id, to="fixed", actor="somebody", channel="desk")
    with pytest.raises(ValueError, match="channel"):
        move_case(case.id, to="fixed", actor=STAFF, channel="pigeon", rights=RIGHTS)  # type: ignore[arg-type]  # on purpose


def test_of_ten_who_decide_at_once_one_wins_and_nine_are_told(ledger: Flask, case: Case) -> None:
    start = threading.Barrier(10)

    def decide(n: int) -> str:
        with ledger.app_context():
            start.wait()
            try:
                move_case(case.id, to="fixed", actor=f"staff:{n}", channel="desk", rights=RIGHTS, expected_version=1)
            except Conflict:
                return "told"
            session().commit()
            return "won"

    with ThreadPoolExecutor(10) as pool:
        outcomes = sorted(pool.map(decide, range(10)))
    assert outcomes == ["told"] * 9 + ["won"]
    session().rollback()
    assert len(timeline(case.id)) == 2


def test_export_holds_cases_events_and_forgetting_keeps_the_case_alone(ada: Account, case: Case) -> None:
    move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS, reason="Dear Ada")
    about = everything_about(ada.id)
    assert about["cases"][0]["reference"] == case.reference
    assert [event["reason"] for event in about["cases"][0]["events"]] == ["", "Dear Ada"]
    forget(ada.id)
    assert cases_of(ada.id) == []
    assert everything_about(ada.id) == {"cases": [], "drafts": []}
    events = timeline(case.id)
    assert [event.status for event in events] == ["fixed", "received"]
    assert str(ada.id) not in str(events)
    assert "Dear Ada" not in str(events)


def test_the_same_page_sent_twice_moves_once_and_another_act_from_it_is_told(case: Case) -> None:
    page = {"actor": STAFF, "channel": "desk", "rights": RIGHTS, "expected_version": 1}
    first = move_case(case.id, to="in_progress", **page)  # type: ignore[arg-type]  # as a form sends it
    assert move_case(case.id, to="in_progress", **page) == first  # type: ignore[arg-type]  # likewise
    with pytest.raises(ChangedMeanwhile):
        move_case(case.id, to="fixed", **page)  # type: ignore[arg-type]  # likewise
    assert len(timeline(case.id)) == 2


def test_both_versions_are_there_to_be_shown(case: Case) -> None:
    move_case(case.id, to="in_progress", actor=OTHER_STAFF, channel="desk", rights=RIGHTS)
    move_case(case.id, to="fixed", actor=OTHER_STAFF, channel="desk", rights=RIGHTS, reason="Filled.")
    with pytest.raises(ChangedMeanwhile) as refused:
        move_case(case.id, to="in_progress", actor=STAFF, channel="desk", rights=RIGHTS, expected_version=1)
    both = refused.value
    assert (both.was.status, both.now.status) == ("received", "fixed")
    assert [event.status_title for event in both.events] == ["Fixed", "In progress"]
    assert (both.by, both.events[0].reason) == ([OTHER_STAFF], "Filled.")


def test_staff_without_the_right_of_a_move_may_not_go_it(case: Case) -> None:
    for rights in ((), {"look"}, {"work"}):
        with pytest.raises(Forbidden, match="role"):
            move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=rights)
    assert move_case(case.id, to="in_progress", actor=STAFF, channel="desk", rights={"work"}).version == 2


def test_a_move_that_asks_for_a_reason_is_refused_without_one(case: Case) -> None:
    move_case(case.id, to="in_progress", actor=STAFF, channel="desk", rights=RIGHTS)
    for reason in ("", " \n"):
        with pytest.raises(Refused, match="Say why"):
            move_case(case.id, to="received", actor=STAFF, channel="desk", rights=RIGHTS, reason=reason)
    assert move_case(case.id, to="received", actor=STAFF, channel="desk", rights=RIGHTS, reason="Oh.").version == 3


def test_the_service_hears_of_each_change_of_status_in_the_same_transaction(ledger: Flask, case: Case) -> None:
    heard: list[tuple[str, str, int]] = []

    def fail(moved: Case, event: CaseEvent) -> None:
        heard.append((moved.status, event.kind, event.version))
        if moved.status == "fixed":
            raise Refused("not yet")

    types.add_hooks(ledger, "reporting", types.Hooks(on_move=fail))
    take_case(case.id, actor=STAFF)
    move_case(case.id, to="in_progress", actor=STAFF, channel="desk", rights=RIGHTS)
    session().commit()
    with pytest.raises(Refused, match="not yet"):
        move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    session().rollback()
    assert heard == [("in_progress", "moved", 3), ("fixed", "moved", 4)]
    assert timeline(case.id)[0].status == "in_progress"


def test_a_case_whose_type_was_given_up_can_be_seen_and_forgotten_and_not_moved(
    ledger: Flask, ada: Account, case: Case
) -> None:
    ledger.extensions[types.EXTENSION].clear()
    with pytest.raises(Refused, match="stage"):
        move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    for act in (
        lambda: rate_case(ada, case.id, rating=5),
        lambda: merge_case(open_case(ada, case_type=REPORT, key="2").id, into=case.id, actor=STAFF),
    ):
        with pytest.raises(Refused):
            act()
    assert take_case(case.id, actor=STAFF).status == "received"
    assert types.facts_of(case) == ()
    assert standing(case, clock.now()) == "in_time"
    assert everything_about(ada.id)["cases"][0]["status_title"] == "received"
    forget(ada.id)
    assert cases_of(ada.id) == []


def test_the_resident_is_told_of_what_staff_decide_once_and_without_what_it_is(ada: Account, case: Case) -> None:
    page = {"actor": STAFF, "channel": "desk", "rights": RIGHTS, "expected_version": 1, "reason": "Dear Ada, no."}
    for _ in range(2):
        move_case(case.id, to="fixed", **page)  # type: ignore[arg-type]  # as a form sends it
    move_case(case.id, to="in_progress", actor=f"account:{ada.id}", channel="web")
    (notice,), _older = inbox_page(ada.id)
    assert case.reference in notice.subject
    assert "Dear Ada" not in notice.body
