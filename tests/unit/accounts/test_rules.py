"""The rules of the profile."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts import rules
from portal.accounts.values import PostalAddress, Profile

TODAY = date(2026, 11, 22)
QUESTIONS = ("name", "date_of_birth", "phone", "contact", "home", "correspondence", "language")
PROFILE = Profile(
    account_id=uuid.UUID(int=1),
    language="en",
    given_name="Ann",
    family_name="Jones",
    preferred_name="",
    date_of_birth=None,
    email=None,
    email_confirmed_at=None,
    phone=None,
    contact_by=None,
    contact_needs="",
    addresses=(),
    verified=(),
    email_change=None,
)
HOME = PostalAddress("home", "1", ("1 High Street",), "W6 9JU", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("day", "fault"),
    [
        (date(2026, 11, 23), "past"),
        (date(2026, 11, 22), "past"),
        (date(2026, 11, 21), None),
        (date(1896, 1, 1), None),
        (date(1895, 12, 31), "1896 or later"),
        (date(1, 1, 1), "1896 or later"),
    ],
)
def test_a_date_of_birth_is_one_that_somebody_alive_can_have(day: date, fault: str | None) -> None:
    reason = rules.why_not_born(day, TODAY)
    assert (reason is None) if fault is None else (reason is not None and fault in reason)


@pytest.mark.parametrize(
    "number",
    [
        *("+442079460100", "+447700900123", "+441632960001", "+441134960999", "+441914980000", "+442896496123"),
        *("+442072343456", "+447911123456", "+448001111", "+33142685300", "+12125550123"),
    ],
)
def test_numbers_that_can_be_rung(number: str) -> None:
    assert rules.why_not_number(number) is None


@pytest.mark.parametrize(
    "number",
    [
        *("+44123", "+440000000000", "+44612345678", "+331", "+3399999999999"),
        *("+441111111111", "+449999999999", "+441632970001"),
    ],
)
def test_numbers_that_cannot(number: str) -> None:
    assert rules.why_not_number(number) is not None


@given(st.integers(min_value=1, max_value=10**12))
def test_every_number_that_can_be_parsed_is_judged_and_printed(digits: int) -> None:
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    rules.why_not_number(number)
    assert rules.printed_number(number)


def test_numbers_are_printed_as_people_write_them() -> None:
    assert rules.printed_number("+442079460100") == "020 7946 0100"
    assert rules.printed_number("+33142685300") == "+33 1 42 68 53 00"


def test_a_way_of_contact_needs_the_means() -> None:
    mobile = replace(PROFILE, phone="+447700900123", email="ann@example.org", addresses=(HOME,))
    for way in ("email", "text", "telephone", "letter"):
        assert rules.why_not_contact(PROFILE, way) is not None
        assert rules.why_not_contact(mobile, way) is None
    assert rules.why_not_contact(replace(mobile, phone="+442079460100"), "text") is not None
    assert rules.why_not_contact(replace(mobile, phone="+442079460100"), "telephone") is None
    assert rules.why_not_contact(replace(mobile, phone="+33612345678"), "text") is None


def test_a_number_stays_while_it_is_needed() -> None:
    for way, phone, stays in (
        ("telephone", None, True),
        ("text", None, True),
        ("text", "+442079460100", True),
        ("telephone", "+442079460100", False),
        ("text", "+447700900123", False),
        ("email", None, False),
        (None, None, False),
    ):
        assert (rules.why_not_phone(replace(PROFILE, contact_by=way), phone) is not None) is stays


def test_a_version_changes_with_its_own_answer_alone() -> None:
    moved = replace(PROFILE, addresses=(HOME,))
    changed = {q for q in QUESTIONS if rules.version_of(PROFILE, q) != rules.version_of(moved, q)}
    assert changed == {"home"}
    renamed = replace(PROFILE, preferred_name="Annie")
    changed = {q for q in QUESTIONS if rules.version_of(PROFILE, q) != rules.version_of(renamed, q)}
    assert changed == {"name"}


@given(st.text(), st.text(), st.text())
def test_names_that_differ_have_versions_that_differ(one: str, two: str, three: str) -> None:
    first = replace(PROFILE, given_name=one, family_name=two, preferred_name=three)
    second = replace(PROFILE, given_name=one + two, family_name="", preferred_name=three)
    if two:
        assert rules.version_of(first, "name") != rules.version_of(second, "name")
