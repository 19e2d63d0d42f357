"""What the checks found as JUnit XML, for a council's own CI: a testsuite for each check, a testcase for each look."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from portal.conformance.findings import Finding, Look, Outcome

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write."""


def document(slug: str, outcomes: Sequence[Outcome]) -> str:
    """The XML, as Jenkins, GitLab and their like read it: counts on every suite, each case named once."""
    root = Xml.Element("testsuites", {"name": f"moothall service check {slug}", **_counts(outcomes)})
    for each in outcomes:
        suite = Xml.SubElement(root, "testsuite", {"name": each.check, **_counts([each])})
        for look in _merged(each):
            _case(suite, slug, each, look)
        if each.left_out:
            case = Xml.SubElement(suite, "testcase", classname=f"{slug}.{each.check}", name=each.check, time="0.000")
            Xml.SubElement(case, "skipped", message=each.left_out)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    looks = [look for each in outcomes for look in _merged(each)]
    left_out = sum(1 for each in outcomes if each.left_out)
    return {
        "tests": str(len(looks) + left_out),
        "failures": str(sum(1 for look in looks if look.findings)),
        "errors": "0",
        "skipped": str(left_out),
        "time": f"{sum(each.seconds for each in outcomes):.3f}",
    }


def _merged(outcome: Outcome) -> Sequence[Look]:
    """One look for each place: CI counts cases of one name as one."""
    by_place: dict[str, list[Look]] = {}
    for look in outcome.looks:
        by_place.setdefault(look.where, []).append(look)
    return [
        Look(where, tuple(dict.fromkeys(each for look in looks for each in look.findings)))
        for where, looks in by_place.items()
    ]


def _case(suite: Xml.Element, slug: str, outcome: Outcome, look: Look) -> None:
    seconds = outcome.seconds / max(len(_merged(outcome)), 1)
    case = Xml.SubElement(
        suite, "testcase", classname=f"{slug}.{outcome.check}", name=look.where, time=f"{seconds:.3f}"
    )
    if not look.findings:
        return
    failure = Xml.SubElement(case, "failure", type=outcome.check, message=_clean(look.findings[0].what))
    failure.text = _clean("\n".join(f"{each.what}\n  {_way(each)}" for each in look.findings))


def _way(finding: Finding) -> str:
    return f"{finding.place}  {finding.mend}" if finding.place else finding.mend


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("", text)
