"""Who is counted, what is exempt, and what is added for homes in which nobody lives."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.council_tax.rules import disregards, exemptions
from services.council_tax.rules.discounts import DISCOUNTS
from services.council_tax.rules.disregards import (
    DISREGARDS,
    Resident,
    Spell,
    adults_counted,
    days_of_change,
    household_class,
    leaver_spell,
)
from services.council_tax.rules.exemptions import EXEMPTIONS, last_exempt_day
from services.council_tax.rules.liability import Change
from services.council_tax.rules.premiums import (
    EXCEPTIONS,
    Home,
    empty_in_year,
    empty_premium,
    empty_premiums,
    excepted,
    last_excepted_day,
    second_home_premium,
)
from services.council_tax.tests.rule_cases import households

TODAY = date(2026, 5, 1)
ADULT = Resident()


def _resident(*codes: str) -> Resident:
    return Resident(spells=tuple(Spell(code, date(2025, 1, 1)) for code in codes))


@pytest.mark.parametrize("kind", DISREGARDS, ids=lambda kind: kind.code)
def test_nobody_on_the_list_counts(kind: disregards.Disregard) -> None:
    assert adults_counted([ADULT, _resident(kind.code)], TODAY) == 1
    assert kind.law
    assert str(kind.title)
    assert str(kind.proof)


def test_a_child_counts_from_their_eighteenth_birthday() -> None:
    born = Resident(adult_on=TODAY)
    assert adults_counted([ADULT, born], TODAY - timedelta(days=1)) == 1
    assert adults_counted([ADULT, born], TODAY) == 2


def test_a_spell_counts_on_its_first_and_last_day() -> None:
    student = Resident(spells=(Spell("student", date(2025, 9, 20), date(2026, 6, 30)),))
    counted = [
        adults_counted([student], day)
        for day in (date(2025, 9, 19), date(2025, 9, 20), date(2026, 6, 30), date(2026, 7, 1))
    ]
    assert counted == [1, 0, 0, 1]


HOMES = {
    "nobody": ([], ""),
    "an adult": ([ADULT], ""),
    "students": ([_resident("student"), _resident("student")], "N"),
    "a student and partner": ([_resident("student"), _resident("student_partner")], "N"),
    "the partner alone": ([_resident("student_partner")], ""),
    "a student and an adult": ([_resident("student"), ADULT], ""),
    "impaired": ([_resident("mentally_impaired")], "U"),
    "impaired and a student": ([_resident("mentally_impaired"), _resident("student")], "U"),
    "impaired and a carer": ([_resident("mentally_impaired"), _resident("carer")], ""),
    "a carer": ([_resident("carer")], ""),
    "students and a guest from Ukraine": ([_resident("student"), _resident("ukraine")], "N"),
    "guests from Ukraine alone": ([_resident("ukraine"), Resident(adult_on=date(2030, 1, 1))], ""),
    "a child": ([Resident(adult_on=date(2030, 1, 1))], "S"),
    "a student and a child": ([_resident("student"), Resident(adult_on=date(2030, 1, 1))], "N"),
}


@pytest.mark.parametrize(("home", "code"), HOMES.values(), ids=HOMES.keys())
def test_a_household_may_be_exempt_as_a_whole(home: list[Resident], code: str) -> None:
    assert household_class(home, TODAY) == code


@given(households())
def test_an_exempt_household_has_nobody_who_counts(home: list[Resident]) -> None:
    for day in (*days_of_change(home), TODAY):
        if household_class(home, day):
            assert adults_counted(home, day) == 0


@given(households())
def test_the_count_changes_on_no_day_but_those_named(home: list[Resident]) -> None:
    changing = set(days_of_change(home))
    day = date(2024, 1, 2)
    while day < date(2028, 1, 1):
        if day not in changing:
            assert adults_counted(home, day) == adults_counted(home, day - timedelta(days=1))
        day += timedelta(days=13)


@pytest.mark.parametrize(
    ("left_on", "birthday", "until_on"),
    [
        (date(2026, 6, 20), date(2027, 3, 1), date(2026, 10, 31)),
        (date(2026, 5, 1), date(2026, 8, 8), date(2026, 8, 7)),
        (date(2026, 10, 31), date(2027, 3, 1), date(2026, 10, 31)),
        (date(2026, 4, 30), date(2027, 3, 1), None),
        (date(2026, 11, 1), date(2027, 3, 1), None),
        (date(2026, 6, 20), date(2026, 6, 20), None),
    ],
    ids=["summer", "turns 20", "last day", "too early", "too late", "is 20"],
)
def test_school_leavers_are_disregarded_until_november(left_on: date, birthday: date, until_on: date | None) -> None:
    spell = leaver_spell(left_on, birthday)
    assert (spell.until_on if spell else None) == until_on


def test_every_class_of_the_order_is_there_but_a_and_c() -> None:
    assert [one.code for one in EXEMPTIONS] == list("BDEFGHIJKLMNOPQRSTUVW")
    assert {one.code for one in EXEMPTIONS if one.lived_in} == set("MNOPSUVW")
    assert set(exemptions.BY_CODE) == {one.code for one in EXEMPTIONS}


def test_class_b_lasts_six_months_and_class_f_until_six_months_after_probate() -> None:
    assert last_exempt_day("B", empty_since=date(2026, 1, 10)) == date(2026, 7, 9)
    assert last_exempt_day("F", granted_on=date(2026, 8, 31)) == date(2027, 2, 27)
    assert last_exempt_day("F") is None
    assert last_exempt_day("N", empty_since=TODAY, granted_on=TODAY) is None
    with pytest.raises(KeyError):
        last_exempt_day("A")


def test_an_empty_home_pays_more_after_one_five_and_ten_years() -> None:
    assert empty_premiums(date(2024, 6, 10)) == (
        (date(2025, 6, 9), Fraction(1)),
        (date(2029, 6, 9), Fraction(2)),
        (date(2034, 6, 9), Fraction(3)),
    )
    assert empty_premium(date(2024, 6, 10), date(2025, 6, 8)) is None
    rates = [empty_premium(date(2012, 1, 1), day) for day in (date(2021, 12, 30), date(2021, 12, 31), TODAY)]
    assert [change.rate if change else None for change in rates] == [2, 3, 3]


def test_each_step_is_charged_from_the_year_that_allowed_it() -> None:
    assert [since_on for since_on, _ in empty_premiums(date(2001, 1, 1))] == [
        date(2019, 4, 1), date(2020, 4, 1), date(2021, 4, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("empty_since", "first"),
    [
        (date(2022, 3, 1), date(2024, 2, 29)),
        (date(2022, 12, 1), date(2024, 4, 1)),
        (date(2023, 4, 2), date(2024, 4, 1)),
        (date(2023, 4, 3), date(2024, 4, 2)),
        (date(2024, 2, 29), date(2025, 2, 28)),
    ],
    ids=["two years", "between", "one year on the day", "one year", "leap day"],
)
def test_one_year_has_been_enough_since_april_2024(empty_since: date, first: date) -> None:
    assert empty_premiums(empty_since)[0][0] == first


def test_the_steps_of_a_year_begin_with_april_or_with_the_day_it_became_empty() -> None:
    steps = list(empty_in_year(date(2021, 9, 1), 2026))
    assert [(day, change.rate if change else None) for day, change in steps] == [
        (date(2026, 4, 1), Fraction(1)),
        (date(2026, 8, 31), Fraction(2)),
    ]
    assert list(empty_in_year(date(2026, 9, 1), 2026)) == [(date(2026, 9, 1), None)]


def test_second_homes_pay_double_from_april_2025_where_the_council_decided() -> None:
    assert second_home_premium(date(2025, 3, 31)) is None
    assert second_home_premium(date(2025, 4, 1)) == Change("premium", "second_home", rate=Fraction(1))
    assert second_home_premium(TODAY, since_on=date(2027, 4, 1)) is None
    assert second_home_premium(date(2025, 1, 1), since_on=date(2024, 4, 1)) is None
    assert second_home_premium(TODAY, Fraction(0)) is None


@pytest.mark.parametrize("code", "EFGHIJKLM")
def test_exceptions_are_for_the_homes_that_the_law_names(code: str) -> None:
    homes: dict[Home, str] = {"long_term_empty": "EFGHIM", "second_home": "EFGHIJKL"}
    for home, codes in homes.items():
        assert excepted(code, home, TODAY, TODAY) == (code in codes)


def test_an_exception_of_twelve_months_runs_from_its_reason_even_before_it_could_apply() -> None:
    assert last_excepted_day("G", date(2024, 12, 1)) == date(2025, 11, 30)  # Kingston's published example
    assert not excepted("G", "second_home", date(2024, 12, 1), date(2025, 3, 31))
    assert excepted("G", "second_home", date(2024, 12, 1), date(2025, 4, 1))
    assert excepted("G", "second_home", date(2024, 12, 1), date(2025, 11, 30))
    assert not excepted("G", "second_home", date(2024, 12, 1), date(2025, 12, 1))
    assert {one.code for one in EXCEPTIONS if last_excepted_day(one.code, TODAY)} == set("GHIM")
    assert {last_excepted_day(code, TODAY) for code in "GHIM"} == {date(2027, 4, 30)}
    assert not excepted("E", "second_home", TODAY, TODAY - timedelta(days=1))


@given(st.dates(date(2005, 1, 1), date(2030, 1, 1)), st.dates(date(2018, 4, 1), date(2040, 1, 1)))
def test_the_premium_of_an_empty_home_never_falls(empty_since: date, day: date) -> None:
    def rate(on: date) -> Fraction:
        change = empty_premium(empty_since, on)
        return change.rate if change else Fraction(0)

    assert rate(day) <= rate(day + timedelta(days=1)) <= 3
    assert empty_since <= day or not rate(day)


def test_every_kind_of_claim_has_a_title_and_a_code_of_its_own() -> None:
    for kinds in (DISREGARDS, EXEMPTIONS, EXCEPTIONS, DISCOUNTS):
        codes = [one.code for one in kinds]
        assert len(codes) == len(set(codes))
        assert all(str(one.title) for one in kinds)


def test_a_local_discount_is_told_from_one_by_law() -> None:
    assert {one.change().kind for one in DISCOUNTS if one.local} == {"local"}
    assert {one.change().kind for one in DISCOUNTS if not one.local} == {"discount"}
