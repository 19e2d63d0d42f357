"""Discounts as a resident meets them: what applies, asked for with evidence, and told to have ended."""

import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape

from portal.kit import clock, get_case
from services.council_tax.backoffice.changes import ClaimDiscount, EndDiscount
from services.council_tax.queries.asked import case_facts
from services.council_tax.rules.claim_journeys import OFFERED
from services.council_tax.rules.disregards import DISREGARDS
from services.council_tax.tests.claiming import alone, begin, lowers, on, send, up_to
from services.council_tax.tests.conftest import ACCOUNT, Works
from services.council_tax.tests.told import REFERENCE, ToldSystem, account
from tests.support.photos import photo
from tests.support.residents import Resident

PATH = "discounts"
SINCE = date(2026, 5, 1)
SINGLE: dict[str, Any] = {"what": {"what": "single_person"}, "since": on("since_on", SINCE)}
STUDENT: dict[str, Any] = {
    "what": {"what": "not_counted"},
    "reason": {"reason": "student"},
    "who": {"who": "Cai Lark"},
    "adults": {"adults": "2"},
    "since": on("since_on", SINCE),
    "until": on("until_on", date(2027, 6, 30)),
    "evidence": {},
}
ENDED: dict[str, Any] = {"which": {"which": "a-single_person"}, "last-day": on("ended_on", date(2026, 6, 30))}


