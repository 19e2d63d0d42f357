"""What other servers say is read as they write it, and what is no answer of theirs is no answer."""

import json

import pytest
from pydantic import ValidationError

from services.reporting.rules.open311.reading import answer_as_json, code_of_errors
from services.reporting.settings.categories import Way
from services.reporting.settings.offices import Office
from services.reporting.settings.reporting import ReportingSettings

PLAIN = b"""<?xml version="1.0" encoding="utf-8"?>
<service_requests type="array">
  <request>
    <service_request_id>638344</service_request_id>
    <service_notice></service_notice>
    <account_id/>
    <extra><deep>1</deep></extra>
  </request>
</service_requests>"""


def test_a_list_of_flat_elements_is_read_without_blanks() -> None:
    assert json.loads(answer_as_json(PLAIN)) == {"root": "service_requests", "rows": [{"service_request_id": "638344"}]}


def test_namespaces_and_latin_letters_do_no_harm() -> None:
    written = '<?xml version="1.0" encoding="iso-8859-1"?><a xmlns="urn:x"><b><token>Caf\xe9</token></b></a>'
    assert json.loads(answer_as_json(written.encode("latin-1"))) == {"root": "a", "rows": [{"token": "Café"}]}


def test_an_empty_list_is_none() -> None:
    assert json.loads(answer_as_json(b"<service_requests/>"))["rows"] == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"<html><p>Sign in</html>",
        b'<!DOCTYPE a [<!ENTITY e "x">]><a><b><token>&e;</token></b></a>',
        b'<!doctype a SYSTEM "file:///etc/passwd"><a/>',
    ],
    ids=["nothing", "json", "page", "entity", "file"],
)
def test_what_is_no_answer_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        answer_as_json(content)
    assert code_of_errors(content) is None


def test_the_first_reason_of_a_refusal_is_kept() -> None:
    written = b"<errors><error><code>400</code><description> No\n such street </description></error></errors>"
    assert code_of_errors(written) == "No such street"
    assert code_of_errors(b"<errors><error><code>403</code></error></errors>") == "403"
    assert code_of_errors(b"<page/>") is None


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "open311"},
        {"kind": "webhook", "url": "https://hooks.example", "key": "whsec_c2hvcnQ="},
        {"kind": "webhook", "url": "https://hooks.example", "key": "twenty-four letters, but no base64"},
        {"kind": "email", "address": "nobody"},
        {"kind": "telex", "url": "https://telex.example"},
        {"kind": "open311", "url": "ftp://works.example"},
        {"kind": "open311", "url": "https://works.example", "seconds": 60},
    ],
    ids=lambda said: " ".join((*said, said["kind"], said.get("key", "")[:11])),
)
def test_an_office_that_cannot_be_reached_is_refused_at_start(said: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Office.model_validate(said)


def test_categories_go_to_the_contractor_once_there_is_one() -> None:
    light, hole = (ReportingSettings().catalogue.by_code[code] for code in ("street_light", "pothole"))
    assert ReportingSettings().way_of(light) == Way()
    led = ReportingSettings(works_url="https://works.example/open311")
    assert led.way_of(light) == Way(kind="open311", office="works")
    assert led.way_of(hole) == Way()
    assert led.every_office["works"].url == "https://works.example/open311"
