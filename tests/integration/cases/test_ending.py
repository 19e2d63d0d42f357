import pytest

from portal.accounts.values import Account
from portal.cases.ending import rate_case, reopen_case
from portal.cases.merging import merge_case
from portal.cases.moving import move_case
from portal.cases.opening import open_case
from portal.cases.queries import timeline
from portal.cases.service_levels import escalate
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused
from tests.support.cases import REPORT, RIGHTS, STAFF
from tests.support.fixtures import Clock


@pytest.fixture
def closed(case: Case) -> Case:
    """Ada's case, fixed."""
    return move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)


def test_reopened_with_a_new_promise_that_can_be_broken_anew(ada: Account, closed: Case, at: Clock) -> None:
    at.advance(days=20)
    again = reopen_case(f"account:{ada.id}", closed.id, reason="It is back.", expected_version=closed.version)
    assert (again.status, again.is_open, again.reopened, again.waits_for) == ("in_progress", True, 1, "council")
    assert closed.due_at is not None
    assert again.due_at is not None
    assert again.due_at > closed.due_at
    assert reopen_case(f"account:{ada.id}", closed.id, reason="It is back.") == again
    assert timeline(closed.id)[0].reason == "It is back."
    session().commit()
    at.advance(days=20)
    escalate()
    assert timeline(closed.id)[0].kind == "reopened"


def test_reopened_by_its_resident_with_a_reason_and_in_time_only(
    ada: Account, bob: Account, closed: Case, at: Clock
) -> None:
    with pytest.raises(NotFound):
        reopen_case(f"account:{bob.id}", closed.id, reason="Mine?")
    with pytest.raises(Refused, match="Tell us why"):
        reopen_case(f"account:{ada.id}", closed.id, reason=" ")
    at.advance(days=REPORT.reopen_days, seconds=60)
    with pytest.raises(Refused, match="too late"):
        reopen_case(f"account:{ada.id}", closed.id, reason="It is back.")


def test_a_duplicate_is_not_reopened(ada: Account, case: Case) -> None:
    second = open_case(ada, case_type=REPORT, key="2")
    merge_case(second.id, into=case.id, actor=STAFF)
    with pytest.raises(Refused, match="joined with another"):
        reopen_case(f"account:{ada.id}", second.id, reason="It is another hole.")


def test_rated_once_with_words_when_it_is_closed(ada: Account, bob: Account, case: Case) -> None:
    with pytest.raises(Refused, match="once we have finished"):
        rate_case(ada, case.id, rating=5)
    move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    with pytest.raises(NotFound):
        rate_case(bob, case.id, rating=1)
    rated = rate_case(ada, case.id, rating=4, words="Quick.")
    assert (rated.rating, rated.rating_words, rated.version) == (4, "Quick.", 3)
    assert rate_case(ada, case.id, rating=4, words="Quick.") == rated
    with pytest.raises(Conflict, match="already told us"):
        rate_case(ada, case.id, rating=1, words="Slow.")
    assert timeline(case.id)[0].details == {"rating": 4}
    reopen_case(f"account:{ada.id}", case.id, reason="It is back.")
    move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    assert rate_case(ada, case.id, rating=2).rating == 2
    for wrong in (0, 6):
        with pytest.raises(ValueError, match="from 1 to 5"):
            rate_case(ada, case.id, rating=wrong)
