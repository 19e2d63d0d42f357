"""What a program asks for is read as GeoReport v2 says, within its bounds, and each fault is named."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.rules.open311.asking import LONGEST_SPAN, read_moment, read_question, read_updates_question
from services.reporting.rules.open311.faults import Wrong

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def faults_of(**given: str) -> tuple[str, ...]:
    with pytest.raises(Wrong) as wrong:
        read_question({name: [value] for name, value in given.items()}, NOW)
    assert wrong.value.status == 400
    return wrong.value.sentences


def test_without_arguments_the_last_ninety_days_are_meant_and_a_thousand_at_most() -> None:
    asked = read_question({}, NOW)
    assert (asked.since, asked.until, asked.page_size) == (NOW - timedelta(days=90), None, 1000)


def test_an_empty_argument_is_none() -> None:
    names = ("service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size")
    assert read_question({name: [" "] for name in names}, NOW) == read_question({}, NOW)


def test_ids_overrule_everything_else() -> None:
    asked = read_question({"service_request_id": ["A, B,A"], "status": ["neither"], "start_date": ["never"]}, NOW)
    assert (asked.references, asked.since) == (("A", "B"), None)


def test_lists_come_with_commas_or_by_repeating_the_name() -> None:
    assert read_question({"service_code": ["pothole,graffiti", "pothole"]}, NOW).services == ("pothole", "graffiti")


@pytest.mark.parametrize(
    ("status", "is_open"), [("open", True), ("closed", False), ("open,closed", None), ("Open", True), ("", None)]
)
def test_status_is_open_or_closed_or_both(status: str, is_open: bool | None) -> None:
    assert read_question({"status": [status]}, NOW).is_open is is_open


@pytest.mark.parametrize(
    ("start", "end", "since", "until"),
    [
        ("2026-10-01T00:00:00Z", "", "2026-10-01T00:00+00:00", None),
        ("2020-01-01T00:00:00Z", "", "2020-01-01T00:00+00:00", "2020-03-31T00:00+00:00"),
        ("", "2020-03-31T00:00:00Z", "2020-01-01T00:00+00:00", "2020-03-31T00:00+00:00"),
        ("2020-01-01", "2020-01-02", "2020-01-01T00:00+00:00", "2020-01-02T00:00+00:00"),
    ],
)
def test_one_date_alone_reaches_ninety_days(start: str, end: str, since: str, until: str | None) -> None:
    asked = read_question({"start_date": [start], "end_date": [end]}, NOW)
    assert asked.since == datetime.fromisoformat(since)
    assert asked.until == (datetime.fromisoformat(until) if until else None)


def test_more_than_ninety_days_are_refused_and_not_cut() -> None:
    assert faults_of(start_date="2026-01-01T00:00:00Z", end_date="2026-04-02T00:00:00Z") == (
        "start_date and end_date may be at most 90 days apart",
    )


def test_changes_can_be_asked_for_instead() -> None:
    asked = read_question({"updated_after": ["2026-11-01T00:00:00Z"]}, NOW)
    assert (asked.by, asked.since) == ("updated", datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "fixed"),
        ("start_date", "yesterday"),
        ("start_date", "0001-01-01T00:00:00Z"),
        ("end_date", "9999-12-31T23:59:59-12:00"),
        ("page", "0"),
        ("page", "-1"),
        ("page", "١"),
        ("page", "1.5"),
        ("page_size", "1001"),
        ("page_size", "many"),
        ("service_code", "pothole'; --"),
        ("service_code", "\x00"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, value: str) -> None:
    (sentence,) = faults_of(**{name: value})
    assert sentence.startswith(name)


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(faults_of(status="x", page="y", start_date="z")) == 3


def test_one_kind_of_date_is_asked_by() -> None:
    assert "or by updated_after" in faults_of(updated_after="2026-11-01", start_date="2020-01-01")[0]


def test_the_end_before_the_start_is_told() -> None:
    assert faults_of(start_date="2026-11-02", end_date="2026-11-01") == ("end_date is before start_date",)


def test_a_page_so_deep_is_refused() -> None:
    assert read_question({"page": ["100"]}, NOW).before == 99_000
    assert "shorter time" in faults_of(page="101")[0]


@given(st.datetimes(datetime(1971, 1, 1), datetime(8000, 1, 1), timezones=st.timezones()))  # noqa: DTZ001  # bounds have no zone here
def test_a_moment_is_read_as_it_was_written_also_with_its_plus_lost(at: datetime) -> None:
    written = at.replace(microsecond=0).isoformat()
    assert read_moment(written) == read_moment(written.replace("+", " ")) == datetime.fromisoformat(written)


@given(st.text(max_size=40), st.text(max_size=40))
def test_nothing_that_is_sent_as_dates_is_a_fault_of_ours(start: str, end: str) -> None:
    try:
        asked = read_updates_question({"start_date": [start], "end_date": [end]}, NOW)
    except Wrong:
        return
    assert asked.since is not None
    assert asked.until is None or timedelta(0) <= asked.until - asked.since <= LONGEST_SPAN
