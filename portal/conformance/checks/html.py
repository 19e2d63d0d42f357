"""Every page as it is sent: valid, with one heading and its title, every field with a label; and no fault of ours."""

from collections.abc import Iterable, Iterator
from typing import Final

from portal.conformance.browsing import Shown
from portal.conformance.check import Check
from portal.conformance.findings import Finding, Look
from portal.conformance.house import House
from portal.conformance.pages import faults
from portal.conformance.walking import walked


def judge(house: House) -> Iterable[Look]:
    """One look for each page that was shown, those that say what is wrong with a form too."""
    for shown in house.once(walked).shown:
        if shown.status >= 500 and shown.status != 503:
            yield Look(shown.where, (_fault(house, shown),))
        elif shown.is_page:
            yield Look(shown.where, tuple(_findings(house, shown)))


def _fault(house: House, shown: Shown) -> Finding:
    return Finding(
        f"it ends with a fault of its own ({shown.status})",
        "Run it again with the same values under a debugger; a resident may type anything.",
        house.place_of(shown.endpoint),
    )


def _findings(house: House, shown: Shown) -> Iterator[Finding]:
    for each in faults(shown.page):
        yield Finding(each, "Mend the template of this page.", house.place_of(shown.endpoint))


CHECK: Final = Check(
    name="html",
    holds="Every page is valid HTML with one heading, its title, and a label for each field.",
    mend="Build pages of the components of portal/web/templates/web/components.",
    judge=judge,
)
