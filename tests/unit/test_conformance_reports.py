"""The kit's report for people and for CI."""

from xml.etree import ElementTree as Xml

from portal.conformance.findings import Finding, Look, Outcome
from portal.conformance.junit import document
from portal.conformance.report import NAME, count, lines

WRONG = Finding("it answers\x00 a stranger with 200", "Leave the gate to the portal.", "hedges/views.py:12")
BAD = Outcome("strangers", "Closed.", (Look("hedges.sent", (WRONG, WRONG)), Look("hedges.index")), 0.5)
GOOD = Outcome("get", "Reads.", (Look("/a"), Look("/a")), 0.1)
LEFT_OUT = Outcome("axe", "Fine.", left_out="No browser.")


def test_a_finding_says_what_where_and_how_to_mend_it_once() -> None:
    assert list(lines(BAD)) == [
        f"bad   {'strangers'.ljust(NAME)}  Closed.",
        "      hedges.sent: it answers\x00 a stranger with 200",
        "        → hedges/views.py:12  Leave the gate to the portal.",
    ]


def test_the_last_line_counts() -> None:
    assert count("hedges", [BAD, GOOD, LEFT_OUT]) == "hedges: 1 finding, in 2 checks of 4 things."
    assert count("hedges", [GOOD]) == "hedges: nothing is wrong, in 1 checks of 2 things."


def test_junit_has_a_case_for_each_look_and_counts_that_fit() -> None:
    root = Xml.fromstring(document("hedges", [BAD, GOOD, LEFT_OUT]))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "4",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
        "time": "0.600",
    }
    for suite in root:
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert len({case.get("name") for case in cases}) == len(cases)
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("message") == "it answers a stranger with 200"
    assert "hedges/views.py:12  Leave the gate" in (failure.text or "")
