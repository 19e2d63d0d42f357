"""A date in three parts: each way of getting it wrong has its own sentence and its own part to go to."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.web.forms import DateField, Form
from tests.unit.web.conftest import make_app


class Birth(Form):
    born = DateField("Date of birth", required="Enter your date of birth", autocomplete="bday")


class Maybe(Form):
    since = DateField("Since when?")


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app()


@pytest.fixture(autouse=True)
def _in_a_request(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def judged(*parts: tuple[str, str], form: Form | None = None) -> Form:
    form = form or Birth()
    form.process(MultiDict([(f"born-{name}" if name else "born", value) for name, value in parts]))
    form.validate()
    return form


def typed(day: str, month: str, year: str) -> Form:
    return judged(("day", day), ("month", month), ("year", year))


@pytest.mark.parametrize(
    ("parts", "read"),
    [
        (("27", "3", "1985"), date(1985, 3, 27)),
        (("07", "03", "1985"), date(1985, 3, 7)),
        ((" 1 ", "1", "2000"), date(2000, 1, 1)),
        (("29", "2", "2024"), date(2024, 2, 29)),
        (("5", "March", "1999"), date(1999, 3, 5)),
        (("5", "sept", "1999"), date(1999, 9, 5)),
        (("5", "Rhagfyr", "1999"), date(1999, 12, 5)),
    ],
)
def test_dates_are_read_as_people_write_them(parts: tuple[str, str, str], read: date) -> None:
    form = typed(*parts)
    assert (form.born.data, form.errors) == (read, {})


@pytest.mark.parametrize(
    ("parts", "sentence", "target"),
    [
        (("", "", ""), "Enter your date of birth", "born-day"),
        (("", "3", "1985"), "Date of birth must include a day", "born-day"),
        (("27", "", "1985"), "Date of birth must include a month", "born-month"),
        (("27", "3", ""), "Date of birth must include a year", "born-year"),
        (("27", "", ""), "Date of birth must include a month and year", "born-month"),
        (("", "3", ""), "Date of birth must include a day and year", "born-day"),
        (("", "", "1985"), "Date of birth must include a day and month", "born-day"),
        (("27", "3", "85"), "Date of birth must have a year of 4 numbers", "born-year"),
        (("27", "3", "12345"), "Date of birth must have a year of 4 numbers", "born-year"),
        (("31", "6", "1985"), "Date of birth must be a real date", "born-day"),
        (("29", "2", "2023"), "Date of birth must be a real date", "born-day"),
        (("0", "3", "1985"), "Date of birth must be a real date", "born-day"),
        (("27", "13", "1985"), "Date of birth must be a real date", "born-month"),
        (("27", "ma", "1985"), "Date of birth must be a real date", "born-month"),
        (("27", "mar/apr", "1985"), "Date of birth must be a real date", "born-month"),
        (("27", "3", "0000"), "Date of birth must be a real date", "born-year"),
        (("27", "3", "9999"), "Date of birth must be a real date", "born-year"),
        (("-1", "3", "1985"), "Date of birth must be a real date", "born-day"),
        (("1.5", "3", "1985"), "Date of birth must be a real date", "born-day"),
        (("٢", "3", "1985"), "Date of birth must be a real date", "born-day"),
        (("²", "3", "1985"), "Date of birth must be a real date", "born-day"),
        (("\x00", "3", "1985"), "Date of birth must include a day", "born-day"),
        (("1" * 5000, "3", "1985"), "Date of birth must be a real date", "born-day"),
        (("1", "3", "1" * 5000), "Date of birth must have a year of 4 numbers", "born-year"),
    ],
)
def test_each_fault_has_its_sentence_and_its_part(parts: tuple[str, str, str], sentence: str, target: str) -> None:
    form = typed(*parts)
    assert form.born.data is None
    assert form.errors_in_order() == [(target, sentence)]
    assert f'id="{target}"' in form.born()


def test_none_one_two_or_four_parts_never_break_it() -> None:
    assert judged().born.errors == ["Enter your date of birth"]
    assert judged(("", "1985-03-27")).born.errors == ["Enter your date of birth"]
    assert judged(("day", "1")).born.errors == ["Date of birth must include a month and year"]
    assert judged(("day", "1"), ("month", "2")).born.errors == ["Date of birth must include a year"]
    four = judged(("day", "1"), ("month", "2"), ("year", "2000"), ("hour", "3"))
    assert four.born.data == date(2000, 2, 1)


def test_a_part_sent_twice_is_refused_and_the_same_part_twice_is_not() -> None:
    twice = judged(("day", "1"), ("day", "2"), ("month", "2"), ("year", "2000"))
    assert twice.errors_in_order()[0][0] == "born-day"
    same = judged(("day", "1"), ("day", "1"), ("month", "2"), ("year", "2000"))
    assert same.born.data == date(2000, 2, 1)


def test_only_the_parts_that_are_wrong_are_marked() -> None:
    html = typed("27", "3", "").born()
    assert html.count("govuk-input--error") == 1
    assert typed("", "", "").born().count("govuk-input--error") == 3
    assert typed("27", "3", "1985").born().count("govuk-input--error") == 0


def test_what_was_typed_is_shown_again() -> None:
    html = typed("31", "febr<uary", "2020").born()
    assert 'value="31"' in html
    assert 'value="febr&lt;uary"' in html


def test_prefill_takes_dates_and_moments() -> None:
    assert Birth(born=date(1985, 3, 27)).born.parts == {"day": "27", "month": "3", "year": "1985"}
    assert Birth(born=datetime(1985, 3, 27, 12)).born.data == date(1985, 3, 27)  # noqa: DTZ001  # a naive one too
    assert Birth(born=None).born.data is None
    assert 'autocomplete="bday-day"' in Birth().born()


def test_an_optional_date_may_be_left_out() -> None:
    form = Maybe()
    form.process(MultiDict())
    assert form.validate()
    assert form.since.data is None
    assert "Since when? (optional)" in form.since()


@given(st.tuples(st.text(max_size=8), st.text(max_size=12), st.text(max_size=8)))
def test_any_three_texts_end_in_a_date_or_a_sentence(parts: tuple[str, str, str]) -> None:
    form = typed(*parts)
    assert (form.born.data is None) == bool(form.born.errors)


@given(st.dates(min_value=date(1800, 1, 1), max_value=date(2200, 12, 31)))
def test_every_real_date_is_read(day: date) -> None:
    assert typed(str(day.day), str(day.month), str(day.year)).born.data == day
