"""What leads to a person is left out of what everybody reads, and waits for a moderator."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.kit import session
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.operations.moderating import moderate_update, show_report
from services.reporting.operations.updating import add_update
from services.reporting.queries.public import find_public_by_id
from services.reporting.queries.updates import updates_of
from services.reporting.rules.personal import leads_to_somebody, masked
from services.reporting.tests.conftest import Begin
from services.reporting.tests.telling import STAFF, Stranger, filed
from tests.support.residents import Resident


@pytest.mark.parametrize(
    "said",
    [
        "07700 900123", "+44 7700 900123", "+44 (0)7700 900123", "(020) 7946 0123", "020-7946-0123", "01632960123",
        "jane@doe.example", "Jane.O'Doe+x@mail.doe.example", "AB12 CDE", "ab12cde",
        "07700/900123", "07700 / 900123", "0 7700 900123", "07700\n900123", "07700\N{NO-BREAK SPACE}900123",
        "０７７００ ９００１２３", "0\u200b7700900\u2060123", "07700\N{NON-BREAKING HYPHEN}900\N{EN DASH}123",
        "AB12-CDE", "AB 12 CDE", "AB12\N{NO-BREAK SPACE}CDE", "A123 BCD", "ABC 123D", "a123bcd",
        "jane[at]doe.example", "jane (at) doe (dot) example", "jane at doe dot example", "jane＠doe.example",
        "QQ123456C", "QQ 12 34 56 C", "qq123456c",
    ],
)  # fmt: skip
def test_ways_to_reach_somebody_are_left_out(said: str) -> None:
    assert masked(f"Ring me: {said}, thanks.") == "Ring me: […], thanks."


@pytest.mark.parametrize(
    "said",
    [
        "W6 9JU", "51.49270, -0.23390", "Lamp column 20417", "since 01/02/2026 10:30", "01.02.2026 10:30", "a 3 m hole",
        "@home", "UPRN 100023336956", "a bill of £1200.50", "5 times in 2026",
        "-0.23390 51.49270", "01/02/2026 - 03/02/2026", "01.02.26 to 03.02.26", "2026-02-01 10:30", "09:00-17:00",
        "12a Alderfen Way", "at no 12 the Grove", "numbers 2, 4, 6 and 8", "in SW12 the road", "ON 12 MAY", "M25 bus",
        "the A219 near the A40", "reference 0800123456789", "column 20417-0230", "0.5 m by 0.25 m", "10 000 litres",
        "£0.50 to £12,000", "R9CR-H36Y", "BIN 12A", "bus 72 and 220", "meet at www.example.com", "20mph at 10 and 12",
    ],
)  # fmt: skip
def test_other_numbers_stay(said: str) -> None:
    assert masked(said) == said


@given(st.text(max_size=200))
def test_nothing_is_left_to_leave_out(words: str) -> None:
    assert not leads_to_somebody(masked(words))


_APART = st.sampled_from(["", " ", "-", "/", " / ", "\n", ".", "\N{NO-BREAK SPACE}", "\u200b", "\N{EN DASH}", ") "])


@given(st.lists(_APART, min_size=10, max_size=10), st.from_regex(r"07[0-9]{9}", fullmatch=True), st.booleans())
def test_a_telephone_number_is_left_out_however_its_digits_stand(apart: list[str], digits: str, wide: bool) -> None:
    written = "".join(digit + between for digit, between in zip(digits, [*apart, ""], strict=True))
    written = written.replace("0.", "0 ", 1)  # which begins a fraction
    if wide:
        written = written.translate({ord("0") + n: ord("０") + n for n in range(10)})
    left = masked(f"Ring {written} today")
    assert sum(letter.isdigit() for letter in left) < 4, left


@given(
    st.integers(1, 9999), st.dates(), st.decimals(0, 100_000, places=2), st.floats(0.1, 30).map(lambda m: f"{m:.2f}")
)
def test_house_numbers_dates_prices_and_heights_stay(house: int, day: date, price: Decimal, height: str) -> None:
    for said in (f"No {house}, on {day:%d/%m/%Y}", f"{day} £{price}", f"{house}b, {height} m high, {day:%d.%m.%y}"):
        assert masked(said) == said


def test_a_report_with_a_telephone_number_waits_and_is_shown_without_it(ada: Resident, context: Flask) -> None:
    report_id = filed(ada, "A hole. Ring me on 07700 900123, Jane Doe.", place="Larkspur Lane: by jane@doe.example")
    held = find_public_by_id(report_id) or pytest.fail("it is public")
    assert (held.words, held.place) == ("", "")
    report = session().get_one(Report, report_id)
    assert "07700" in report.description
    show_report(STAFF, report_id=report_id, words=report.public_words, place=report.public_place)
    session().commit()
    shown = find_public_by_id(report_id) or pytest.fail("it is public")
    assert shown.words == "A hole. Ring me on […], Jane Doe."
    assert shown.place == "Larkspur Lane: by […]"


def test_an_update_with_a_telephone_number_waits_and_is_shown_without_it(
    ada: Resident, ben: Resident, context: Flask
) -> None:
    report_id = filed(ada)
    report = find_public_by_id(report_id) or pytest.fail("it is public")
    assert not add_update(ben.account, report=report, words="Ring 07700 900123.", key=uuid4())
    session().commit()
    assert updates_of(report_id)[0] == []
    moderate_update(STAFF, update_id=session().scalars(select(Update.id)).one(), shown=True)
    session().commit()
    assert [each.words for each in updates_of(report_id)[0]] == ["Ring […]."]


def test_programs_get_no_telephone_number_either(ada: Resident, ben: Resident, context: Flask, app: Flask) -> None:
    report_id = filed(ada, "A hole. Ring me on 07700 900123.")
    quiet = filed(ada)
    report = find_public_by_id(quiet) or pytest.fail("it is public")
    add_update(ben.account, report=report, words="Ring 07700 900123.", key=uuid4())
    for of in (report_id, quiet):
        show = session().get_one(Report, of)
        show_report(STAFF, report_id=of, words=show.public_words, place=show.public_place)
    moderate_update(STAFF, update_id=session().scalars(select(Update.id)).one(), shown=True)
    session().commit()
    stranger = Stranger(app)
    for page in ("requests.json", "requests.xml", "servicerequestupdates.json", "servicerequestupdates.xml"):
        said = stranger.get(f"/open311/v2/{page}")
        assert "07700" not in said
        assert "Ring" in said
    assert "07700" not in stranger.get("/services/reporting/problems.atom")


def test_whoever_writes_a_number_is_told_before_sending_and_can_have_it_private(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    warning = "There seems to be a telephone number"
    assert warning not in ada.get(f"{journey.url}/check")
    journey.answer("description", description="A sofa. Ring 07700 900123.")
    assert warning in ada.get(f"{journey.url}/check")
    journey.answer("private", private="yes")
    assert warning not in ada.get(f"{journey.url}/check")