@pytest.fixture(autouse=True)
def june(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some weeks into the year."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 10, 9, tzinfo=UTC))


@pytest.fixture
def by_herself(told: ToldSystem) -> ToldSystem:
    told.accounts_told[REFERENCE] = alone()
    return told


def test_what_applies_now_is_shown_with_its_dates(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(
        adjustments=(
            lowers("single_person", review_on=date(2026, 9, 1)),
            lowers("N", "exemption", until_on=date(2026, 12, 31)),
            lowers("second_home", "premium", pence=500),
            lowers("student", until_on=date(2026, 5, 31)),
        )
    )
    page = ada.get(f"{ACCOUNT}/{PATH}")
    for words in ("Only one adult lives here", "1 September 2026", "Only students live there", "31 December 2026"):
        assert words in page
    for gone in ("nobody’s main home", "Full-time student"):
        assert gone not in page


def test_the_single_person_discount_is_asked_for_question_by_question(
    ada: Resident, by_herself: ToldSystem, works: Works
) -> None:
    ada.get(f"{ACCOUNT}/{PATH}")
    url = begin(ada, PATH)
    for step, after in (("what", "since"), ("since", "check")):
        ada.get(f"{url}/{step}")
        assert ada.post(f"{url}/{step}", **SINGLE[step]).location == f"{url}/{after}"
    page = ada.get(f"{url}/check")
    assert "£346.69 less" in page  # a quarter of £1,386.77
    confirmation = ada.get(ada.post(f"{url}/check").location)
    assert "An officer looks at what you sent" in confirmation
    works()
    assert by_herself.changes == [ClaimDiscount(code="single_person", since_on=SINCE)]


def test_a_student_is_named_and_proved(app: Flask, ada: Resident, told: ToldSystem, works: Works) -> None:
    url = up_to(ada, PATH, STUDENT, "evidence")
    assert "A student certificate" in ada.get(f"{url}/evidence")
    paper: dict[str, Any] = {"evidence": (io.BytesIO(photo()), "certificate.jpg")}
    assert ada.post(f"{url}/evidence", **paper).location == f"{url}/evidence"
    assert "Remove file 1" in ada.get(f"{url}/evidence")
    assert ada.post(f"{url}/evidence").location == f"{url}/check"
    assert "Files: 1" in ada.get(f"{url}/check")
    case_reference = str(ada.post(f"{url}/check").location).rpartition("/")[2]
    works()
    assert told.changes == [
        ClaimDiscount(
            code="student",
            since_on=SINCE,
            until_on=date(2027, 6, 30),
            answers={"who": "Cai Lark", "adults": "2"},
        )
    ]
    with app.app_context():
        facts = {str(one.label): one for one in case_facts(get_case(ada.account.id, case_reference))}
    assert facts["What you asked for"].value == "Full-time student or foreign language assistant"
    assert facts["Who it is for"].value == "Cai Lark"
    assert facts["Evidence"].file_id is not None


def test_evidence_can_be_taken_out_again_and_is_judged(ada: Resident, told: ToldSystem) -> None:
    url = up_to(ada, PATH, STUDENT, "evidence")
    (sentence,) = ada.refused(f"{url}/evidence", evidence=(io.BytesIO(b"no photo"), "a.jpg"))
    assert sentence
    ada.post(f"{url}/evidence", evidence=(io.BytesIO(photo()), "a.jpg"))
    page = ada.get(f"{url}/evidence")
    (removing,) = re.findall(r'action="([^"]+/remove)"', page)
    assert ada.post(removing).location == f"{url}/evidence"
    assert "Remove file" not in ada.get(f"{url}/evidence")
    ada.post(removing, status=404)


def test_every_kind_of_person_can_be_asked_for(ada: Resident, told: ToldSystem) -> None:
    page = ada.get(f"{up_to(ada, PATH, STUDENT, 'reason')}/reason")
    for one in DISREGARDS:
        assert f'value="{one.code}"' in page
        assert str(escape(str(one.title))) in page


@pytest.mark.parametrize("code", [code for code in OFFERED if code not in ("single_person", "not_counted")])
def test_the_other_discounts_can_be_asked_for(ada: Resident, by_herself: ToldSystem, works: Works, code: str) -> None:
    url = begin(ada, PATH)
    where = ada.post(f"{url}/what", what=code).location
    for _ in range(5):
        step = where.rpartition("/")[2]
        ada.get(where)
        where = ada.post(where, **{"why": {"why": "Ill"}, "since": on("since_on", SINCE)}.get(step, {})).location
        if step == "check":
            break
    works()
    (change,) = by_herself.changes
    assert isinstance(change, ClaimDiscount)
    assert change.code == code


@pytest.mark.parametrize(
    ("step", "values", "said"),
    [
        ("what", {}, "Select which discount"),
        ("what", {"what": "all_disregarded"}, "Select which discount"),
        ("who", {"who": " "}, "Enter the name"),
        ("adults", {"adults": "-1"}, "Select how many"),
        ("since", {}, "Enter the day"),
        ("since", on("since_on", date(2019, 12, 31)), "1 January 2020 or later"),
        ("since", on("since_on", date(2062, 5, 1)), "Check the year"),
        ("since", {"since_on-day": "31", "since_on-month": "2", "since_on-year": "2026"}, "real date"),
        ("until", on("until_on", date(2026, 4, 30)), "1 May 2026 or later"),
        ("until", on("until_on", date(2062, 4, 30)), "Check the year"),
    ],
    ids=["none", "follows", "name", "negative", "no day", "too early", "wrong year", "31 Feb", "order", "far"],
)
def test_what_is_wrong_is_said_beside_its_field(
    ada: Resident, told: ToldSystem, step: str, values: dict[str, Any], said: str
) -> None:
    url = up_to(ada, PATH, STUDENT, step)
    (sentence,) = ada.refused(f"{url}/{step}", **values)
    assert said in sentence
    assert ada.client.get(f"{url}/check").location == f"{url}/{step}"


def test_what_the_account_has_is_not_asked_for_again(ada: Resident, by_herself: ToldSystem) -> None:
    by_herself.accounts_told[REFERENCE] = alone(adjustments=(lowers("single_person"), lowers("student")))
    url = begin(ada, PATH)
    assert "has this already, from 1 April 2026" in ada.refused(f"{url}/what", what="single_person")[0]
    ada.post(f"{url}/what", what="not_counted")
    assert "has this already" in ada.refused(f"{url}/reason", reason="student")[0]


def test_two_adults_on_the_account_are_no_single_person(ada: Resident, told: ToldSystem) -> None:
    assert "More than one adult" in ada.refused(f"{begin(ada, PATH)}/what", what="single_person")[0]


def test_the_same_again_is_said_with_its_reference(ada: Resident, by_herself: ToldSystem, works: Works) -> None:
    reference = send(ada, PATH, SINGLE).rpartition("/")[2]
    assert reference in ada.refused(f"{begin(ada, PATH)}/what", what="single_person")[0]
    works()
    ada.post(f"{begin(ada, PATH)}/what", what="single_person")  # once it is decided, the account itself says so


def test_two_students_are_two_claims_and_one_student_is_one(ada: Resident, told: ToldSystem, works: Works) -> None:
    send(ada, PATH, STUDENT)
    url = up_to(ada, PATH, STUDENT, "who")
    assert "already" in ada.refused(f"{url}/who", who="cai lark")[0]
    for step in ("who", "adults", "since", "until", "evidence"):
        ada.post(f"{url}/{step}", **(STUDENT | {"who": {"who": "Dee Lark"}})[step])
    ada.post(f"{url}/check")
    works()
    assert [one.answers["who"] for one in told.changes if isinstance(one, ClaimDiscount)] == ["Cai Lark", "Dee Lark"]


def test_sent_twice_and_from_two_tabs_it_is_one_claim(ada: Resident, by_herself: ToldSystem, works: Works) -> None:
    url = up_to(ada, PATH, SINGLE)
    assert begin(ada, PATH) == url  # the other tab goes on with the same
    first, second = (ada.post(f"{url}/check").location for _ in range(2))
    assert first == second == ada.client.get(f"{url}/since").location
    works()
    assert len(by_herself.changes) == 1


def test_what_was_begun_is_offered_again_or_deleted(ada: Resident, by_herself: ToldSystem) -> None:
    url = up_to(ada, PATH, SINGLE, "since")
    page = ada.get(f"{ACCOUNT}/{PATH}")
    assert f'href="{url}/since"' in page
    again = ada.post(f"{ACCOUNT}/{PATH}", anew="yes").location.rpartition("/")[0]
    assert again != url
    ada.get(f"{url}/since", status=404)


def test_change_comes_straight_back_and_what_no_longer_fits_is_asked_again(ada: Resident, told: ToldSystem) -> None:
    url = up_to(ada, PATH, STUDENT)
    assert ada.post(f"{url}/adults", adults="3").location == f"{url}/check"
    assert "this alone does not change the bill" in ada.get(f"{url}/check")
    assert ada.post(f"{url}/since", **on("since_on", date(2026, 6, 1))).location == f"{url}/until"
    assert ada.post(f"{url}/until").location == f"{url}/check"


def test_while_the_system_is_away_it_is_kept(ada: Resident, by_herself: ToldSystem, works: Works) -> None:
    by_herself.away = True
    assert "we cannot show what applies now" in ada.get(f"{ACCOUNT}/{PATH}")
    ada.get(send(ada, PATH, SINGLE))
    works()
    assert by_herself.changes == []
    assert "waits for our council tax system" in ada.get(f"{ACCOUNT}/{PATH}")


def test_one_that_ended_is_told_with_what_it_costs(ada: Resident, told: ToldSystem, works: Works) -> None:
    told.accounts_told[REFERENCE] = account(adjustments=(lowers("single_person"),))
    url = up_to(ada, "discounts/ended", ENDED)
    page = ada.get(f"{url}/check")
    assert "goes up by about £274" in page  # £1 a day from 1 July to 31 March
    assert "earlier years" not in page
    ada.get(ada.post(f"{url}/check").location)
    works()
    assert told.changes == [EndDiscount(code="single_person", ended_on=date(2026, 6, 30))]


def test_one_that_ended_last_year_says_that_earlier_bills_change_too(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(adjustments=(lowers("single_person", since_on=date(2024, 1, 1)),))
    url = up_to(ada, "discounts/ended", ENDED | {"last-day": on("ended_on", date(2026, 1, 31))})
    page = ada.get(f"{url}/check")
    assert "goes up by about £365" in page
    assert "earlier years go up as well" in page


@pytest.mark.parametrize(
    ("step", "values", "said"),
    [
        ("which", {"which": "a-none"}, "Select what no longer applies"),
        ("last-day", on("ended_on", date(2026, 3, 31)), "1 April 2026 or later"),
        ("last-day", on("ended_on", date(2027, 6, 30)), "nearer the time"),
    ],
    ids=["unknown", "before it began", "too far"],
)
def test_what_is_wrong_with_an_end_is_said(
    ada: Resident, told: ToldSystem, step: str, values: dict[str, Any], said: str
) -> None:
    told.accounts_told[REFERENCE] = account(adjustments=(lowers("single_person"),))
    url = up_to(ada, "discounts/ended", ENDED, step)
    assert said in ada.refused(f"{url}/{step}", **values)[0]


def test_where_nothing_applies_nothing_can_end(ada: Resident, by_herself: ToldSystem) -> None:
    page = ada.get(f"{ACCOUNT}/{PATH}")
    assert "Nothing lowers the bill" in page
    assert "no longer applies" not in page
    url = begin(ada, "discounts/ended")
    assert ada.client.get(f"{url}/which").location == f"{ACCOUNT}/discounts/ended"
    assert ada.client.get(f"{ACCOUNT}/discounts/ended").location == f"{ACCOUNT}/discounts"


def test_one_that_has_gone_meanwhile_is_not_ended(ada: Resident, told: ToldSystem, works: Works) -> None:
    told.accounts_told[REFERENCE] = account(adjustments=(lowers("single_person"),))
    url = up_to(ada, "discounts/ended", ENDED)
    told.accounts_told[REFERENCE] = account(adjustments=())
    assert "does not have this any more" in ada.refused(f"{url}/check")[0]
    works()
    assert told.changes == []


def test_somebody_elses_looks_like_none(ada: Resident, ben: Resident, robin: Resident, told: ToldSystem) -> None:
    url, where = up_to(ada, PATH, STUDENT), send(ada, PATH, STUDENT | {"who": {"who": "Another"}})
    for stranger in (robin, ben):
        for path in (f"{url}/check", f"{url}/what", f"{url}/evidence", where):
            stranger.get(path, status=404)
    robin.get(f"{ACCOUNT}/{PATH}", status=404)
    ada.get(url.replace(REFERENCE, "40009999") + "/check", status=404)
    ada.get(url.replace(PATH, "exemption") + "/lived", status=404)


def test_after_a_day_too_far_ahead_nothing_is_kept(ada: Resident, by_herself: ToldSystem) -> None:
    url = up_to(ada, PATH, SINGLE, "since")
    far = clock.today() + timedelta(days=366)
    assert "or earlier" in ada.refused(f"{url}/since", **on("since_on", far))[0]
    assert ada.post(f"{url}/since", **on("since_on", far - timedelta(days=1))).location == f"{url}/check"
