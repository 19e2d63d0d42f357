import pytest

from portal.accounts.values import Account
from portal.cases import retention
from portal.cases.ending import rate_case
from portal.cases.moving import move_case
from portal.cases.opening import open_case
from portal.cases.queries import cases_of, get_case_for_staff, whole_timeline
from portal.cases.retention import let_go, would_let_go
from portal.db.session import session
from tests.support.cases import REPORT, RIGHTS, STAFF
from tests.support.fixtures import Clock


def test_closed_cases_lose_their_person_after_the_types_days_in_portions(
    ada: Account, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_SOME", retention._SOME.limit(2))
    old = [open_case(ada, case_type=REPORT, key=str(n)) for n in range(5)]
    for case in old:
        move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS, reason="Dear Ada")
        rate_case(ada, case.id, rating=5, words="Thank you, says Ada.")
    still_open = open_case(ada, case_type=REPORT, key="open")
    at.advance(days=REPORT.retention_days - 1)
    young = open_case(ada, case_type=REPORT, key="young")
    move_case(young.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    session().commit()
    assert would_let_go() == {("reporting", "report"): 0}
    let_go()
    at.advance(days=1, seconds=1)
    assert would_let_go() == {("reporting", "report"): 5}
    let_go()
    let_go()
    assert {case.id for case in cases_of(ada.id)} == {still_open.id, young.id}
    for case in old:
        kept = get_case_for_staff(case.id)
        assert (kept.rating, kept.rating_words, kept.opened_by) == (5, "", "account:forgotten")
        said = str(whole_timeline(case.id))
        assert str(ada.id) not in said
        assert "Ada" not in said
