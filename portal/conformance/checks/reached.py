"""Every view can be come to by links and forms in plain HTML, with the demo's data and the service's samples."""

from collections.abc import Iterable
from typing import Final

from portal.conformance.check import Check
from portal.conformance.checks.routes import own_rules
from portal.conformance.findings import Finding, Look
from portal.conformance.house import House
from portal.conformance.walking import walked

BY_LETTER: Final = frozenset({"token", "secret"})
"""What stands in the address of a page that only a letter leads to."""


def judge(house: House) -> Iterable[Look]:
    """One look for each view of the service."""
    walk = house.once(walked)
    reached = walk.reached()
    for shown, address in walk.without_button:
        what = f"the form to {address} has no button"
        yield Look(
            shown.where,
            (Finding(what, "Give it a submit button: not everybody has script.", house.place_of(shown.endpoint)),),
        )
    for endpoint, rules in own_rules(house).items():
        if any(rule.arguments & BY_LETTER for rule in rules):
            continue
        yield Look(endpoint, () if endpoint in reached else (_never(house, endpoint, rules[0].rule),))


def _never(house: House, endpoint: str, rule: str) -> Finding:
    return Finding(
        f"no link and no form led to {rule}",
        "Link to it, put what it shows into the demo data, or say in Sample.answers what to type on the way.",
        house.place_of(endpoint),
    )


CHECK: Final = Check(
    name="reached",
    holds="Every page can be come to without script, and every form be sent.",
    mend="Link to each page, and have the demo data and Sample.answers lead everywhere.",
    judge=judge,
)
