"""Answers of the API are well formed in both formats, whatever somebody wrote into them."""

import json
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.rules.open311.writing import Answer, element, errors, moment

ANSWER = Answer("services", [{"service_code": "pothole", "metadata": True, "group": None, "keywords": "a & b <c>"}])


def test_json_has_no_outermost_name() -> None:
    assert json.loads(ANSWER.written("json")) == ANSWER.content


def test_xml_is_declared_and_names_each_element() -> None:
    assert ANSWER.written("xml").decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        "<services><service><service_code>pothole</service_code><metadata>true</metadata><group/>"
        "<keywords>a &amp; b &lt;c&gt;</keywords></service></services>"
    )


def test_an_empty_list_is_an_empty_element() -> None:
    assert Answer("service_requests", []).written("xml").endswith(b"<service_requests></service_requests>")
    assert Answer("service_requests", []).written("json") == b"[]"


def test_errors_are_a_list_in_both() -> None:
    told = errors(400, ["status is open or closed", "page is a number"])
    assert json.loads(told.written("json"))[1] == {"code": 400, "description": "page is a number"}
    assert [each.findtext("code") for each in ET.fromstring(told.written("xml"))] == ["400", "400"]


def test_moments_are_utc_to_the_second() -> None:
    at = datetime(2026, 6, 1, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert moment(at) == "2026-06-01T11:00:00Z"
    assert datetime.fromisoformat(moment(at)) == datetime(2026, 6, 1, 11, tzinfo=UTC)


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_leaves_both_formats_whole(text: str) -> None:
    answer = Answer("errors", [{"description": text}])
    assert json.loads(answer.written("json"))[0]["description"] == text
    assert len(ET.fromstring(answer.written("xml"))) == 1


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"])))
def test_what_people_can_read_arrives_as_it_was_written(text: str) -> None:
    told = ET.fromstring(Answer("errors", [{"description": text}]).written("xml")).findtext("error/description")
    assert told == text


def test_control_characters_do_not_break_the_whole() -> None:
    assert element("description", "a\x00b\x1bc\ufffe") == "<description>a\ufffdb\ufffdc\ufffd</description>"
